package clickhouse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"headgate/destinations/rows"
	"headgate/destinations/tables"
	"headgate/event"
)

const receivedIn = " WHERE received >= fromUnixTimestamp64Milli({since:Int64}) AND received < fromUnixTimestamp64Milli({until:Int64}) "

func span(since, until time.Time) map[string]string {
	return map[string]string{"since": strconv.FormatInt(since.UnixMilli(), 10), "until": strconv.FormatInt(until.UnixMilli(), 10)}
}

// List names the hours in which events of the table were received.
func (d *Driver) List(ctx context.Context, since, until time.Time) (pieces []string, err error) {
	lines, err := d.server.ask(ctx, "SELECT DISTINCT toUnixTimestamp(toStartOfHour(received)) AS hour FROM "+d.events.name+receivedIn+"ORDER BY hour", span(since, until))
	if err != nil {
		return nil, fmt.Errorf("list the hours of %s: %w", d.events.table, err)
	}
	for _, line := range lines {
		seconds, err := strconv.ParseInt(line[0], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("list the hours of %s: %w", d.events.table, err)
		}
		pieces = append(pieces, rows.HourPiece(time.Unix(seconds, 0)))
	}
	return pieces, nil
}

// Read reads the events that were received in one hour, each once, in the order of their times.
func (d *Driver) Read(ctx context.Context, piece string, fn func(row event.Map) bool) error {
	since, until, err := rows.HourOf(piece)
	if err != nil {
		return fmt.Errorf("read %s: %w", d.events.table, err)
	}
	settings := map[string]string{"default_format": "JSONEachRow"}
	for name, value := range span(since, until) {
		settings["param_"+name] = value
	}
	body, err := d.server.open(ctx, d.server.reader, "", settings, []byte("SELECT "+tables.Quoted(tables.Names(d.events.columns), quote)+" FROM "+d.events.name+" FINAL"+receivedIn+
		"ORDER BY received, time, id SETTINGS date_time_output_format = 'iso', output_format_json_quote_64bit_integers = 0"), "")
	if err == nil {
		err = d.readLines(body, fn)
		_ = body.Close() // what follows is not needed
	}
	if err != nil {
		return fmt.Errorf("read %s of %s: %w", piece, d.events.table, err)
	}
	return nil
}

func (d *Driver) readLines(body io.Reader, fn func(row event.Map) bool) error {
	for lines := bufio.NewReaderSize(body, 64<<10); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if strings.HasPrefix(string(line), "Code: ") { // the server failed when the answer had begun
			return &failure{status: 200, message: strings.TrimSpace(string(line))}
		}
		v, err := event.ParseJSON(line)
		if err != nil {
			return err
		}
		row := v.Object()
		for i := range d.events.columns {
			if c := &d.events.columns[i]; c.Type == rows.JSON || c.Type == rows.Items {
				if err := unfold(&row, c.Name); err != nil {
					return fmt.Errorf("column %s: %w", c.Name, err)
				}
			}
		}
		if !fn(row) {
			return nil
		}
	}
}

// unfold makes of a column's text the JSON that it is.
func unfold(row *event.Map, column string) error {
	text := row.Text(column)
	if text == "" {
		row.Set(column, event.Value{})
		return nil
	}
	v, err := event.ParseJSON([]byte(text))
	if err == nil {
		row.Set(column, v)
	}
	return err
}
