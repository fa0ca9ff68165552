package snowflake

import (
	"context"
	"strings"

	"headgate/destinations/rows"
	"headgate/destinations/tables"
)

// table is where rows of T go. Names are in capitals, so that they are written in any case in SQL.
type table[T any] struct {
	sql     *sqlAPI
	table   string
	columns []rows.Column[T]
}

func newTable[T any](s *sqlAPI, name string, columns []rows.Column[T]) table[T] {
	for i := range columns {
		columns[i].Name = strings.ToUpper(columns[i].Name)
	}
	return table[T]{sql: s, table: name, columns: columns}
}

// kinds are the types of columns. Times are UTC: https://docs.snowflake.com/en/sql-reference/intro-summary-data-types
var kinds = map[rows.Type]string{
	rows.Text: "VARCHAR", rows.Bool: "BOOLEAN", rows.Integer: "BIGINT", rows.Number: "DOUBLE", rows.Time: "TIMESTAMP_NTZ(3)", rows.JSON: "VARIANT", rows.Items: "VARIANT",
}

// times is how a time without a zone is read.
const times = "2006-01-02 15:04:05.000"

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// name is a table's full name, quoted.
func (p place) name(table string) string {
	return quote(p.database) + "." + quote(p.schema) + "." + quote(table)
}

func (t *table[T]) name() string { return t.sql.place.name(t.table) }

// create is the statement that makes the table.
func (t *table[T]) create() string {
	lines := make([]string, len(t.columns))
	for i := range t.columns {
		lines[i] = "    " + quote(t.columns[i].Name) + " " + kinds[t.columns[i].Type]
	}
	return "CREATE TABLE IF NOT EXISTS " + t.name() + " (\n" + strings.Join(lines, ",\n") + "\n)"
}

// widen is the statement that adds columns.
func (t *table[T]) widen(columns []int) string {
	add := make([]string, len(columns))
	for i, n := range columns {
		add[i] = "IF NOT EXISTS " + quote(t.columns[n].Name) + " " + kinds[t.columns[n].Type]
	}
	return "ALTER TABLE " + t.name() + " ADD COLUMN " + strings.Join(add, ", ")
}

// definition says how the table is looked at, made and widened. None of this needs a warehouse.
func (t *table[T]) definition() tables.Definition {
	return tables.Definition{Name: t.sql.place.schema + "." + t.table, Columns: tables.Names(t.columns),
		Look: func(ctx context.Context) (names []string, err error) {
			data, err := t.sql.run(ctx, "DESCRIBE TABLE "+t.name())
			if isMissing(err) {
				return nil, nil
			}
			for _, row := range data {
				if len(row) > 0 {
					names = append(names, row[0])
				}
			}
			return names, err
		},
		Create: func(ctx context.Context) error {
			_, err := t.sql.run(ctx, t.create())
			return err
		},
		Widen: func(ctx context.Context, columns []int) error {
			_, err := t.sql.run(ctx, t.widen(columns))
			return err
		}}
}
