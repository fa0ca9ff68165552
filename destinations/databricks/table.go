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

// create is the statement that makes the table.
func (t *table[T]) create() string {
	lines := make([]string, len(t.columns))
	for i := range t.columns {
		lines[i] = "    " + quote(t.columns[i].Name) + " " + kind(t.columns[i].Type)
	}
	return "CREATE TABLE IF NOT EXISTS " + t.name + " (\n" + strings.Join(lines, ",\n") + "\n)"
}

// widen is the statement that adds columns.
func (t *table[T]) widen(columns []int) string {
	add := make([]string, len(columns))
	for i, n := range columns {
		add[i] = quote(t.columns[n].Name) + " " + kind(t.columns[n].Type)
	}
	return "ALTER TABLE " + t.name + " ADD COLUMNS (" + strings.Join(add, ", ") + ")"
}

// definition says how the table is looked at, made and widened. A column that somebody else adds at the same moment makes widening fail,
// and the next try finds it.
func (t *table[T]) definition() tables.Definition {
	return tables.Definition{Name: strings.Join(t.parts, "."), Columns: tables.Names(t.columns), AnyCase: true,
		Look: func(ctx context.Context) (names []string, err error) {
			data, err := t.workspace.run(ctx, "SELECT column_name FROM "+quote(t.parts[0])+".information_schema.columns WHERE table_schema = :schema AND table_name = :table",
				parameter{"schema", t.parts[1]}, parameter{"table", t.parts[2]})
			for _, row := range data {
				if len(row) > 0 {
					names = append(names, row[0])
				}
			}
			return names, err
		},
		Create: func(ctx context.Context) error {
			_, err := t.workspace.run(ctx, t.create())
			return err
		},
		Widen: func(ctx context.Context, columns []int) error {
			_, err := t.workspace.run(ctx, t.widen(columns))
			return err
		}}
}
