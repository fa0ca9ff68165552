package resttest

import "slices"

// Columns are the columns of a fake's table, which tests change as people do.
type Columns []Column

// Column is one of them.
type Column struct{ Name, Kind string }

// Kind is a column's; ok is false where there is none of that name.
func (c *Columns) Kind(name string) (kind string, ok bool) {
	for _, one := range *c {
		if one.Name == name {
			return one.Kind, true
		}
	}
	return "", false
}

// Drop removes a column.
func (c *Columns) Drop(name string) {
	*c = slices.DeleteFunc(*c, func(one Column) bool { return one.Name == name })
}

// Retype makes a column one of another kind.
func (c *Columns) Retype(name, kind string) {
	for i := range *c {
		if (*c)[i].Name == name {
			(*c)[i].Kind = kind
		}
	}
}

// Without returns the rows of which something does not hold, and how many others there were.
func Without[Row any](rows []Row, holds func(Row) bool) (rest []Row, removed int) {
	rest = slices.DeleteFunc(slices.Clone(rows), holds)
	return rest, len(rows) - len(rest)
}
