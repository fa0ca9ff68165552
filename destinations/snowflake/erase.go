package snowflake

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"headgate/destinations"
)

// Erase removes the rows of someone. It needs a warehouse and the right DELETE, which nothing else does.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (out destinations.Erased, err error) {
	if err := d.prepare(ctx); err != nil {
		return out, err
	}
	column := quote(strings.ToUpper(strings.ReplaceAll(p.Field, ".", "_")))
	if p.AnyCase {
		column = "LOWER(" + column + ")"
	}
	theirs := " FROM " + d.events.name() + " WHERE " + column + " IN (?" + strings.Repeat(", ?", len(p.Values)-1) + ")"
	if d.decisions != nil { // the decisions know the person by the events' ids only
		if _, err := d.sql.run(ctx, "DELETE FROM "+d.decisions.name()+` WHERE "EVENT_ID" IN (SELECT "ID"`+theirs+")", p.Values...); err != nil {
			return out, fmt.Errorf("delete rows of %s: %w", d.decisions.table, err)
		}
	}
	data, err := d.sql.run(ctx, "DELETE"+theirs, p.Values...)
	if err != nil {
		return out, fmt.Errorf("delete rows of %s: %w", d.events.table, err)
	}
	if len(data) == 1 && len(data[0]) > 0 {
		out.Removed, _ = strconv.ParseInt(data[0][0], 10, 64)
	}
	return out, nil
}
