package postgres

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"headgate/destinations"
	"headgate/destinations/rows"
	"headgate/destinations/tables"
	"headgate/event"
)

// table is where rows go, of events or of decisions about them.
type table[T any] struct {
	name    pgx.Identifier // with its schema, when one was given
	key     string         // the columns of the primary key
	columns []rows.Column[T]
	names   []string // of the columns
	staging string   // the temporary table that batches are copied into; its name changes with the columns
	months  *months  // nil when the table has no partitions of ours
}

// eventTable has the columns of events. Where it is in partitions, the key has the time too: PostgreSQL asks for that.
func eventTable(name string, own []destinations.Column, byMonth bool) table[destinations.Sending] {
	columns := rows.Events(own)
	if !byMonth {
		return newTable(name, rows.Key, columns)
	}
	for i := range columns {
		if columns[i].Name == monthColumn {
			columns[i].Ref = func(s *destinations.Sending) any { return timeOf(s.Event) }
		}
	}
	t := newTable(name, rows.Key+", "+monthColumn, columns)
	t.months = &months{known: map[string]bool{}}
	return t
}

// decisionTable accompanies the table of events and has a row for each event and destination.
func decisionTable(events string) table[rows.Decision] {
	return newTable(events+"_decisions", "event_id, destination", rows.Decisions())
}

func newTable[T any](name, key string, columns []rows.Column[T]) table[T] {
	t := table[T]{name: strings.Split(name, "."), key: key, columns: columns, names: tables.Names(columns)}
	shape := fnv.New32a()
	for i := range columns {
		fmt.Fprintln(shape, columns[i].Name, kinds[columns[i].Type])
	}
	t.staging = fmt.Sprintf("headgate_batch_%08x", shape.Sum32())
	return t
}

// kinds are the types of columns. What has no fixed shape, and items, are jsonb.
var kinds = map[rows.Type]string{
	rows.Text: "text", rows.Bool: "boolean", rows.Integer: "bigint", rows.Number: "double precision", rows.Time: "timestamptz", rows.JSON: "jsonb", rows.Items: "jsonb",
}

// value is what stands in the column of a field; nil for what was not said. Of a boolean only true is ever said, so those
// are never null. The text of an event is not copied.
func value(ref any, t rows.Type) any {
	switch p := ref.(type) {
	case *event.Value:
		return own(p, t)
	case *string:
		if *p == "" {
			return nil
		}
		if !utf8.ValidString(*p) {
			return strings.ToValidUTF8(*p, "\uFFFD")
		}
	case *int64:
		if *p == 0 {
			return nil
		}
	case *time.Time:
		if p.IsZero() {
			return nil
		}
	case *event.Map:
		if len(*p) == 0 {
			return nil
		}
		return validJSON(p.AppendJSON(nil))
	case *[]event.Item:
		if len(*p) == 0 {
			return nil
		}
		list := []byte{'['}
		for i := range *p {
			if i > 0 {
				list = append(list, ',')
			}
			list = (*p)[i].AppendJSON(list)
		}
		return validJSON(append(list, ']'))
	}
	return ref
}

// own is a value of a person's own column, which is of the column's type.
func own(v *event.Value, t rows.Type) any {
	if v == nil || v.IsNull() {
		return nil
	}
	switch t {
	case rows.Bool:
		b, _ := v.Bool()
		return b
	case rows.Integer:
		return rows.Int64(*v)
	case rows.Number:
		f, _ := v.Float()
		return f
	case rows.Time:
		at, _ := event.ParseTime(*v)
		return at
	case rows.JSON:
		return validJSON(v.AppendJSON(nil))
	}
	return strings.ToValidUTF8(v.Text(), "\uFFFD")
}

func validJSON(b []byte) []byte { return bytes.ToValidUTF8(b, []byte("\uFFFD")) }

// definition says how the table is looked at, made and widened. Several Headgates may do this at the same time: they wait for each other.
func (t *table[T]) definition(with func(context.Context, func(*pgx.Conn) error) error) tables.Definition {
	name := t.name.Sanitize()
	create := "CREATE TABLE IF NOT EXISTS " + name + " (\n" + tables.Lines(t.sql()) + ",\n    PRIMARY KEY (" + t.key + ")\n)"
	if t.months != nil {
		create += " PARTITION BY RANGE (" + monthColumn + ")"
	}
	return tables.Definition{Name: strings.Join(t.name, "."), Quoted: name, Columns: t.sql(), Create: create,
		Widen: func(columns []string) []string {
			return []string{"ALTER TABLE " + name + " ADD COLUMN IF NOT EXISTS " + strings.Join(columns, ", ADD COLUMN IF NOT EXISTS ")}
		},
		Look: func(ctx context.Context) (there []string, err error) {
			err = with(ctx, func(conn *pgx.Conn) error {
				lines, err := conn.Query(ctx, "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped", name)
				if err == nil {
					there, err = pgx.CollectRows(lines, pgx.RowTo[string])
				}
				return err
			})
			return there, err
		},
		Run: func(ctx context.Context, statement string) error {
			return with(ctx, func(conn *pgx.Conn) error {
				return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
					_, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext($1))", "headgate "+name)
					if err == nil {
						_, err = tx.Exec(ctx, statement)
					}
					return err
				})
			})
		}}
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// sql are the columns as a statement defines them.
func (t *table[T]) sql() []tables.Column {
	return tables.Columns(t.columns, quote, func(c *rows.Column[T]) string { return kinds[c.Type] })
}

// insert writes rows in a transaction. Those that the table has already, by their key, stay as they are. The temporary table
// lives as long as the connection, so that the catalogue does not grow with every batch; it is made with IF NOT EXISTS each
// time because behind a pooler every transaction may meet another connection.
func (t *table[T]) insert(ctx context.Context, tx pgx.Tx, list []*T) error {
	staging := pgx.Identifier{"pg_temp", t.staging}
	if _, err := tx.Exec(ctx, fmt.Sprintf("CREATE TEMPORARY TABLE IF NOT EXISTS %s (%s) ON COMMIT DELETE ROWS", quote(t.staging), tables.Lines(t.sql()))); err != nil {
		return err
	}
	row := make([]any, len(t.columns))
	at := 0
	_, err := tx.CopyFrom(ctx, staging, t.names, pgx.CopyFromFunc(func() ([]any, error) {
		if at == len(list) {
			return nil, nil
		}
		for i := range t.columns {
			row[i] = value(t.columns[i].Ref(list[at]), t.columns[i].Type)
		}
		at++
		return row, nil
	}))
	if err != nil {
		return err
	}
	columns := tables.Quoted(t.names, quote)
	// In the order of keys, so that two transactions with the same keys wait for each other instead of locking each other out.
	_, err = tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s ORDER BY %s ON CONFLICT DO NOTHING",
		t.name.Sanitize(), columns, columns, staging.Sanitize(), t.key))
	return err
}
