package counts

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"headgate/event"
	"headgate/proxy/history"
)

// BenchmarkTally is what counting costs an event with twenty destinations, half of which may not have it.
func BenchmarkTally(b *testing.B) {
	book, err := history.Open(history.Options{Folder: filepath.Join(b.TempDir(), "history"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	f := &Flows{book: book, accepted: book.Flow("shop", "").Counter("accepted", "", ""), purposes: 6}
	f.choices.Store(&map[choice]*history.Counter{})
	d := &event.Decision{Event: event.Event{Name: "page_view"}, Consent: event.Record{Country: "DE", Signals: []event.Signal{{Source: "onetrust"}}}}
	for _, purpose := range []string{"necessary", "functional", "analytics", "ads", "personalized_ads", "sharing"} {
		d.Consent.States = append(d.Consent.States, event.State{Purpose: purpose, State: event.Denied, Cause: event.Cause{Kind: event.BySaying, Signal: event.Citation{Signal: 1}}})
	}
	for i := range 20 {
		name := fmt.Sprint("destination", i)
		f.at = append(f.at, book.Flow("shop", name))
		o := event.Outcome{Destination: name, Action: event.Deliver, Reason: event.Delivered}
		if i%2 == 0 {
			o = event.Outcome{Destination: name, Action: event.Deny, Reason: event.NoChoice, Cites: event.Cites{4}}
		}
		d.Outcomes = append(d.Outcomes, o)
	}
	tools := newConsent()
	var list []Counted
	b.ReportAllocs()
	for b.Loop() {
		list = f.Note(list[:0], d, true, tools)
		for i := range list {
			list[i].Add()
		}
	}
}
