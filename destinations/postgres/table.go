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
	"headgate/event"
)

// table is where rows go, of events or of decisions about them.
type table[T any] struct {
	name    pgx.Identifier // with its schema, when one was given
	key     string         // the columns of the primary key
	columns []column[T]
	names   []string // of the columns
	staging string   // the temporary table that batches are copied into; its name changes with the columns
}

type column[T any] struct {
	name, kind string
	ref        func(*T) any
}

// eventTable has a column per field of the vocabulary.
func eventTable(name string) table[event.Event] {
	var columns []column[event.Event]
	for i := range event.Fields {
		f := &event.Fields[i]
		columns = append(columns, column[event.Event]{f.Column(), kind(f.Ref(&event.Event{})), f.Ref})
	}
	return newTable(name, "id", columns)
}

// decisionTable accompanies the table of events and has a row for each event and destination.
func decisionTable(events string) table[destinations.DecisionRow] {
	var columns []column[destinations.DecisionRow]
	for _, c := range destinations.DecisionColumns {
		columns = append(columns, column[destinations.DecisionRow]{c.Name, kind(c.Ref(&destinations.DecisionRow{})), c.Ref})
	}
	return newTable(events+"_decisions", "event_id, destination", columns)
}

func newTable[T any](name, key string, columns []column[T]) table[T] {
	t := table[T]{name: strings.Split(name, "."), key: key, columns: columns}
	shape := fnv.New32a()
	for _, c := range columns {
		t.names = append(t.names, c.name)
		fmt.Fprintln(shape, c.name, c.kind)
	}
	t.staging = fmt.Sprintf("headgate_batch_%08x", shape.Sum32())
	return t
}

// kind is the type of the column of a field. What has no fixed shape, and items, are jsonb.
func kind(ref any) string {
	switch ref.(type) {
	case *string:
		return "text"
	case *bool:
		return "boolean"
	case *int64:
		return "bigint"
	case *time.Time:
		return "timestamptz"
	case *event.Map, *[]event.Item:
		return "jsonb"
	}
	panic("BUG: a field of a type that has no column")
}

// value is what stands in the column of a field; nil for what was not said. Of a boolean only true is ever said, so those
// are never null. The text of an event is not copied.
func value(ref any) any {
	switch p := ref.(type) {
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

func validJSON(b []byte) []byte { return bytes.ToValidUTF8(b, []byte("\uFFFD")) }

// prepare makes the table when it is not there and adds the columns it lacks: those of a newer Headgate. It changes
// nothing, and so needs no right to, when the table has them all. Several Headgates may do this at the same time.
func (t *table[T]) prepare(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		name := t.name.Sanitize()
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext($1))", "headgate "+name); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT attname::text FROM pg_attribute
			WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`, name)
		if err != nil {
			return err
		}
		there, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		sql := t.widen(there)
		if sql == "" {
			return nil
		}
		_, err = tx.Exec(ctx, sql)
		return err
	})
}

// widen is what makes a table with the columns that are there into ours; "" when it is.
func (t *table[T]) widen(there []string) string {
	if len(there) == 0 {
		return fmt.Sprintf("CREATE TABLE %s (%s, PRIMARY KEY (%s))", t.name.Sanitize(), t.definition(), t.key)
	}
	known := map[string]bool{}
	for _, name := range there {
		known[name] = true
	}
	var add []string
	for _, c := range t.columns {
		if !known[c.name] {
			add = append(add, fmt.Sprintf("ADD COLUMN IF NOT EXISTS %s %s", pgx.Identifier{c.name}.Sanitize(), c.kind))
		}
	}
	if len(add) == 0 {
		return ""
	}
	return fmt.Sprintf("ALTER TABLE %s %s", t.name.Sanitize(), strings.Join(add, ", "))
}

func (t *table[T]) definition() string {
	list := make([]string, len(t.columns))
	for i, c := range t.columns {
		list[i] = pgx.Identifier{c.name}.Sanitize() + " " + c.kind
	}
	return strings.Join(list, ", ")
}

// insert writes rows in a transaction. Those that the table has already, by their key, stay as they are. The temporary table
// lives as long as the connection, so that the catalogue does not grow with every batch; it is made with IF NOT EXISTS each
// time because behind a pooler every transaction may meet another connection.
func (t *table[T]) insert(ctx context.Context, tx pgx.Tx, rows []*T) error {
	staging := pgx.Identifier{"pg_temp", t.staging}
	if _, err := tx.Exec(ctx, fmt.Sprintf("CREATE TEMPORARY TABLE IF NOT EXISTS %s (%s) ON COMMIT DELETE ROWS",
		pgx.Identifier{t.staging}.Sanitize(), t.definition())); err != nil {
		return err
	}
	row := make([]any, len(t.columns))
	at := 0
	_, err := tx.CopyFrom(ctx, staging, t.names, pgx.CopyFromFunc(func() ([]any, error) {
		if at == len(rows) {
			return nil, nil
		}
		for i := range t.columns {
			row[i] = value(t.columns[i].ref(rows[at]))
		}
		at++
		return row, nil
	}))
	if err != nil {
		return err
	}
	columns := quoted(t.names)
	// In the order of keys, so that two transactions with the same keys wait for each other instead of locking each other out.
	_, err = tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s ORDER BY %s ON CONFLICT DO NOTHING",
		t.name.Sanitize(), columns, columns, staging.Sanitize(), t.key))
	return err
}

func quoted(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = pgx.Identifier{name}.Sanitize()
	}
	return strings.Join(list, ", ")
}
