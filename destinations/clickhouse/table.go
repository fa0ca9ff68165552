package clickhouse

import (
	"context"
	"slices"
	"strings"

	"headgate/destinations"
	"headgate/destinations/rows"
	"headgate/destinations/tables"
)

// table is where rows of T go.
type table[T any] struct {
	database, table string
	name            string // both, quoted
	columns         []rows.Column[T]
	order           string   // the key by which rows are sorted, and of which the last one counts
	key             []string // columns that cannot be null
}

func eventTable(database, name string, columns []rows.Column[destinations.Sending]) table[destinations.Sending] {
	return newTable(database, name, columns, "(name, toDate(time), id)", "id", "name", "time", "received")
}

func decisionTable(database, name string, columns []rows.Column[rows.Decision]) table[rows.Decision] {
	return newTable(database, name, columns, "(event_id, destination)", "event_id", "destination", "time", "received")
}

// newTable makes a table. Partitions and the key are made of the event alone, since only rows of the same partition replace each other.
func newTable[T any](database, name string, columns []rows.Column[T], order string, key ...string) table[T] {
	return table[T]{database: database, table: name, name: quote(database) + "." + quote(name), columns: columns, order: order, key: key}
}

// kind is the type of a column. JSON is kept as the text that came, which loses no digit; JSONExtract and its like read it.
func (t *table[T]) kind(c *rows.Column[T]) string {
	name := "String"
	switch c.Type {
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
	if !c.Required && !slices.Contains(t.key, c.Name) {
		name = "Nullable(" + name + ")"
	}
	if c.Repeats {
		name = "LowCardinality(" + name + ")"
	}
	return name
}

func quote(name string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(name) + "`"
}

// definition says how the table is looked at, made and widened. A plain table remembers the names of batches only when it is told to.
func (t *table[T]) definition(s *server, cluster string) tables.Definition {
	on, engine, settings := onCluster(cluster), "ReplacingMergeTree(received)", "\nSETTINGS non_replicated_deduplication_window = 1000"
	if cluster != "" {
		engine, settings = "ReplicatedReplacingMergeTree(received)", ""
	}
	columns := tables.Columns(t.columns, quote, t.kind)
	return tables.Definition{Name: t.database + "." + t.table, Columns: columns,
		Create: "CREATE TABLE IF NOT EXISTS " + t.name + on + " (\n" + tables.Lines(columns) + "\n) ENGINE = " + engine +
			"\nPARTITION BY toYYYYMM(time)\nORDER BY " + t.order + settings,
		Widen: func(columns []string) []string {
			return []string{"ALTER TABLE " + t.name + on + " ADD COLUMN IF NOT EXISTS " + strings.Join(columns, ", ADD COLUMN IF NOT EXISTS ")}
		},
		Look: func(ctx context.Context) ([]string, error) {
			lines, err := s.ask(ctx, "SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String}",
				map[string]string{"database": t.database, "table": t.table})
			return tables.FirstOf(lines), err
		},
		Run: func(ctx context.Context, statement string) error {
			_, err := s.ask(ctx, statement, nil)
			return err
		}}
}

func onCluster(cluster string) string {
	if cluster == "" {
		return ""
	}
	return " ON CLUSTER " + quote(cluster)
}
