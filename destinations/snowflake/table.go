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

// definition says how the table is looked at, made and widened. None of this needs a warehouse.
func (t *table[T]) definition() tables.Definition {
	columns := tables.Columns(t.columns, quote, func(c *rows.Column[T]) string { return kinds[c.Type] })
	return tables.Definition{Name: t.sql.place.schema + "." + t.table, Quoted: t.name(), Columns: columns,
		Create: "CREATE TABLE IF NOT EXISTS " + t.name() + " (\n" + tables.Lines(columns) + "\n)",
		Widen: func(columns []string) []string {
			return []string{"ALTER TABLE " + t.name() + " ADD COLUMN IF NOT EXISTS " + strings.Join(columns, ", IF NOT EXISTS ")}
		},
		Look: func(ctx context.Context) ([]string, error) {
			data, err := t.sql.run(ctx, "DESCRIBE TABLE "+t.name())
			if isMissing(err) {
				return nil, nil
			}
			return tables.FirstOf(data), err
		},
		Run: func(ctx context.Context, statement string) error {
			_, err := t.sql.run(ctx, statement)
			return err
		}}
}
