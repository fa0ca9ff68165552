package clickhouse

import (
	"context"
	"fmt"
	"strings"

	"headgate/destinations"
	"headgate/destinations/tables"
)

// Erase removes the rows of somebody. The user needs the right ALTER DELETE on the tables, which nothing else does.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (out destinations.Erased, err error) {
	if err := d.preparer.Prepare(ctx); err != nil {
		return out, err
	}
	where := " WHERE has({values:Array(String)}, ifNull(" + tables.Theirs(p, quote, "lowerUTF8") + ", ''))"
	params := map[string]string{"values": array(p.Values)}
	lines, err := d.server.ask(ctx, "SELECT uniqExact(id) FROM "+d.events.name+where, params)
	if err != nil {
		return out, fmt.Errorf("count rows of %s: %w", d.events.table, err)
	}
	out.Removed = tables.Count(lines)
	var statements []string
	if d.decisions != nil { // the decisions know the person by the events' ids only
		statements = append(statements, "DELETE FROM "+d.decisions.name+onCluster(d.cluster)+" WHERE event_id IN (SELECT id FROM "+d.events.name+where+")")
	}
	statements = append(statements, "DELETE FROM "+d.events.name+onCluster(d.cluster)+where)
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
