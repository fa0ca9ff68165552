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
func decisionTable(events string) table[destinations.DecisionRow] {
	return newTable(events+"_decisions", "event_id, destination", rows.Decisions())
}

func newTable[T any](name, key string, columns []rows.Column[T]) table[T] {
	t := table[T]{name: strings.Split(name, "."), key: key, columns: columns}
	shape := fnv.New32a()
	for i := range columns {
		t.names = append(t.names, columns[i].Name)
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

// prepare makes the table when it is not there and adds the columns it lacks, or, when it may only check, fails with a
// *missing. It changes nothing, and so needs no right to, when the table has them all. Several Headgates may do this at the
// same time. added are the columns that an existing table has got.
func (t *table[T]) prepare(ctx context.Context, conn *pgx.Conn, check bool) (added []string, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		name := t.name.Sanitize()
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext($1))", "headgate "+name); err != nil {
			return err
		}
		lines, err := tx.Query(ctx, `SELECT attname::text FROM pg_attribute
			WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`, name)
		if err != nil {
			return err
		}
		there, err := pgx.CollectRows(lines, pgx.RowTo[string])
		if err != nil {
			return err
		}
		sql := t.create()
		if len(there) > 0 {
			sql, added = t.widen(there)
		}
		if sql == "" {
			return nil
		}
		if check {
			return &missing{table: strings.Join(t.name, "."), columns: added}
		}
		_, err = tx.Exec(ctx, sql)
		return err
	})
	return added, err
}

// missing is a table that is not there or lacks columns, and may not be changed.
type missing struct {
	table   string
	columns []string // none: it is not there
}

func (m *missing) Error() string {
	what := "there is no table " + m.table + "; make it"
	if len(m.columns) > 0 {
		what = fmt.Sprintf("the table %s lacks %d columns, the first is %s; add them", m.table, len(m.columns), m.columns[0])
	}
	return what + " with what `headgate warehouse ddl` prints, or write schema: manage"
}

// create is the statement that makes the table.
func (t *table[T]) create() string {
	sql := fmt.Sprintf("CREATE TABLE %s (%s, PRIMARY KEY (%s))", t.name.Sanitize(), t.definition(), t.key)
	if t.months != nil {
		sql += " PARTITION BY RANGE (" + monthColumn + ")"
	}
	return sql
}

// widen is the statement that adds the columns which a table lacks, and their names; "" when it has them all.
func (t *table[T]) widen(there []string) (sql string, added []string) {
	known := map[string]bool{}
	for _, name := range there {
		known[name] = true
	}
	var add []string
	for i := range t.columns {
		if c := &t.columns[i]; !known[c.Name] {
			added = append(added, c.Name)
			add = append(add, fmt.Sprintf("ADD COLUMN IF NOT EXISTS %s %s", pgx.Identifier{c.Name}.Sanitize(), kinds[c.Type]))
		}
	}
	if len(add) == 0 {
		return "", nil
	}
	return fmt.Sprintf("ALTER TABLE %s %s", t.name.Sanitize(), strings.Join(add, ", ")), added
}

func (t *table[T]) definition() string {
	list := make([]string, len(t.columns))
	for i := range t.columns {
		list[i] = pgx.Identifier{t.columns[i].Name}.Sanitize() + " " + kinds[t.columns[i].Type]
	}
	return strings.Join(list, ", ")
}

// insert writes rows in a transaction. Those that the table has already, by their key, stay as they are. The temporary table
// lives as long as the connection, so that the catalogue does not grow with every batch; it is made with IF NOT EXISTS each
// time because behind a pooler every transaction may meet another connection.
func (t *table[T]) insert(ctx context.Context, tx pgx.Tx, list []*T) error {
	staging := pgx.Identifier{"pg_temp", t.staging}
	if _, err := tx.Exec(ctx, fmt.Sprintf("CREATE TEMPORARY TABLE IF NOT EXISTS %s (%s) ON COMMIT DELETE ROWS",
		pgx.Identifier{t.staging}.Sanitize(), t.definition())); err != nil {
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
