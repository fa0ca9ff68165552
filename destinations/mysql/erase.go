package mysql

import (
	"context"
	"fmt"
	"strings"

	"headgate/destinations"
)

// Erase removes the rows of someone. The user needs the right DELETE, which nothing else does.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (out destinations.Erased, err error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	if err := d.prepare(ctx); err != nil {
		return out, err
	}
	column := quote(strings.ReplaceAll(p.Field, ".", "_"))
	if p.AnyCase {
		column = "LOWER(" + column + ")"
	}
	theirs := " FROM " + quote(d.events.name) + " WHERE " + column + " IN (?" + strings.Repeat(", ?", len(p.Values)-1) + ")"
	args := make([]any, len(p.Values))
	for i, v := range p.Values {
		args[i] = v
	}
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return out, err
	}
	defer func() { _ = tx.Rollback() }() // after a commit there is nothing to roll back
	if d.decisions != nil {              // the decisions know the person by the events' ids only
		_, err = tx.ExecContext(ctx, "DELETE FROM "+quote(d.decisions.name)+" WHERE event_id IN (SELECT id"+theirs+")", args...) //nolint:gosec // names are quoted, values are parameters
	}
	if err == nil {
		removed, failed := tx.ExecContext(ctx, "DELETE"+theirs, args...)
		if err = failed; err == nil {
			out.Removed, err = removed.RowsAffected()
		}
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return destinations.Erased{}, fmt.Errorf("delete rows of %s: %s", d.events.name, words(err))
	}
	return out, nil
}
