package tables

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"headgate/destinations"
)

// Erase prepares the tables and removes rows; see Remove.
func (p *Preparer) Erase(ctx context.Context, where string, run func(statement string) (int64, error)) (out destinations.Erased, err error) {
	if err := p.Prepare(ctx); err != nil {
		return out, err
	}
	return p.Remove(where, run)
}

// Remove removes the rows of events of which a condition is true, and those of decisions about them first, which know a person by the
// events' ids only. run runs a statement and returns how many rows it has removed.
func (p *Preparer) Remove(where string, run func(statement string) (int64, error)) (out destinations.Erased, err error) {
	theirs := " FROM " + p.Tables[0].Quoted + " WHERE " + where
	for _, decisions := range p.Tables[1:] {
		if _, err := run("DELETE FROM " + decisions.Quoted + " WHERE event_id IN (SELECT id" + theirs + ")"); err != nil {
			return out, fmt.Errorf("delete rows of %s: %w", decisions.Name, err)
		}
	}
	if out.Removed, err = run("DELETE" + theirs); err != nil {
		return destinations.Erased{}, fmt.Errorf("delete rows of %s: %w", p.Tables[0].Name, err)
	}
	return out, nil
}

// Theirs is the column by which a person's rows are found; lower is the store's function for small letters.
func Theirs(p destinations.Person, quote func(name string) string, lower string) string {
	column := quote(strings.ReplaceAll(p.Field, ".", "_"))
	if p.AnyCase {
		return lower + "(" + column + ")"
	}
	return column
}

// Marks are question marks for a list of values: (?, ?, ?).
func Marks(values int) string { return "(?" + strings.Repeat(", ?", values-1) + ")" }

// Count is the number that an answer consists of, 0 when it does not.
func Count(data [][]string) int64 {
	if len(data) != 1 || len(data[0]) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(data[0][0], 10, 64)
	return n
}
