package conformance

import (
	"context"
	"fmt"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/destinations/conformance/link"
	"headgate/event"
)

// Store is a driver with a store of its own.
type Store struct {
	// Open opens the driver on the same store, again and again, as a restart does.
	Open func(t *testing.T) *destinations.Destination
	// Rows returns the rows that a reader sees, in any order, but those of one batch in theirs: objects by column, in which JSON
	// columns are nested. Nothing that is null.
	Rows func(t *testing.T) []event.Map
	// ByID: a store that keeps one row per id. Otherwise a batch is recognized by its name only.
	ByID bool
	// Refused is an event that the store can never take; nil when there is none.
	Refused *event.Event
	// Behind opens the driver on the same store, behind a link; nil for a store that no network leads to.
	Behind func(t *testing.T) (*destinations.Destination, *link.Link)
	// Erases: rows are removed. Otherwise it is said where they are.
	Erases bool
}

// Noon is when the events of the tests were received.
var Noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Batch is some events of one group of the log, with ids of their own.
func Batch(group, events int) []destinations.Sending {
	batch := make([]destinations.Sending, events)
	for i := range batch {
		batch[i] = Sending(&event.Event{ID: fmt.Sprintf("g%d-%d", group, i), Name: "page_view", Time: Noon, Received: Noon}, group, i)
	}
	return batch
}

// Sending is an event at a place in the log.
func Sending(e *event.Event, group, index int) destinations.Sending {
	return destinations.Sending{Event: e, Attempt: 1, Place: destinations.Place{Writer: "w", Group: uint64(group), Index: index}}
}

func deliver(t *testing.T, d *destinations.Destination, batch []destinations.Sending) {
	t.Helper()
	verdicts := d.Deliver(context.Background(), batch)
	for i := range batch {
		if v := verdicts[i]; v.Kind != destinations.Delivered {
			t.Fatalf("%s: %s %s", batch[i].Event.ID, v.Kind, v.Why)
		}
	}
}

// ids are those of the store's rows.
func ids(t *testing.T, s Store) (all []string) {
	t.Helper()
	for _, row := range s.Rows(t) {
		all = append(all, row.Text("id"))
	}
	return all
}

// once fails unless exactly the events of these batches are there, each once.
func once(t *testing.T, s Store, batches ...[]destinations.Sending) {
	t.Helper()
	count := map[string]int{}
	for _, id := range ids(t, s) {
		count[id]++
	}
	want := 0
	for _, batch := range batches {
		for i := range batch {
			want++
			if n := count[batch[i].Event.ID]; n != 1 {
				t.Errorf("%s is there %d times", batch[i].Event.ID, n)
			}
		}
	}
	if len(count) != want {
		t.Errorf("%d ids, want %d", len(count), want)
	}
}
