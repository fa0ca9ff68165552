package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"headgate/config"
	"headgate/consent/people"
	"headgate/destinations"
	"headgate/document"
	"headgate/event"
	"headgate/event/layout"
	"headgate/proxy/attempts"
	"headgate/proxy/history"
	"headgate/queue"
)

// one is the paused delivery of a log of its own.
type one struct {
	*Delivery
	parts      *config.Parts
	log        *queue.Log
	roster     *queue.Roster
	deliveries *Deliveries
}

func paused(t *testing.T) *one {
	t.Helper()
	return pausedWith(t, t.TempDir(), "{sink: {use: webhook, consent: {needs: [analytics]}, settings: {url: https://sink.example.com}, delivery: {wait: 10ms}}}")
}

// nothing is a driver that is never asked to deliver.
type nothing struct{}

func (nothing) Deliver(context.Context, []destinations.Sending) []destinations.Verdict {
	panic("BUG: nothing is delivered while deliveries are paused")
}
func (nothing) Close(context.Context) error { return nil }

// pausedWith is the paused delivery to the destination sink of a configuration with a log in a folder.
func pausedWith(t *testing.T, folder, entry string) *one {
	t.Helper()
	return pausedBy(t, folder, entry, nothing{})
}

// pausedBy is pausedWith, with a driver in the place of the one for Parquet.
func pausedBy(t *testing.T, folder, entry string, driver destinations.Driver) *one {
	t.Helper()
	path := filepath.Join(folder, "headgate.yaml")
	text := fmt.Sprintf("data: %s\ndestinations: %s\n", folder, entry)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	opened := func(destinations.DriverOptions) (destinations.Driver, document.Mistakes) { return driver, nil }
	parts, mistakes := config.Open(path, config.Env{}, config.Deps{Logger: logger, Drivers: map[string]destinations.NewDriver{"parquet": opened}})
	if err := mistakes.Err(); err != nil {
		t.Fatal(err)
	}
	parts.Policy.Suppression = &people.Suppression{}
	log, err := queue.Open(t.Context(), queue.Options{Dir: folder, Config: parts.Config.Queue, Logger: logger, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	roster, err := log.Roster([]string{"sink"})
	if err != nil {
		t.Fatal(err)
	}
	book, err := history.Open(history.Options{Folder: filepath.Join(folder, "history"), Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	answers, err := attempts.Open(attempts.Options{Folder: filepath.Join(folder, "answers"), Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	ds := New(log, folder, 24<<20, Recorder{book, answers}, logger, time.Now)
	if err := ds.notePause("sink", true); err != nil {
		t.Fatal(err)
	}
	if err := ds.Adopt(parts); err != nil {
		t.Fatal(err)
	}
	d, err := ds.Find("sink")
	if err != nil {
		t.Fatal(err)
	}
	o := &one{d, parts, log, roster, ds}
	t.Cleanup(func() { o.stop(t) })
	return o
}

// stop ends the delivery and closes its log.
func (o *one) stop(t *testing.T) {
	if o.log == nil {
		return
	}
	o.deliveries.Stop(context.Background())
	if err := o.log.Close(context.Background()); err != nil {
		t.Error(err)
	}
	o.log = nil
}

// accept puts an event on the log that is to be delivered.
func (o *one) accept(t *testing.T, e *event.Event) {
	t.Helper()
	e.Received = time.Now()
	d := &event.Decision{Event: *e, Consent: o.parts.Policy.Resolve(&event.Hit{Received: e.Received}, e),
		Outcomes: []event.Outcome{{Destination: "sink", Action: event.Deliver}}}
	entry := queue.Entry{Roster: o.roster, States: []queue.State{queue.Due}, Live: d, Held: d.Held(), Bytes: layout.Append(nil, d)}
	if err := o.log.Append(t.Context(), []queue.Entry{entry}); err != nil {
		t.Error(err)
	}
}

func TestBatchesAreCutByTheMemoryTheyTake(t *testing.T) {
	const events, size = 80, 256 << 10
	d := paused(t)
	for i := range events {
		d.accept(t, &event.Event{ID: strconv.Itoa(i), Name: "purchase", Consent: event.Map{{Key: "analytics", Value: event.Boolean(true)}},
			Params: event.Map{{Key: "note", Value: event.String(strings.Repeat("ab ", size/3))}}})
	}
	ctx, cancel := context.WithCancel(t.Context())
	settings := d.target.Load().destination.Delivery()
	batches := make(chan []item)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.collect(ctx, batches)
	}()
	for got := 0; got < events; {
		batch := <-batches
		got += len(batch)
		held := 0
		for _, it := range batch {
			held += it.held
		}
		if most := d.target.Load().room/settings.AtOnce + 2*size; held > most || held < len(batch)*size {
			t.Errorf("a batch of %d events takes %d bytes, at most %d", len(batch), held, most)
		}
	}
	cancel()
	<-ended
}
