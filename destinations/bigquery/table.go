package bigquery

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"headgate/destinations"
	"headgate/destinations/rest"
	"headgate/destinations/rows"
	"headgate/destinations/tables"
)

// table is where rows of T go.
type table[T any] struct {
	service *service
	table   string
	name    string // with project and dataset, quoted
	columns []rows.Column[T]
	cluster string // the columns by which rows of a day are sorted
	id      func(*T) string
}

func eventTable(s *service, name string, columns []rows.Column[destinations.Sending]) table[destinations.Sending] {
	return table[destinations.Sending]{service: s, table: name, name: s.quote(name), columns: columns, cluster: "name, id",
		id: func(row *destinations.Sending) string { return row.Event.ID }}
}

func decisionTable(s *service, name string, columns []rows.Column[rows.Decision]) table[rows.Decision] {
	return table[rows.Decision]{service: s, table: name, name: s.quote(name), columns: columns, cluster: "destination, event_id",
		id: func(row *rows.Decision) string { return row.EventID + " " + row.Destination }}
}

// quote is a table's full name.
func (s *service) quote(table string) string {
	return "`" + s.project + "." + s.dataset + "." + table + "`"
}

// kinds are the types of columns: https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types
var kinds = map[rows.Type]string{
	rows.Text: "STRING", rows.Bool: "BOOL", rows.Integer: "INT64", rows.Number: "FLOAT64", rows.Time: "TIMESTAMP", rows.JSON: "JSON", rows.Items: "JSON",
}

// times is how BigQuery reads a time; one without a zone is UTC.
const times = "2006-01-02 15:04:05.000"

// createDataset is the statement that makes the dataset.
func (s *service) createDataset() string {
	statement := "CREATE SCHEMA IF NOT EXISTS `" + s.project + "." + s.dataset + "`"
	if s.location != "" {
		statement += " OPTIONS (location = '" + s.location + "')"
	}
	return statement
}

// definition says how the table is looked at, made, in partitions by the day of the event, and widened.
func (t *table[T]) definition() tables.Definition {
	columns := tables.Columns(t.columns, func(name string) string { return "`" + name + "`" }, func(c *rows.Column[T]) string {
		if c.Name == rows.Key {
			return kinds[c.Type] + " NOT NULL"
		}
		return kinds[c.Type]
	})
	return tables.Definition{Name: t.service.dataset + "." + t.table, Quoted: t.name, Columns: columns, AnyCase: true, Look: t.look, Run: t.service.define,
		Create: "CREATE TABLE IF NOT EXISTS " + t.name + " (\n" + tables.Lines(columns) + "\n)\nPARTITION BY DATE(time)\nCLUSTER BY " + t.cluster,
		Widen: func(columns []string) []string {
			return []string{"ALTER TABLE " + t.name + " ADD COLUMN IF NOT EXISTS " + strings.Join(columns, ", ADD COLUMN IF NOT EXISTS ")}
		}}
}

// define runs a statement that makes or changes a table. The dataset is made first when it is not there.
func (s *service) define(ctx context.Context, statement string) error {
	_, err := s.query(ctx, statement)
	if isNotFound(err) {
		if _, err = s.query(ctx, s.createDataset()); err == nil {
			_, err = s.query(ctx, statement)
		}
	}
	return err
}

// look returns the names of the table's columns, none when it is not there.
func (t *table[T]) look(ctx context.Context) (names []string, err error) {
	var said struct {
		Schema struct {
			Fields []struct {
				Name string `json:"name"`
			} `json:"fields"`
		} `json:"schema"`
	}
	err = t.service.do(ctx, rest.Request{Method: http.MethodGet, URL: t.service.path("datasets", t.service.dataset, "tables", t.table)}, &said)
	if isNotFound(err) {
		return nil, nil
	}
	for _, f := range said.Schema.Fields {
		names = append(names, f.Name)
	}
	if err == nil && len(names) == 0 {
		err = errors.New("the table " + t.service.dataset + "." + t.table + " has no columns")
	}
	return names, err
}
