package clickhouse

import (
	"context"
	"slices"
	"strings"

	"headgate/destinations"
	"headgate/destinations/rows"
)

// table is where rows of T go.
type table[T any] struct {
	database, table string
	name            string // both, quoted
	columns         []rows.Column[T]
	kinds           []string // of the columns
	order           string   // the key by which rows are sorted, and of which the last one counts
}

func eventTable(database, name string, columns []rows.Column[destinations.Sending]) table[destinations.Sending] {
	return newTable(database, name, columns, "(name, toDate(time), id)", "id", "name", "time", "received")
}

func decisionTable(database, name string, columns []rows.Column[destinations.DecisionRow]) table[destinations.DecisionRow] {
	return newTable(database, name, columns, "(event_id, destination)", "event_id", "destination", "time", "received")
}

// newTable makes a table whose key columns, which cannot be null, are named. Partitions and the key are made of the event alone, since
// only rows of the same partition replace each other.
func newTable[T any](database, name string, columns []rows.Column[T], order string, never ...string) table[T] {
	t := table[T]{database: database, table: name, name: quote(database) + "." + quote(name), columns: columns, order: order}
	for i := range columns {
		c := &columns[i]
		t.kinds = append(t.kinds, kind(c.Type, c.Required || slices.Contains(never, c.Name), c.Repeats))
	}
	return t
}

// kind is the type of a column. JSON is kept as the text that came, which loses no digit; JSONExtract and its like read it.
func kind(t rows.Type, required, repeats bool) string {
	name := "String"
	switch t {
	case rows.Bool:
		name = "Bool"
	case rows.Integer:
		name = "Int64"
	case rows.Number:
		name = "Float64"
	case rows.Time:
		name = "DateTime64(3, 'UTC')"
	case rows.JSON, rows.Items:
		return "String"
	}
	if !required {
		name = "Nullable(" + name + ")"
	}
	if repeats {
		name = "LowCardinality(" + name + ")"
	}
	return name
}

func quote(name string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(name) + "`"
}

func (t *table[T]) list() string {
	names := make([]string, len(t.columns))
	for i := range t.columns {
		names[i] = quote(t.columns[i].Name)
	}
	return strings.Join(names, ", ")
}

// create is the statement that makes the table. A plain table remembers the names of batches only when it is told to.
func (t *table[T]) create(cluster string) string {
	lines := make([]string, len(t.columns))
	for i := range t.columns {
		lines[i] = "    " + quote(t.columns[i].Name) + " " + t.kinds[i]
	}
	engine, settings := "ReplacingMergeTree(received)", "\nSETTINGS non_replicated_deduplication_window = 1000"
	if cluster != "" {
		engine, settings = "ReplicatedReplacingMergeTree(received)", ""
	}
	return "CREATE TABLE IF NOT EXISTS " + t.name + on(cluster) + " (\n" + strings.Join(lines, ",\n") + "\n) ENGINE = " + engine +
		"\nPARTITION BY toYYYYMM(time)\nORDER BY " + t.order + settings
}

// widen is the statement that adds the columns which are not there, and their names; "" when all are.
func (t *table[T]) widen(cluster string, there []string) (statement string, added []string) {
	var add []string
	for i := range t.columns {
		if name := t.columns[i].Name; !slices.Contains(there, name) {
			added = append(added, name)
			add = append(add, "ADD COLUMN IF NOT EXISTS "+quote(name)+" "+t.kinds[i])
		}
	}
	if len(add) == 0 {
		return "", nil
	}
	return "ALTER TABLE " + t.name + on(cluster) + " " + strings.Join(add, ", "), added
}

func on(cluster string) string {
	if cluster == "" {
		return ""
	}
	return " ON CLUSTER " + quote(cluster)
}

// prepare makes the table when it is not there and adds the columns it lacks, or only looks whether it has them. It
// changes nothing, and so needs no right to, when the table has them all.
func prepare[T any](ctx context.Context, d *Driver, t *table[T]) error {
	there, err := t.look(ctx, d)
	if err != nil {
		return err
	}
	statement, added := t.create(d.cluster), []string(nil)
	if len(there) > 0 {
		statement, added = t.widen(d.cluster, there)
	}
	if statement == "" {
		return nil
	}
	if d.schema == "check" {
		return &missing{table: t.database + "." + t.table, columns: added}
	}
	if _, err := d.server.ask(ctx, statement, nil); err != nil {
		return err
	}
	if len(added) > 0 {
		d.widened(t.database+"."+t.table, added)
	}
	return nil
}

// look returns the names of the table's columns, none when it is not there.
func (t *table[T]) look(ctx context.Context, d *Driver) (names []string, err error) {
	lines, err := d.server.ask(ctx, "SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String}",
		map[string]string{"database": t.database, "table": t.table})
	for _, line := range lines {
		names = append(names, line[0])
	}
	return names, err
}

// DDL is what makes the tables.
func (d *Driver) DDL() []string {
	all := []string{d.events.create(d.cluster)}
	if d.decisions != nil {
		all = append(all, d.decisions.create(d.cluster))
	}
	return all
}
