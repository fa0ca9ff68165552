// Package models prints views over a table of events that analysts begin with: events once each, sessions, a shop's funnel,
// attribution of purchases, daily figures, and what consent decided. A view is one template for all dialects (sql/*.sql); a dialect says the few things
// that they do not share. It connects to nothing.
package models

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"text/template"
)

//go:embed sql/*.sql
var files embed.FS

// Dialect is a store's way to say what SQL has no common words for. Its methods return expressions.
type Dialect interface {
	// Name is a table's or view's, quoted.
	Name(table string) string
	// Number is a key of a column of JSON; null when it is not there or is no number.
	Number(column, key string) string
	// Day is the date of a time in UTC, Seconds the span between two times as a number, Before a time some days earlier.
	Day(time string) string
	Seconds(from, to string) string
	Before(time string, days int) string
	// First and Last are an aggregate: the value of the earliest or latest row, by the column time, in which it is not null.
	First(value string) string
	Last(value string) string
}

// order is that of the views: each may read those before it.
var order = []string{"once", "sessions", "funnel", "attribution", "daily"}

// Statements are what makes the views over a table of events. A view is called like the table with _ and its own name behind.
func Statements(d Dialect, table string) []string {
	statements := make([]string, len(order))
	for i, name := range order {
		statements[i] = view(d, name, table, table)
	}
	return statements
}

// Decisions is what makes the view over the table of decisions that accompanies one of events.
func Decisions(d Dialect, table, decisions string) string {
	return view(d, "consent", table, decisions)
}

// view is the statement of one view, over a table from and views that are called like a table.
func view(d Dialect, name, table, from string) string {
	text, err := fs.ReadFile(files, "sql/"+name+".sql")
	if err != nil {
		panic("BUG: no template of a view: " + err.Error())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE OR REPLACE VIEW %s AS\n", d.Name(table+"_"+name))
	one := template.Must(template.New(name).Parse(string(text)))
	err = one.Execute(&b, map[string]any{"D": d, "Events": d.Name(from), "View": func(name string) string { return d.Name(table + "_" + name) }})
	if err != nil {
		panic("BUG: a view's template fails: " + err.Error())
	}
	return strings.TrimSpace(b.String())
}
