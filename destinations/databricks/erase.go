package databricks

import (
	"context"
	"strconv"
	"strings"

	"headgate/destinations"
	"headgate/destinations/tables"
)

// Erase removes the rows of someone. What Delta keeps of a table's past goes with VACUUM.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (destinations.Erased, error) {
	names, params := make([]string, len(p.Values)), make([]parameter, len(p.Values))
	for i, v := range p.Values {
		params[i] = parameter{"v" + strconv.Itoa(i), v}
		names[i] = ":" + params[i].Name
	}
	out, err := d.preparer.Erase(ctx, tables.Theirs(p, quote, "lower")+" IN ("+strings.Join(names, ", ")+")", func(statement string) (int64, error) {
		data, err := d.workspace.run(ctx, statement, params...)
		return tables.Count(data), err
	})
	if out.Removed > 0 {
		out.Advice = "the table's past still has the rows: VACUUM removes it, a week later unless the table says otherwise"
	}
	return out, err
}
