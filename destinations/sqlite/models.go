package sqlite

import (
	"fmt"
	"strings"

	"headgate/destinations/models"
)

// Models are what makes the views of package models. SQLite cannot replace a view, so each is removed first.
func (d *Driver) Models() []string {
	events, decisions := d.Tables()
	views := models.Statements(dialect{}, events)
	if decisions != "" {
		views = append(views, models.Decisions(dialect{}, events, decisions))
	}
	var all []string
	for _, view := range views {
		name, query, _ := strings.Cut(strings.TrimPrefix(view, "CREATE OR REPLACE VIEW "), " AS\n")
		all = append(all, "DROP VIEW IF EXISTS "+name, "CREATE VIEW "+name+" AS\n"+query)
	}
	return all
}

func (d dialect) Name(table string) string { return d.Quote(table) }

func (dialect) Number(column, key string) string {
	return fmt.Sprintf("CASE WHEN json_type(%[1]s, '$.%[2]s') IN ('integer', 'real') THEN json_extract(%[1]s, '$.%[2]s') + 0.0 END", column, key)
}

func (dialect) Day(time string) string { return "date(" + time + ")" }

func (dialect) Seconds(from, to string) string {
	return fmt.Sprintf("round((julianday(%s) - julianday(%s)) * 86400, 3)", to, from)
}

func (dialect) Before(time string, days int) string {
	return fmt.Sprintf("strftime('%%Y-%%m-%%d %%H:%%M:%%f', %s, '-%d days')", time, days)
}

// First and Last: there is no aggregate in the order of another column, so the least or greatest of time and value is taken; a time is
// 23 characters long.
func (dialect) First(value string) string { return pick("min", value) }

func (dialect) Last(value string) string { return pick("max", value) }

func pick(aggregate, value string) string {
	return fmt.Sprintf("substr(%s(CASE WHEN %[2]s IS NOT NULL THEN time || %[2]s END), 24)", aggregate, value)
}
