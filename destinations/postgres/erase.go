package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"headgate/destinations"
)

// Erase removes the rows of someone. The user needs the right DELETE on the table, which nothing else does.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (destinations.Erased, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	conn, _, err := d.borrow(ctx)
	if err != nil {
		return destinations.Erased{}, err
	}
	defer d.release(conn)
	if err := d.prepare(ctx, conn); err != nil {
		return destinations.Erased{}, err
	}
	column := pgx.Identifier{strings.ReplaceAll(p.Field, ".", "_")}.Sanitize()
	if p.AnyCase {
		column = "lower(" + column + ")"
	}
	theirs := fmt.Sprintf("FROM %s WHERE %s = ANY($1)", d.events.name.Sanitize(), column)
	var out destinations.Erased
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if d.decisions != nil { // the decisions know the person by the events' ids only
			if _, err := tx.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE event_id IN (SELECT id %s)", d.decisions.name.Sanitize(), theirs), p.Values); err != nil {
				return err
			}
		}
		tag, err := tx.Exec(ctx, "DELETE "+theirs, p.Values)
		out.Removed = tag.RowsAffected()
		return err
	})
	if err != nil {
		return destinations.Erased{}, fmt.Errorf("delete rows of %s: %s", strings.Join(d.events.name, "."), words(err))
	}
	return out, nil
}
