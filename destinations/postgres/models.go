package postgres

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"headgate/destinations/models"
)

// Models are what makes the views of package models.
func (d *Driver) Models() []string {
	table := strings.Join(d.events.name, ".")
	statements := models.Statements(dialect{}, table)
	if d.decisions != nil {
		statements = append(statements, models.Decisions(dialect{}, table, strings.Join(d.decisions.name, ".")))
	}
	return statements
}

// dialect is PostgreSQL's.
type dialect struct{}

func (dialect) Name(table string) string { return pgx.Identifier(strings.Split(table, ".")).Sanitize() }

func (dialect) Number(column, key string) string {
	return fmt.Sprintf("(CASE WHEN jsonb_typeof(%[1]s->'%[2]s') = 'number' THEN (%[1]s->>'%[2]s')::double precision END)", column, key)
}

func (dialect) Day(time string) string { return "(" + time + " AT TIME ZONE 'UTC')::date" }

func (dialect) Seconds(from, to string) string {
	return fmt.Sprintf("extract(epoch FROM %s - %s)::double precision", to, from)
}

func (dialect) Before(time string, days int) string {
	return fmt.Sprintf("%s - interval '%d days'", time, days)
}

func (dialect) First(value string) string {
	return fmt.Sprintf("(array_agg(%[1]s ORDER BY time) FILTER (WHERE %[1]s IS NOT NULL))[1]", value)
}

func (dialect) Last(value string) string {
	return fmt.Sprintf("(array_agg(%[1]s ORDER BY time DESC) FILTER (WHERE %[1]s IS NOT NULL))[1]", value)
}
