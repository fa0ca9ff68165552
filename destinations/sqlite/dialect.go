package sqlite

import (
	"strings"

	"headgate/destinations/rows"
)

// dialect is SQLite's.
type dialect struct{}

// kinds are the types of columns of a table that is STRICT.
var kinds = map[rows.Type]string{
	rows.Text: "TEXT", rows.Bool: "INTEGER", rows.Integer: "INTEGER", rows.Number: "REAL", rows.Time: "TEXT", rows.JSON: "TEXT", rows.Items: "TEXT",
}

// times is how SQLite's functions of dates read a time.
const times = "2006-01-02 15:04:05.000"

func (dialect) Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (dialect) Kind(t rows.Type, key, required bool) string {
	switch {
	case key:
		return kinds[t] + " NOT NULL"
	case required:
		return kinds[t] + " NOT NULL DEFAULT 0"
	}
	return kinds[t]
}

func (dialect) Create(table, columns, key string) string {
	return "CREATE TABLE IF NOT EXISTS " + table + " (\n" + columns + ",\n    PRIMARY KEY (" + key + ")\n) STRICT;\n" +
		"CREATE INDEX IF NOT EXISTS " + strings.TrimSuffix(table, `"`) + `_by_time" ON ` + table + " (time)"
}

func (dialect) Look(table string) (query string, args []any) {
	return "SELECT name FROM pragma_table_info(?)", []any{table}
}

func (dialect) Ignore(string) string { return " ON CONFLICT DO NOTHING" }
