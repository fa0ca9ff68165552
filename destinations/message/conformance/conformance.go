// Package conformance is the test that every driver of a stream passes: what was delivered is there, in the order of each visitor,
// though the stream is restarted or an answer is lost; a bad event is rejected alone; and a delivery ends when it has to.
package conformance

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/destinations/conformance/link"
	"headgate/event"
)

// Bed is a store for a test of its own, and how to see it.
type Bed struct {
	Open func(t testing.TB) *destinations.Destination // a destination that delivers to the store; it is closed by the test
	IDs  func(t testing.TB) []string                  // of the events that the store holds, those of a visitor in their order

	// Behind is a destination that delivers to the same store, behind a link. It is closed by the test.
	Behind func(t testing.TB) (*destinations.Destination, *link.Link)

	Stop, Start func(t testing.TB) // nil where the store cannot be away
	TooLong     int                // bytes of a text with which an event is refused; 0: none is
	Once        bool               // an event that is delivered again is there once
}

const visitors = 7

// Run runs the test; each part gets a store of its own.
func Run(t *testing.T, bed func(t *testing.T) *Bed) {
	t.Helper()
	for _, part := range []struct {
		name string
		run  func(t *testing.T, b *Bed)
	}{
		{"events arrive in the order of their visitors", inOrder},
		{"an event that is delivered again is not lost, and there once if that is promised", again},
		{"a bad event is rejected alone", alone},
		{"a store that is restarted loses nothing", restarted},
		{"a store that is away is tried again", away},
		{"a store that takes nothing for a while loses nothing", stalled},
		{"a cancelled delivery ends, and nothing is settled by it that did not arrive", cancelled},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.run(t, bed(t))
		})
	}
}

// events are numbered from first; visitors take turns.
func events(first, n int) []destinations.Sending {
	batch := make([]destinations.Sending, n)
	for i := range batch {
		visitor := (first + i) % visitors
		batch[i] = destinations.Sending{Attempt: 1, Event: &event.Event{ID: fmt.Sprintf("v%d-%06d", visitor, first+i), Name: "page_view",
			Time: time.Unix(1_795_000_000, 0).UTC(), User: event.User{ClientID: fmt.Sprintf("visitor.%d", visitor)},
			Page: event.Page{URL: "https://shop.example/ä?q=漢字", Title: fmt.Sprintf(`page "%d"`, i)}}}
	}
	return batch
}

func deliver(t *testing.T, d *destinations.Destination, batch []destinations.Sending) {
	t.Helper()
	for i, v := range d.Deliver(t.Context(), batch) {
		if v.Kind != destinations.Delivered {
			t.Fatalf("event %d: %s: %s", i, v.Kind, v.Why)
		}
	}
}

