package databricks

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"headgate/destinations"
)

// Erase removes the rows of someone. What Delta keeps of a table's past goes with VACUUM.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (out destinations.Erased, err error) {
	if err := d.prepare(ctx); err != nil {
		return out, err
	}
	column := quote(strings.ReplaceAll(p.Field, ".", "_"))
	if p.AnyCase {
		column = "lower(" + column + ")"
	}
	names, params := make([]string, len(p.Values)), make([]parameter, len(p.Values))
	for i, v := range p.Values {
		params[i] = parameter{"v" + strconv.Itoa(i), v}
		names[i] = ":" + params[i].Name
	}
	theirs := " FROM " + d.events.name + " WHERE " + column + " IN (" + strings.Join(names, ", ") + ")"
	if d.decisions != nil { // the decisions know the person by the events' ids only
		if _, err := d.workspace.run(ctx, "DELETE FROM "+d.decisions.name+" WHERE event_id IN (SELECT id"+theirs+")", params...); err != nil {
			return out, fmt.Errorf("delete rows of %s: %w", d.decisions.name, err)
		}
	}
	data, err := d.workspace.run(ctx, "DELETE"+theirs, params...)
	if err != nil {
		return out, fmt.Errorf("delete rows of %s: %w", d.events.name, err)
	}
	if len(data) == 1 && len(data[0]) > 0 {
		out.Removed, _ = strconv.ParseInt(data[0][0], 10, 64)
	}
	if out.Removed > 0 {
		out.Advice = "the table's past still has the rows: VACUUM removes it, a week later unless the table says otherwise"
	}
	return out, nil
}
