package clickhouse

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"headgate/destinations"
)

// Erase removes the rows of somebody. The user needs the right ALTER DELETE on the tables, which nothing else does.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (out destinations.Erased, err error) {
	if err := d.prepare(ctx); err != nil {
		return out, err
	}
	column := quote(strings.ReplaceAll(p.Field, ".", "_"))
	if p.AnyCase {
		column = "lowerUTF8(" + column + ")"
	}
	where := " WHERE has({values:Array(String)}, ifNull(" + column + ", ''))"
	params := map[string]string{"values": array(p.Values)}
	lines, err := d.server.ask(ctx, "SELECT uniqExact(id) FROM "+d.events.name+where, params)
	if err != nil {
		return out, fmt.Errorf("count rows of %s: %w", d.events.table, err)
	}
	if len(lines) == 1 {
		out.Removed, _ = strconv.ParseInt(lines[0][0], 10, 64)
	}
	var statements []string
	if d.decisions != nil { // the decisions know the person by the events' ids only
		statements = append(statements, "DELETE FROM "+d.decisions.name+on(d.cluster)+" WHERE event_id IN (SELECT id FROM "+d.events.name+where+")")
	}
	statements = append(statements, "DELETE FROM "+d.events.name+on(d.cluster)+where)
	for _, s := range statements {
		if _, err := d.server.ask(ctx, s, params); err != nil {
			return destinations.Erased{}, fmt.Errorf("delete rows of %s: %w", d.events.table, err)
		}
	}
	return out, nil
}

// array is a list of texts as a parameter of a query has it.
func array(values []string) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = "'" + strings.NewReplacer("\\", "\\\\", "'", "\\'").Replace(v) + "'"
	}
	return "[" + strings.Join(list, ",") + "]"
}