// open opens a destination that is closed at the end.
func open(t *testing.T, b *Bed) *destinations.Destination {
	d := b.Open(t)
	t.Cleanup(func() {
		if err := d.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return d
}

// compare checks that the events of all batches are there, each visitor's in their order.
func compare(t *testing.T, b *Bed, want []destinations.Sending, once bool) {
	t.Helper()
	count, last := map[string]int{}, map[string]string{}
	for _, id := range b.IDs(t) {
		visitor, _, _ := strings.Cut(id, "-")
		if count[id]++; count[id] == 1 && id < last[visitor] {
			t.Errorf("%s stands after %s", id, last[visitor])
		}
		last[visitor] = max(last[visitor], id)
	}
	for i := range want {
		id := want[i].Event.ID
		if n := count[id]; n == 0 || once && n > 1 {
			t.Errorf("%s is there %d times", id, n)
		}
		delete(count, id)
	}
	if len(count) > 0 {
		t.Errorf("nobody has delivered %v", count)
	}
}

func inOrder(t *testing.T, b *Bed) {
	d := open(t, b)
	for i := range 5 {
		deliver(t, d, events(i*200, 200))
	}
	compare(t, b, events(0, 1000), true)
}

func again(t *testing.T, b *Bed) {
	d := open(t, b)
	deliver(t, d, events(0, 50))
	deliver(t, d, events(0, 50))
	another := open(t, b) // as after a crash
	deliver(t, another, events(0, 60))
	compare(t, b, events(0, 60), b.Once)
}

func alone(t *testing.T, b *Bed) {
	if b.TooLong == 0 {
		return
	}
	batch := events(0, 20)
	batch[7].Event.Page.Title = strings.Repeat("x", b.TooLong)
	for i, v := range open(t, b).Deliver(t.Context(), batch) {
		switch {
		case i == 7 && (v.Kind != destinations.Reject || v.Why == ""):
			t.Errorf("the bad event: %s: %s", v.Kind, v.Why)
		case i != 7 && v.Kind != destinations.Delivered:
			t.Errorf("event %d: %s: %s", i, v.Kind, v.Why)
		}
	}
	compare(t, b, append(batch[:7:7], batch[8:]...), true)
}

// restarted delivers while the store is stopped and started; what is to be retried is delivered again, as the log does it.
func restarted(t *testing.T, b *Bed) {
	if b.Stop == nil {
		return
	}
	d := open(t, b)
	deliver(t, d, events(0, 100))
	b.Stop(t)
	pending := events(100, 100)
	if pending = retry(t, d, pending); len(pending) == 0 {
		t.Error("a store that is away has taken everything")
	}
	b.Start(t)
	for tries := 0; len(pending) > 0; tries++ {
		if tries == 100 {
			t.Fatal("the store is back, and nothing arrives")
		}
		pending = retry(t, d, pending)
	}
	deliver(t, d, events(200, 50))
	compare(t, b, events(0, 250), b.Once)
}

// retry delivers a batch and returns what is to be tried again.
func retry(t *testing.T, d *destinations.Destination, batch []destinations.Sending) (pending []destinations.Sending) {
	t.Helper()
	for i, v := range d.Deliver(t.Context(), batch) {
		switch v.Kind {
		case destinations.Delivered:
		case destinations.Retry:
			pending = append(pending, batch[i])
		default:
			t.Fatalf("event %d: %s: %s", i, v.Kind, v.Why)
		}
	}
	return pending
}

func away(t *testing.T, b *Bed) {
	if b.Stop == nil {
		return
	}
	b.Stop(t)
	d := open(t, b)
	for i, v := range d.Deliver(t.Context(), events(0, 10)) {
		if v.Kind != destinations.Retry || v.Why == "" {
			t.Errorf("event %d: %s: %q", i, v.Kind, v.Why)
		}
	}
	b.Start(t)
	for tries := 0; len(retry(t, d, events(0, 10))) > 0; tries++ {
		if tries == 100 {
			t.Fatal("the store is back, and nothing arrives")
		}
	}
}

// stalled breaks off deliveries to a store that takes nothing, and delivers the same events when it does.
func stalled(t *testing.T, b *Bed) {
	d, l := b.Behind(t)
	t.Cleanup(func() {
		l.Open()
		if err := d.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	deliver(t, d, events(0, 20))
	l.Shut()
	ctx, cancel := context.WithCancel(t.Context())
	verdicts, waits := make(chan []destinations.Verdict, 1), l.Waits()
	go func() { verdicts <- d.Deliver(ctx, events(20, 200)) }()
	l.Await(waits)
	cancel()
	for i, v := range <-verdicts {
		if v.Kind != destinations.Retry || v.Why == "" {
			t.Errorf("event %d, of which the store has seen nothing: %s: %q", i, v.Kind, v.Why)
		}
	}
	l.Open()
	pending := events(20, 200)
	for tries := 0; len(pending) > 0; tries++ {
		if tries == 100 {
			t.Fatal("the store takes events again, and nothing arrives")
		}
		pending = retry(t, d, pending)
	}
	compare(t, b, events(0, 220), b.Once)
}

func cancelled(t *testing.T, b *Bed) {
	d := open(t, b)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	batch := events(0, 20)
	var settled []destinations.Sending
	for i, v := range d.Deliver(ctx, batch) {
		switch v.Kind {
		case destinations.Delivered:
			settled = append(settled, batch[i])
		case destinations.Retry:
		default:
			t.Errorf("event %d: %s: %s", i, v.Kind, v.Why)
		}
	}
	there := map[string]bool{}
	for _, id := range b.IDs(t) {
		there[id] = true
	}
	for i := range settled {
		if !there[settled[i].Event.ID] {
			t.Errorf("%s was delivered and is not there", settled[i].Event.ID)
		}
	}
}
