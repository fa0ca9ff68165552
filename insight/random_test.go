package insight

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"headgate/consent"
	"headgate/consent/people"
	"headgate/document"
	"headgate/event"
	"headgate/event/layout"
	"headgate/insight/answers"
	"headgate/insight/terms"
	"headgate/queue"
	"headgate/rules"
)

// memoryLog is a log in memory: a group for each event.
type memoryLog struct {
	mu     sync.Mutex
	events []queue.Stored
}

func (l *memoryLog) add(d *event.Decision) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, queue.Stored{Time: d.Event.Received, Bytes: layout.Append(nil, d)})
}

func (l *memoryLog) Next(ctx context.Context, after uint64, fn func(uint64, queue.Stored)) (uint64, error) {
	l.mu.Lock()
	some := l.events[min(after, uint64(len(l.events))):]
	some = some[:min(len(some), 50)]
	l.mu.Unlock()
	for i, s := range some {
		fn(after+uint64(i)+1, s)
	}
	if len(some) > 0 {
		return after + uint64(len(some)), nil
	}
	<-ctx.Done()
	return after, ctx.Err()
}

func (l *memoryLog) Bounds(context.Context) (first, last uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return 1, uint64(len(l.events)), nil
}

func (l *memoryLog) At(_ context.Context, since time.Time) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.events {
		if !l.events[i].Time.Before(since) {
			return uint64(i), nil
		}
	}
	return uint64(len(l.events)), nil
}

func (l *memoryLog) Oldest(context.Context) (time.Time, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.events) == 0 {
		return time.Time{}, nil
	}
	return l.events[0].Time, nil
}

// desk is an Insight whose follower is stepped by hand.
type desk struct {
	*Insight
	t      testing.TB
	log    *memoryLog
	policy *consent.Policy
	folder string
	now    time.Time
	yaml   string
	// archive is what a destination keeps.
	archive keptFacts
}

var monday = time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)

func newDesk(t testing.TB, yaml string) *desk {
	t.Helper()
	d := &desk{t: t, log: &memoryLog{}, policy: policy(t), folder: t.TempDir(), now: monday, yaml: yaml}
	d.restart()
	return d
}

func policy(t testing.TB) *consent.Policy {
	t.Helper()
	p, ms := consent.New(consent.Defaults())
	if len(ms) > 0 {
		t.Fatal(ms.Err())
	}
	p.Suppression = &people.Suppression{Hasher: people.Hasher{Key: []byte("key")}}
	return p
}

func termsOf(t testing.TB, yaml string) *terms.Terms {
	t.Helper()
	node, ms := document.Parse("insight.yaml", []byte(yaml))
	var c terms.Config
	c.SetDefaults()
	if len(ms) == 0 && node != nil {
		ms = document.Decode(node, &c)
	}
	language, wrong := rules.NewLanguage(rules.Options{})
	ms = append(ms, wrong...)
	compiled, wrong := terms.New(&c, language, os.ReadFile)
	if ms = append(ms, wrong...); len(ms) > 0 {
		t.Fatal(ms.Err())
	}
	return compiled
}

// restart opens the store again as after a crash: what was in memory is read from the log once more.
func (d *desk) restart() {
	d.t.Helper()
	d.Insight = New(Options{Data: d.folder, Log: d.log, Now: func() time.Time { return d.now }, Logger: slog.New(slog.DiscardHandler), Archived: d.archive.archived})
	d.Insight.done = make(chan struct{}) // nobody follows but step
	close(d.Insight.done)
	if err := d.Serve(termsOf(d.t, d.yaml), d.policy); err != nil {
		d.t.Fatal(err)
	}
	d.begin()
}

