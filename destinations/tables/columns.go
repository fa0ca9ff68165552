package tables

import (
	"strings"

	"headgate/destinations/rows"
)

// Column is a column of a definition.
type Column struct {
	Name string
	SQL  string // its name, quoted, and its type
}

// Columns writes columns as a store does.
func Columns[T any](columns []rows.Column[T], quote func(name string) string, kind func(*rows.Column[T]) string) []Column {
	list := make([]Column, len(columns))
	for i := range columns {
		c := &columns[i]
		list[i] = Column{Name: c.Name, SQL: quote(c.Name) + " " + kind(c)}
	}
	return list
}

// Lines are columns as CREATE TABLE has them, a line each.
func Lines(columns []Column) string {
	lines := make([]string, len(columns))
	for i := range columns {
		lines[i] = "    " + columns[i].SQL
	}
	return strings.Join(lines, ",\n")
}

// Quoted are names as a list of columns.
func Quoted(names []string, quote func(name string) string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = quote(name)
	}
	return strings.Join(list, ", ")
}

// Names are the names of columns.
func Names[T any](columns []rows.Column[T]) []string {
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = columns[i].Name
	}
	return names
}

// FirstOf are the first texts of an answer's rows: the names of columns, where a store is asked for them.
func FirstOf(data [][]string) (texts []string) {
	for _, row := range data {
		if len(row) > 0 {
			texts = append(texts, row[0])
		}
	}
	return texts
}
