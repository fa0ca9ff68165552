package upload

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"headgate/event"
)

// column is one column of a CSV file: a path of the event, and the type of its cells. user.email, params.value:number,
// items.0.price, or items:json.
type column struct {
	path string
	kind string
	item int    // of items.N.field, else -1
	name string // the field of that item
}

var kinds = []string{"text", "number", "bool", "json"}

// mostItems is how many items the columns of one row may have.
const mostItems = 200

// readColumns reads the line of column names.
func readColumns(names []string) (columns []column, err error) {
	seen := map[string]bool{}
	for i, name := range names {
		path, kind, typed := strings.Cut(strings.TrimSpace(name), ":")
		c := column{path: path, kind: kind, item: -1}
		switch {
		case path == "":
			return nil, fmt.Errorf("column %d has no name; write a path of the event, such as user.email", i+1)
		case typed && !slices.Contains(kinds, kind):
			return nil, fmt.Errorf("column %q: no type %q; there is %s", name, kind, strings.Join(kinds, ", "))
		case seen[path]:
			return nil, fmt.Errorf("two columns are called %q", path)
		}
		seen[path] = true
		if rest, ok := strings.CutPrefix(path, "items."); ok {
			number, field, _ := strings.Cut(rest, ".")
			n, err := strconv.Atoi(number)
			if err != nil || n < 0 || n >= mostItems || field == "" {
				return nil, fmt.Errorf("column %q: expected items.0.id, items.1.price and so on, up to items.%d", name, mostItems-1)
			}
			c.item, c.name = n, field
		}
		columns = append(columns, c)
	}
	return columns, nil
}

// eventOf makes an event of a row. Empty cells are left out; bad says what is wrong with another.
func eventOf(columns []column, cells []string) (m event.Map, bad string) {
	var items []event.Map
	for i, c := range columns {
		cell := strings.TrimSpace(cells[i])
		if cell == "" {
			continue
		}
		v, bad := c.read(cell)
		if bad != "" {
			return nil, bad
		}
		if c.item < 0 {
			m.Set(c.path, v)
			continue
		}
		for len(items) <= c.item {
			items = append(items, nil)
		}
		items[c.item].Set(c.name, v)
	}
	var list []event.Value
	for _, item := range items {
		if len(item) > 0 {
			list = append(list, event.ObjectOf(item))
		}
	}
	if len(list) > 0 {
		m.Set("items", event.ListOf(list...))
	}
	if len(m) == 0 {
		return nil, "the row is empty"
	}
	return m, ""
}

// read reads a cell; bad says what is wrong with it, without its text.
func (c *column) read(cell string) (v event.Value, bad string) {
	switch c.kind {
	case "number":
		n, ok := event.NumberText(cell)
		if !ok {
			return v, c.path + " is no number such as 12.50"
		}
		return n, ""
	case "bool":
		switch strings.ToLower(cell) {
		case "true", "yes", "1":
			return event.Boolean(true), ""
		case "false", "no", "0":
			return event.Boolean(false), ""
		}
		return v, c.path + " is neither true nor false"
	case "json":
		v, err := event.ParseJSON([]byte(cell))
		if err != nil {
			return v, c.path + " is no JSON"
		}
		return v, ""
	}
	return event.String(cell), ""
}
