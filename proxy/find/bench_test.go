package find

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/event"
	"headgate/event/layout"
	"headgate/proxy/search"
	"headgate/queue"
)

// benched is a log of so many events, one in three of which one destination may not have, and a finder that has read it.
func benched(b *testing.B, events int) *Finder {
	b.Helper()
	folder := b.TempDir()
	logger := slog.New(slog.DiscardHandler)
	config := queue.Default()
	log, err := queue.Open(b.Context(), queue.Options{Dir: folder, Config: config, Logger: logger, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = log.Close(b.Context()) })
	names := []string{"meta", "ga4"}
	roster, err := log.Roster(names)
	if err != nil {
		b.Fatal(err)
	}
	list := &people.Suppression{Hasher: people.Hasher{Key: []byte("key")}}
	entries := make([]queue.Entry, 200)
	for n := 0; n < events; n += len(entries) {
		for i := range entries {
			d := stored(n+i, list)
			states := []queue.State{queue.Due, queue.Due}
			if d.Outcomes[0].Action == event.Deny {
				states[0] = queue.Denied
			}
			entries[i] = queue.Entry{Bytes: layout.Append(nil, d), Roster: roster, States: states}
		}
		if err := log.Append(b.Context(), entries); err != nil {
			b.Fatal(err)
		}
	}
	f, err := Open(b.Context(), Options{Folder: filepath.Join(folder, "search"), Log: log, Now: time.Now, Logger: logger, List: func() *people.Suppression { return list },
		Cursor: func(name string) (*queue.Cursor, bool) { c, err := log.Cursor(name); return c, err == nil }})
	if err != nil {
		b.Fatal(err)
	}
	if err := f.CatchUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	return f
}

func stored(n int, list *people.Suppression) *event.Decision {
	d := &event.Decision{Event: event.Event{ID: fmt.Sprint("event-", n), Name: []string{"page_view", "purchase"}[n%2], Site: "shop", Received: time.Now(), Time: time.Now(),
		User:   event.User{ClientID: fmt.Sprint("client-", n%1000)},
		Params: event.Map{{Key: "transaction_id", Value: event.String(fmt.Sprint("T-", n))}, {Key: "value", Value: event.Float(10)}},
		Page:   event.Page{URL: "https://www.shop.example/product/shoes?utm_source=news", Title: "Shoes", Referrer: "https://www.example.org/"}},
		Outcomes: []event.Outcome{{Destination: "meta", Action: event.Deliver, Reason: event.Delivered}, {Destination: "ga4", Action: event.Deliver, Reason: event.Delivered}}}
	if n%3 == 0 {
		d.Outcomes[0] = event.Outcome{Destination: "meta", Action: event.Deny, Reason: event.NoChoice}
	}
	who := people.WhoOf(&d.Event)
	d.Identifiers = list.Hasher.Append(nil, &who)
	return d
}

// searched is how many events a search is measured over: 200,000, or what make bench-search says.
func searched(b *testing.B) int {
	b.Helper()
	text := os.Getenv("HEADGATE_SEARCH_EVENTS")
	if text == "" {
		return 200_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkSearch asks a log of many events. What finds nothing has looked at each of them.
func BenchmarkSearch(b *testing.B) {
	events := searched(b)
	f := benched(b, events)
	for _, text := range []string{"order:T-77", fmt.Sprint("order:T-", events-77), "client:client-7", "state:denied destination:meta", "state:rejected destination:meta", "state:rejected", "name:none"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				if _, err := f.Search(b.Context(), Ask{Text: text, Limit: 50}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(events), "ns/event")
		})
	}
}

// BenchmarkIndex is what the index costs for an event.
func BenchmarkIndex(b *testing.B) {
	list := &people.Suppression{Hasher: people.Hasher{Key: []byte("key")}}
	s := &queue.Stored{Bytes: layout.Append(nil, stored(1, list))}
	var e search.Entry
	b.ReportAllocs()
	for b.Loop() {
		if !fill(&e, s, list) {
			b.Fatal("it is not indexed")
		}
	}
}
