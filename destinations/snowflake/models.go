package snowflake

import (
	"fmt"
	"strings"

	"headgate/destinations/models"
)

// Models are what makes the views of package models.
func (d *Driver) Models() []string { return models.Statements(dialect{d.sql.place}, d.events.table) }

// dialect is Snowflake's: https://docs.snowflake.com/en/sql-reference/functions-all
type dialect struct{ place place }

func (d dialect) Name(table string) string { return d.place.name(strings.ToUpper(table)) }

func (dialect) Number(column, key string) string {
	return fmt.Sprintf("CASE WHEN TYPEOF(%[1]s:%[2]s) IN ('INTEGER', 'DECIMAL', 'DOUBLE') THEN %[1]s:%[2]s::DOUBLE END", column, key)
}

func (dialect) Day(time string) string { return "TO_DATE(" + time + ")" }

func (dialect) Seconds(from, to string) string {
	return fmt.Sprintf("DATEDIFF('millisecond', %s, %s) / 1000", from, to)
}

func (dialect) Before(time string, days int) string {
	return fmt.Sprintf("DATEADD('day', -%d, %s)", days, time)
}

func (dialect) First(value string) string {
	return "GET(ARRAY_AGG(" + value + ") WITHIN GROUP (ORDER BY time), 0)::VARCHAR"
}

func (dialect) Last(value string) string {
	return "GET(ARRAY_AGG(" + value + ") WITHIN GROUP (ORDER BY time DESC), 0)::VARCHAR"
}
