package destinations

import (
	"context"
	"fmt"
	"time"

	"headgate/event"
)

// Archive is a Driver that keeps events where they can be read again.
type Archive interface {
	// List names the pieces in which events are kept that were received in a span, oldest first. It may name others beside them.
	List(ctx context.Context, since, until time.Time) ([]string, error)
	// Read calls fn with the rows of a piece in their order, objects by column with what is JSON nested, until fn returns false.
	Read(ctx context.Context, name string, fn func(row event.Map) bool) error
}

// Archive is what the destination keeps; nil when none of it can be read again.
func (d *Destination) Archive() Archive {
	archive, _ := d.driver.(Archive)
	return archive
}

// EventOf is the event that a row of an archive was made of, as far as it says. Columns of a person's own are passed over: they are
// computed again where they are wanted.
func EventOf(row event.Map) (*event.Event, error) {
	e := &event.Event{}
	for i := range event.Fields {
		f := &event.Fields[i]
		if v := row.Get(f.Column()); !v.IsNull() {
			if err := e.SetPath(f.Path, v); err != nil {
				return nil, fmt.Errorf("column %s: %w", f.Column(), err)
			}
		}
	}
	return e, nil
}

// hourName is how the pieces are called of stores that keep rows by the hour in which they were received, in UTC.
const hourName = "2006-01-02T15"

// HourPiece names the piece of the hour that a time lies in.
func HourPiece(t time.Time) string { return t.UTC().Format(hourName) }

// HourOf returns the span of a piece that HourPiece has named.
func HourOf(piece string) (since, until time.Time, err error) {
	since, err = time.Parse(hourName, piece)
	return since, since.Add(time.Hour), err
}
