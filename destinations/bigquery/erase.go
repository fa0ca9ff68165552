package bigquery

import (
	"context"
	"errors"
	"strings"

	"headgate/destinations"
	"headgate/destinations/tables"
)

// Erase removes the rows of someone. Rows that were streamed cannot be removed for about half an hour: BigQuery refuses then, and what
// is to be done is said.
// https://cloud.google.com/bigquery/docs/data-manipulation-language#limitations
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (destinations.Erased, error) {
	column := tables.Theirs(p, func(name string) string { return "`" + name + "`" }, "LOWER")
	out, err := d.preparer.Erase(ctx, column+" IN UNNEST(@values)", func(statement string) (int64, error) {
		return d.service.query(ctx, statement, parameter{"values", p.Values})
	})
	var f *failure
	if errors.As(err, &f) && strings.Contains(f.message, "streaming buffer") {
		return destinations.Erased{Remains: []string{d.service.dataset + "." + d.events.table},
			Advice: "rows that were streamed within the last half hour cannot be removed: run `headgate subject delete` again in 35 minutes"}, nil
	}
	return out, err
}
