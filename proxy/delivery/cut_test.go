package delivery

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/event"
	"headgate/event/layout"
	"headgate/event/samples"
)

// names runs the collector for a while and returns the names of the batches it cuts, until they have that many events. All of
// them go back to the log.
func (o *one) names(t *testing.T, events int) (names []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	batches, ended := make(chan []item), make(chan struct{})
	go func() {
		defer close(ended)
		o.collect(ctx, batches)
	}()
	var all [][]item
	for got := 0; got < events; {
		batch := <-batches
		all = append(all, batch)
		got += len(batch)
		sendings := make([]destinations.Sending, len(batch))
		for i := range batch {
			sendings[i] = batch[i].sending
		}
		names = append(names, destinations.BatchName(sendings))
	}
	cancel()
	<-ended
	for _, batch := range all {
		o.abandon(batch)
	}
	slices.Sort(names)
	return names
}

const drivers = "{sink: {use: parquet, consent: {needs: [analytics]}, settings: {to: ./archive}, delivery: {batch: 20, wait: 5ms}}}"

func TestABatchForADriverIsCutAtTheSamePlacesAgain(t *testing.T) {
	folder := t.TempDir()
	d := pausedWith(t, folder, drivers)
	const events = 97
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for i := range events {
			d.accept(t, &event.Event{ID: fmt.Sprint(i), Name: "purchase", Consent: event.Map{{Key: "analytics", Value: event.Boolean(true)}}})
		}
	})
	first := d.names(t, events)
	accepting.Wait()
	if again := d.names(t, events); !slices.Equal(first, again) {
		t.Errorf("in the same process it was\n%q, then\n%q", first, again)
	}
	d.stop(t)
	d = pausedWith(t, folder, drivers)
	if again := d.names(t, events); !slices.Equal(first, again) {
		t.Errorf("before a restart it was\n%q, then\n%q", first, again)
	}
}

func TestAStretchOfTimeEndsABatch(t *testing.T) {
	c := &cutter{settings: destinations.Delivery{Events: 3, Wait: time.Second}, most: 100, stable: true, open: map[string]*openBatch{}}
	known := false
	c.complete = func(string, uint64, time.Time) bool { return known }
	at := time.Unix(1000, 0)
	b := c.batch("a")
	b.items, b.due, b.last, b.ends = make([]item, 2), 2, 7, c.stretch(at)
	if end := at.Add(time.Second); !b.ends.Equal(end) {
		t.Fatalf("the stretch ends at %s, not %s", b.ends, end)
	}
	if wait, waits := c.next(at.Add(400 * time.Millisecond)); !waits || wait != 600*time.Millisecond {
		t.Errorf("it is asked again in %s", wait)
	}
	if got := c.expired(at.Add(999 * time.Millisecond)); got != nil {
		t.Error("cut before the stretch has passed")
	}
	if got := c.expired(at.Add(time.Second)); got != nil {
		t.Error("cut while a group of the stretch may still come")
	}
	if wait, waits := c.next(at.Add(2 * time.Second)); !waits || wait != again {
		t.Errorf("it is asked again in %s", wait)
	}
	known = true
	if got := c.expired(at.Add(time.Second)); len(got) != 1 || len(got[0]) != 2 {
		t.Errorf("not cut when it is complete: %v", got)
	}
	if _, waits := c.next(at); waits {
		t.Error("an empty batch is waited for")
	}
}

func TestADecisionWeighsTheSameFromTheLog(t *testing.T) {
	for _, name := range samples.Names() {
		e, _ := samples.Get(name)
		d := &event.Decision{Event: *e, Outcomes: []event.Outcome{{Destination: "sink", Action: event.Deliver}}}
		read, err := layout.Decode(string(layout.Append(nil, d)))
		if err != nil {
			t.Fatal(err)
		}
		if d.Held() != read.Held() {
			t.Errorf("%s takes %d bytes when it comes and %d from the log: batches would be cut elsewhere after a restart", name, d.Held(), read.Held())
		}
	}
}
