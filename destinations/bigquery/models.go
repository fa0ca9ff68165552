package bigquery

import (
	"fmt"

	"headgate/destinations/models"
)

// Models are what makes the views of package models.
func (d *Driver) Models() []string { return models.Statements(dialect{&d.service}, d.events.table) }

// dialect is GoogleSQL: https://cloud.google.com/bigquery/docs/reference/standard-sql/functions-all
type dialect struct{ service *service }

func (d dialect) Name(table string) string { return d.service.quote(table) }

func (dialect) Number(column, key string) string {
	return fmt.Sprintf("CASE WHEN JSON_TYPE(JSON_QUERY(%[1]s, '$.%[2]s')) = 'number' THEN SAFE_CAST(JSON_VALUE(%[1]s, '$.%[2]s') AS FLOAT64) END", column, key)
}

func (dialect) Day(time string) string { return "DATE(" + time + ")" }

func (dialect) Seconds(from, to string) string {
	return fmt.Sprintf("TIMESTAMP_DIFF(%s, %s, MILLISECOND) / 1000", to, from)
}

func (dialect) Before(time string, days int) string {
	return fmt.Sprintf("TIMESTAMP_SUB(%s, INTERVAL %d DAY)", time, days)
}

func (dialect) First(value string) string {
	return "ARRAY_AGG(" + value + " IGNORE NULLS ORDER BY time LIMIT 1)[SAFE_OFFSET(0)]"
}

func (dialect) Last(value string) string {
	return "ARRAY_AGG(" + value + " IGNORE NULLS ORDER BY time DESC LIMIT 1)[SAFE_OFFSET(0)]"
}
