package clickhouse

import (
	"fmt"
	"strings"

	"headgate/destinations/models"
)

// Models are what makes the views of package models.
func (d *Driver) Models() []string {
	in := dialect{d.events.database}
	statements := models.Statements(in, d.events.table)
	if d.decisions != nil {
		statements = append(statements, models.Decisions(in, d.events.table, d.decisions.table))
	}
	return statements
}

// dialect is ClickHouse's, in a database.
type dialect struct{ database string }

func (d dialect) Name(table string) string { return quote(d.database) + "." + quote(table) }

func (dialect) Number(column, key string) string {
	return fmt.Sprintf("if(JSONType(%[1]s, '%[2]s') IN ('Int64', 'UInt64', 'Double'), JSONExtract(%[1]s, '%[2]s', 'Nullable(Float64)'), NULL)", column, key)
}

func (dialect) Day(time string) string { return "toDate(" + time + ")" }

func (dialect) Seconds(from, to string) string {
	return fmt.Sprintf("dateDiff('millisecond', %s, %s) / 1000", from, to)
}

func (dialect) Before(time string, days int) string {
	return fmt.Sprintf("subtractDays(%s, %d)", time, days)
}

func (dialect) First(value string) string { return pick("argMinIf", value) }

func (dialect) Last(value string) string { return pick("argMaxIf", value) }

// pick is null where no row has a value: the aggregate alone would yield the type's default.
func pick(aggregate, value string) string {
	return strings.ReplaceAll("if(countIf(VALUE IS NOT NULL) > 0, "+aggregate+"(toNullable(VALUE), time, VALUE IS NOT NULL), NULL)", "VALUE", value)
}
