package databricks

import (
	"context"
	"strings"

	"headgate/destinations/files"
	"headgate/destinations/parquet"
	"headgate/destinations/rows"
	"headgate/destinations/tables"
	"headgate/event"
)

// table is where rows of T go.
type table[T any] struct {
	workspace *workspace
	parts     []string // catalog, schema and table
	name      string   // all of them, quoted
	columns   []rows.Column[T]
	begin     files.NewWriter[T]
}

func newTable[T any](w *workspace, parts []string, columns []rows.Column[T]) table[T] {
	return table[T]{workspace: w, parts: parts, name: quoteAll(parts), columns: columns, begin: parquet.NewWriter(columns)}
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func quoteAll(parts []string) string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = quote(p)
	}
	return strings.Join(list, ".")
}

// kind is the type of a column, which is that of the files: https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-datatypes
func kind(t rows.Type) string {
	switch t {
	case rows.Bool:
		return "BOOLEAN"
	case rows.Integer:
		return "BIGINT"
	case rows.Number:
		return "DOUBLE"
	case rows.Time:
		return "TIMESTAMP"
	case rows.Items:
		fields := make([]string, len(event.ItemFields))
		for i := range event.ItemFields {
			f := &event.ItemFields[i]
			fields[i] = quote(f.Path) + ": " + kind(rows.ItemType(f.Ref(&event.Item{})))
		}
		return "ARRAY<STRUCT<" + strings.Join(fields, ", ") + ">>"
	}
	return "STRING"
}

// definition says how the table is looked at, made and widened. A column that somebody else adds at the same moment makes widening fail,
// and the next try finds it.
func (t *table[T]) definition() tables.Definition {
	columns := tables.Columns(t.columns, quote, func(c *rows.Column[T]) string { return kind(c.Type) })
	return tables.Definition{Name: strings.Join(t.parts, "."), Quoted: t.name, Columns: columns, AnyCase: true,
		Create: "CREATE TABLE IF NOT EXISTS " + t.name + " (\n" + tables.Lines(columns) + "\n)",
		Widen: func(columns []string) []string {
			return []string{"ALTER TABLE " + t.name + " ADD COLUMNS (" + strings.Join(columns, ", ") + ")"}
		},
		Look: func(ctx context.Context) ([]string, error) {
			data, err := t.workspace.run(ctx, "SELECT column_name FROM "+quote(t.parts[0])+".information_schema.columns WHERE table_schema = :schema AND table_name = :table",
				parameter{"schema", t.parts[1]}, parameter{"table", t.parts[2]})
			return tables.FirstOf(data), err
		},
		Run: func(ctx context.Context, statement string) error {
			_, err := t.workspace.run(ctx, statement)
			return err
		}}
}
