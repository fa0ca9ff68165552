//go:build unix

package insight

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"headgate/consent"
	"headgate/event"
	"headgate/event/layout"
	"headgate/insight/store"
	"headgate/queue"
)

// endless is a log that gives the same events out again and again, with ids and times of their own, a group of 64 at a time, to an Insight
// that keeps up with it (live) or that reads them from disk.
type endless struct {
	memoryLog
	decisions []*event.Decision
	live      bool
	n         int
}

const ofGroup = 64

func (l *endless) Next(_ context.Context, after uint64, fn func(uint64, queue.Stored)) (uint64, error) {
	for k := range ofGroup {
		s := l.events[(l.n+k)%len(l.events)]
		if l.live {
			s.Live = l.decisions[(l.n+k)%len(l.events)]
		}
		fn(after+1, s)
	}
	l.n += ofGroup
	return after + 1, nil
}

func (l *endless) Bounds(context.Context) (first, last uint64, err error) { return 1, uint64(l.n), nil }

// newEndless makes up what visitors of a shop do at a time: five events each.
func newEndless(at time.Time) *endless {
	l, r := &endless{}, rand.New(rand.NewPCG(1, 1))
	for n := range 1 << 15 {
		visitor, step := n/5, n%5
		name := []string{"page_view", "page_view", "view_item", "add_to_cart", "purchase"}[step]
		e := event.Event{ID: fmt.Sprintf("0192f3c4-%04x-7%03x-8000-%012x", n>>8, n&0xff, r.Uint64()>>16), Name: name, Time: at.Add(time.Duration(n) * time.Millisecond), Received: at,
			Site: "shop", Source: "events", User: event.User{ClientID: fmt.Sprintf("%d.%d", 1_000_000+visitor, 1_793_265_120)},
			Page:   event.Page{URL: "https://www.shop.example/product/4711?size=42", Path: fmt.Sprint("/product/", r.IntN(500)), Title: "Red shoe", ReferrerClass: "search"},
			Device: event.Device{Type: "mobile", Browser: "Chrome", OS: "Android"}, Geo: event.Geo{Country: "DE", City: "Berlin"}}
		if step == 0 && visitor%3 == 0 {
			e.Campaign = event.Campaign{Source: "newsletter", Medium: "email", Name: "november"}
		}
		if step > 1 {
			e.Params.Add("value", event.Float(59.8))
			e.Params.Add("currency", event.String("EUR"))
			e.Items = []event.Item{{ID: fmt.Sprint("SKU-", r.IntN(500)), Name: "Red shoe", Category: "Shoes"}}
		}
		d := &event.Decision{Event: e, Consent: event.Record{States: []event.State{{Purpose: consent.Analytics, State: "granted", Basis: "choice"}}}}
		l.decisions = append(l.decisions, d)
		l.events = append(l.events, queue.Stored{Time: at, Bytes: layout.Append(nil, d)})
	}
	return l
}

// BenchmarkCounted measures what an event costs from the log until it is counted, and later in a file.
func BenchmarkCounted(b *testing.B) {
	for _, live := range []bool{true, false} {
		b.Run(map[bool]string{true: "keeping up", false: "from disk"}[live], func(b *testing.B) {
			d := &desk{t: b, policy: policy(b), folder: b.TempDir(), now: monday, yaml: counted + "paths: [{match: '^/product/[^/]+', name: '/product/*'}]\n"}
			log := newEndless(monday)
			log.live = live
			d.Insight = New(Options{Data: d.folder, Log: log, Now: func() time.Time { return d.now }, Logger: slog.New(slog.DiscardHandler)})
			d.done = make(chan struct{}) // nobody follows but the benchmark
			if err := d.Serve(termsOf(b, d.yaml), d.policy); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			began := computed(b)
			events := 0
			for b.Loop() {
				if err := d.count(d.serving.Load()); err != nil {
					b.Fatal(err)
				}
				if events += ofGroup; events%(1<<16) == 0 {
					if err := d.store.Tend(context.Background(), 0); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64((computed(b)-began).Nanoseconds())/float64(events), "cpu-ns/event")
		})
	}
}

// BenchmarkSessions measures what a session of five events takes in memory until its events are written, within minutes.
func BenchmarkSessions(b *testing.B) {
	const sessions, steps = 10_000, 5
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	d := newDesk(b, counted)
	for b.Loop() {
		before := heap()
		for step := range steps {
			for from := 0; from < sessions; from += ofGroup {
				var group []store.Record
				for n := from; n < min(from+ofGroup, sessions); n++ {
					group = append(group, store.Record{Visitor: uint64(n+2) * 0x9e3779b97f4a7c15, Time: monday.UnixMilli() + int64(step), ID: uint32(n), Event: "page_view", Page: "/", Site: "shop"})
				}
				d.store.Add(group, 1)
			}
		}
		b.ReportMetric(float64(heap()-before)/sessions, "bytes/session")
		if err := d.store.Flush(); err != nil {
			b.Fatal(err)
		}
	}
}
