package databricks

import (
	"fmt"
	"strings"

	"headgate/destinations/models"
)

// Models are what makes the views of package models.
func (d *Driver) Models() []string {
	return models.Statements(dialect{d.events.parts[:2]}, d.events.parts[2])
}

// dialect is Databricks SQL: https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-functions-builtin
type dialect struct{ schema []string }

func (d dialect) Name(table string) string {
	return strings.Join([]string{quoteAll(d.schema), quote(table)}, ".")
}

// Number: a text that is no number casts to null; one that is written in quotes counts as a number here.
func (dialect) Number(column, key string) string {
	return fmt.Sprintf("try_cast(get_json_object(%s, '$.%s') AS DOUBLE)", column, key)
}

func (dialect) Day(time string) string { return "to_date(" + time + ")" }

func (dialect) Seconds(from, to string) string {
	return fmt.Sprintf("(unix_millis(%s) - unix_millis(%s)) / 1000", to, from)
}

func (dialect) Before(time string, days int) string {
	return fmt.Sprintf("%s - INTERVAL %d DAYS", time, days)
}

func (dialect) First(value string) string { return pick("min_by", value) }

func (dialect) Last(value string) string { return pick("max_by", value) }

func pick(aggregate, value string) string {
	return fmt.Sprintf("%s(%s, time) FILTER (WHERE %[2]s IS NOT NULL)", aggregate, value)
}
