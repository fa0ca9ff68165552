package bigquery

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"headgate/destinations"
)

// Erase removes the rows of someone. Rows that were streamed cannot be removed for about half an hour: BigQuery refuses then, and what
// is to be done is said.
// https://cloud.google.com/bigquery/docs/data-manipulation-language#limitations
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (out destinations.Erased, err error) {
	if err := d.prepare(ctx); err != nil {
		return out, err
	}
	column := "`" + strings.ReplaceAll(p.Field, ".", "_") + "`"
	if p.AnyCase {
		column = "LOWER(" + column + ")"
	}
	values := parameter{"values", p.Values}
	theirs := d.events.name + " WHERE " + column + " IN UNNEST(@values)"
	if d.decisions != nil { // the decisions know the person by the events' ids only
		_, err = d.service.query(ctx, "DELETE FROM "+d.decisions.name+" WHERE event_id IN (SELECT id FROM "+theirs+")", values)
	}
	if err == nil {
		out.Removed, err = d.service.query(ctx, "DELETE FROM "+theirs, values)
	}
	var f *failure
	switch {
	case errors.As(err, &f) && strings.Contains(f.message, "streaming buffer"):
		return destinations.Erased{Remains: []string{d.service.dataset + "." + d.events.table},
			Advice: "rows that were streamed within the last half hour cannot be removed: run `headgate subject delete` again in 35 minutes"}, nil
	case err != nil:
		return destinations.Erased{}, fmt.Errorf("delete rows of %s.%s: %w", d.service.dataset, d.events.table, err)
	}
	return out, nil
}
