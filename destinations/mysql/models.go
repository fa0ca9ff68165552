package mysql

import (
	"fmt"

	"headgate/destinations/models"
)

// Models are what makes the views of package models. They need MySQL 8 or MariaDB 10.3.
func (d *Driver) Models() []string {
	events, _ := d.Tables()
	return models.Statements(dialect{}, events)
}

func (dialect) Name(table string) string { return quote(table) }

func (dialect) Number(column, key string) string {
	return fmt.Sprintf("CASE WHEN JSON_TYPE(JSON_EXTRACT(%[1]s, '$.%[2]s')) IN ('INTEGER', 'DOUBLE', 'DECIMAL', 'UNSIGNED INTEGER') THEN JSON_EXTRACT(%[1]s, '$.%[2]s') + 0e0 END", column, key)
}

func (dialect) Day(time string) string { return "DATE(" + time + ")" }

func (dialect) Seconds(from, to string) string {
	return fmt.Sprintf("TIMESTAMPDIFF(MICROSECOND, %s, %s) / 1e6", from, to)
}

func (dialect) Before(time string, days int) string {
	return fmt.Sprintf("%s - INTERVAL %d DAY", time, days)
}

// First and Last: there is no aggregate in the order of another column, so the least or greatest of time and value is taken; a time is
// 23 characters long.
func (dialect) First(value string) string { return pick("MIN", value) }

func (dialect) Last(value string) string { return pick("MAX", value) }

func pick(aggregate, value string) string {
	return fmt.Sprintf("SUBSTRING(%s(CASE WHEN %[2]s IS NOT NULL THEN CONCAT(CAST(time AS CHAR), %[2]s) END), 24)", aggregate, value)
}