// follow counts what is in the log.
func (d *desk) follow() {
	d.t.Helper()
	for {
		_, last, _ := d.log.Bounds(context.Background())
		if d.store.Position() >= last {
			return
		}
		if err := d.count(d.serving.Load()); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *desk) ask(question func(context.Context, url.Values) (*answers.Answer, error), query string) map[string]any {
	d.t.Helper()
	q, err := url.ParseQuery(query)
	if err != nil {
		d.t.Fatal(err)
	}
	answer, err := question(context.Background(), q)
	if err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
	return object(d.t, answer.JSON)
}

func object(t testing.TB, v any) map[string]any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// decision is a fact as the log has it.
func (f fact) decision(received time.Time) *event.Decision {
	state := event.State{Purpose: consent.Analytics, State: "granted", Basis: "choice"}
	if !f.granted {
		state.State = "denied"
	}
	d := &event.Decision{Event: event.Event{ID: f.id, Name: f.event, Time: f.at, Received: received, User: event.User{ClientID: f.visitor},
		Page: event.Page{Path: f.page, ReferrerClass: f.referrer}, Campaign: event.Campaign{Source: f.source, Medium: f.medium, Name: f.campaign}},
		Consent: event.Record{States: []event.State{state}}}
	if f.value != 0 {
		d.Event.Params.Add("value", event.Float(float64(f.value)/100))
		d.Event.Params.Add("currency", event.String("EUR"))
	}
	if f.term != "" {
		d.Event.Params.Add("search_term", event.String(f.term))
	}
	return d
}

// crowd makes up what visitors do in twenty days before now, in the order in which it arrives.
func crowd(r *rand.Rand, now time.Time) []fact {
	events := []string{"page_view", "page_view", "page_view", "view_item", "add_to_cart", "add_to_cart", "begin_checkout", "purchase", "scroll", "search",
		"view_search_results", "select_item", "remove_from_cart", "view_cart", "generate_lead", "refund"}
	var all []fact
	for v := range 3 + r.IntN(12) {
		for range 1 + r.IntN(7) {
			at := now.Add(-time.Duration(r.Int64N(int64(20 * 24 * time.Hour))))
			if r.IntN(4) == 0 { // across midnight
				at = at.Truncate(24 * time.Hour).Add(-time.Duration(r.Int64N(int64(10 * time.Minute))))
			}
			granted, first := r.IntN(8) > 0, true
			for range 1 + r.IntN(12) {
				f := fact{id: fmt.Sprint("e", len(all)), visitor: fmt.Sprint("visitor-", v), event: events[r.IntN(len(events))], page: fmt.Sprint("/", r.IntN(4)), at: at.Truncate(time.Millisecond), granted: granted}
				switch f.event {
				case "search", "view_search_results":
					f.term = fmt.Sprint("term", r.IntN(2))
				case "add_to_cart", "begin_checkout", "purchase", "remove_from_cart", "generate_lead":
					f.value = r.IntN(4) * 995
				}
				if first && r.IntN(2) == 0 {
					f.source, f.medium, f.campaign = fmt.Sprint("source", r.IntN(3)), "cpc", fmt.Sprint("c", r.IntN(2))
				} else if first {
					f.referrer = []string{"", "search", "social", "internal", "other"}[r.IntN(5)]
				}
				first = false
				all = append(all, f)
				if r.IntN(10) == 0 { // it is sent again
					all = append(all, f)
				}
				if r.IntN(15) == 0 { // and once more, by a clock that goes otherwise
					f.at = f.at.Add(time.Duration(r.IntN(20)-10) * time.Hour)
					all = append(all, f)
				}
				step := time.Duration(r.Int64N(int64(15 * time.Minute)))
				if r.IntN(9) == 0 {
					step = time.Duration(r.Int64N(int64(3 * time.Hour)))
				} else if r.IntN(9) == 0 {
					step = 0
				}
				if at = at.Add(step); !at.Before(now) {
					break
				}
			}
		}
	}
	var out []fact
	for _, f := range all {
		late := time.Duration(r.Int64N(int64(2 * time.Minute)))
		switch r.IntN(8) {
		case 0:
			late = time.Duration(r.Int64N(int64(12 * time.Hour)))
		case 1:
			late = time.Duration(r.Int64N(int64(6 * 24 * time.Hour)))
		}
		if f.arrived = f.at.Add(late); f.arrived.After(now) {
			f.arrived = now
		}
		if f.at.Before(now) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b fact) int { return a.arrived.Compare(b.arrived) })
	return out
}

// eachSeed runs a test with chance that is the same at every run, several times; stream tells the chance of one test from another's.
func eachSeed(t *testing.T, seeds, stream uint64, test func(t *testing.T, r *rand.Rand)) {
	t.Helper()
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			test(t, rand.New(rand.NewPCG(seed, stream)))
		})
	}
}

// feed sends facts through the log into the store, which is flushed, merged, restarted and cut off as it comes.
func (d *desk) feed(r *rand.Rand, all []fact) {
	d.t.Helper()
	end := d.now
	for _, f := range all {
		d.now = f.arrived
		d.log.add(f.decision(f.arrived))
		switch r.IntN(60) {
		case 0:
			d.follow()
			if err := d.store.Flush(); err != nil {
				d.t.Fatal(err)
			}
		case 1:
			d.follow()
			if err := d.store.Tend(context.Background(), 0); err != nil {
				d.t.Fatal(err)
			}
		case 2:
			d.restart()
		}
	}
	d.now = end
	d.follow()
}
