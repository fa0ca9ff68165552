package snowflake

import (
	"context"
	"strings"

	"headgate/destinations"
	"headgate/destinations/tables"
)

// Erase removes the rows of someone. It needs a warehouse and the right DELETE, which nothing else does.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (destinations.Erased, error) {
	column := tables.Theirs(p, func(name string) string { return quote(strings.ToUpper(name)) }, "LOWER")
	return d.preparer.Erase(ctx, column+" IN "+tables.Marks(len(p.Values)), func(statement string) (int64, error) {
		data, err := d.sql.run(ctx, statement, p.Values...)
		return tables.Count(data), err
	})
}
