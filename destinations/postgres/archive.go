package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"headgate/destinations/rows"
	"headgate/destinations/tables"
	"headgate/event"
)

// List names the hours in which events of the table were received.
func (d *Driver) List(ctx context.Context, since, until time.Time) (pieces []string, err error) {
	conn, _, err := d.borrow(ctx)
	if err != nil {
		return nil, err
	}
	defer d.release(conn)
	lines, err := conn.Query(ctx, "SELECT DISTINCT date_trunc('hour', received AT TIME ZONE 'UTC') AS hour FROM "+d.events.name.Sanitize()+
		" WHERE received >= $1 AND received < $2 ORDER BY hour", since, until)
	if err != nil {
		return nil, fmt.Errorf("list the hours of %s: %s", d.table(), words(err))
	}
	hours, err := pgx.CollectRows(lines, pgx.RowTo[time.Time])
	if err != nil {
		return nil, fmt.Errorf("list the hours of %s: %s", d.table(), words(err))
	}
	for _, hour := range hours {
		pieces = append(pieces, rows.HourPiece(hour))
	}
	return pieces, nil
}

func (d *Driver) table() string { return strings.Join(d.events.name, ".") }

// Read reads the events that were received in one hour, in the order of their times.
func (d *Driver) Read(ctx context.Context, piece string, fn func(row event.Map) bool) error {
	since, until, err := rows.HourOf(piece)
	if err != nil {
		return fmt.Errorf("read %s: %w", d.table(), err)
	}
	conn, _, err := d.borrow(ctx)
	if err != nil {
		return err
	}
	defer d.release(conn)
	lines, err := conn.Query(ctx, "SELECT to_json(e)::text FROM (SELECT "+tables.Quoted(d.events.names, quote)+" FROM "+d.events.name.Sanitize()+
		" WHERE received >= $1 AND received < $2 ORDER BY received, time, id) e", since, until)
	if err != nil {
		return fmt.Errorf("read %s of %s: %s", piece, d.table(), words(err))
	}
	defer lines.Close()
	for more := true; more && lines.Next(); {
		v, err := event.ParseJSON(lines.RawValues()[0])
		if err != nil {
			return fmt.Errorf("read %s of %s: %w", piece, d.table(), err)
		}
		more = fn(v.Object())
	}
	lines.Close()
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read %s of %s: %s", piece, d.table(), words(err))
	}
	return nil
}
