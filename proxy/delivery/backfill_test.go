package delivery

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/destinations"
	"headgate/event"
)

// recorder is a driver, and an archive, that knows what it was given.
type recorder struct {
	mu      sync.Mutex
	batches []string // names
	ids     []string
	came    chan struct{} // gets a value for each batch
	verdict func(id string) destinations.Verdict
	rows    map[string][]event.Map // what the archive keeps
}

func newRecorder() *recorder { return &recorder{came: make(chan struct{}, 1000)} }

func (r *recorder) Deliver(_ context.Context, batch []destinations.Sending) []destinations.Verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches = append(r.batches, destinations.BatchName(batch))
	verdicts := make([]destinations.Verdict, len(batch))
	for i := range batch {
		verdicts[i].Kind = destinations.Delivered
		if r.verdict != nil {
			verdicts[i] = r.verdict(batch[i].Event.ID)
		}
		if verdicts[i].Kind == destinations.Delivered {
			r.ids = append(r.ids, batch[i].Event.ID)
		}
	}
	r.came <- struct{}{}
	return verdicts
}

func (r *recorder) Close(context.Context) error { return nil }

func (r *recorder) List(context.Context, time.Time, time.Time) (names []string, err error) {
	for name := range r.rows {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

func (r *recorder) Read(_ context.Context, name string, fn func(event.Map) bool) error {
	for _, row := range r.rows[name] {
		if !fn(row) {
			return nil
		}
	}
	return nil
}

// take returns what came since it was last called, sorted.
func (r *recorder) take() (batches, ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	batches, ids = r.batches, r.ids
	r.batches, r.ids = nil, nil
	slices.Sort(batches)
	slices.Sort(ids)
	return batches, ids
}

// await returns when that many events have come.
func (r *recorder) await(events int) {
	for {
		r.mu.Lock()
		enough := len(r.ids) >= events
		r.mu.Unlock()
		if enough {
			return
		}
		<-r.came
	}
}

// filled is a delivery of which a recorder has got that many events.
func filled(t *testing.T, events int) (*one, *recorder) {
	t.Helper()
	r := newRecorder()
	d := pausedBy(t, t.TempDir(), drivers, r)
	for i := range events {
		e := &event.Event{ID: fmt.Sprint(i), Name: "purchase", Consent: event.Map{{Key: "analytics", Value: event.Boolean(true)}}}
		e.User.ClientID = fmt.Sprintf("c%d", i%7)
		d.accept(t, e)
	}
	if err := d.deliveries.Resume("sink"); err != nil {
		t.Fatal(err)
	}
	r.await(events)
	return d, r
}

func everything() Backfill {
	return Backfill{From: FromLog, To: "sink", Until: time.Now().Add(time.Hour), Asked: "everything"}
}

func nobody(Filled) {}

func TestABackfillFromTheLogHasTheBatchesOfBefore(t *testing.T) {
	const events = 97
	d, r := filled(t, events)
	before, ids := r.take()
	got, err := d.deliveries.Backfill(t.Context(), everything(), nobody)
	if err != nil || got.Delivered != events || got.Read != events || got.Of != events {
		t.Fatalf("%+v %v", got, err)
	}
	if again, same := r.take(); !slices.Equal(again, before) || !slices.Equal(same, ids) {
		t.Errorf("the batches were\n%q, now\n%q", before, again)
	}
	dry := everything()
	dry.DryRun = true
	if got, err := d.deliveries.Backfill(t.Context(), dry, nobody); err != nil || got.Delivered != events {
		t.Errorf("%+v %v", got, err)
	}
	if batches, _ := r.take(); len(batches) > 0 {
		t.Errorf("a dry run has delivered %q", batches)
	}
}

func TestABackfillThatIsBrokenOffGoesOnWhereItEnded(t *testing.T) {
	const events = 97
	d, r := filled(t, events)
	before, _ := r.take()
	ctx, cancel := context.WithCancel(t.Context())
	first, err := d.deliveries.Backfill(ctx, everything(), func(f Filled) {
		if f.Delivered >= 20 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || first.Delivered >= events {
		t.Fatalf("%+v %v", first, err)
	}
	some, _ := r.take()
	second, err := d.deliveries.Backfill(t.Context(), everything(), nobody)
	if err != nil || second.Delivered != events {
		t.Fatalf("%+v %v", second, err)
	}
	rest, _ := r.take()
	if all := slices.Sorted(slices.Values(append(some, rest...))); !slices.Equal(all, before) {
		t.Errorf("the batches were\n%q, now\n%q", before, all)
	}
	if _, err := os.Stat(d.deliveries.fillFile("sink")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its state is kept: %v", err)
	}
}

func TestABackfillObeysWhatConsentHasComeToForbid(t *testing.T) {
	const events = 70
	d, r := filled(t, events)
	r.take()
	d.parts.Policy.Suppression.Add(people.Stop{Subject: people.ClientSubject("c3")})
	got, err := d.deliveries.Backfill(t.Context(), everything(), nobody)
	if err != nil || got.Delivered != 60 || got.Withheld != 10 {
		t.Errorf("%+v %v", got, err)
	}
	if _, ids := r.take(); slices.Contains(ids, "3") || len(ids) != 60 {
		t.Errorf("%d came: %q", len(ids), ids)
	}
}

func TestABackfillSaysWhatIsInItsWay(t *testing.T) {
	d, r := filled(t, 5)
	r.take()
	wants := func(b Backfill, why string) Filled {
		t.Helper()
		got, err := d.deliveries.Backfill(t.Context(), b, nobody)
		if err == nil && why != "" || err != nil && (why == "" || !strings.Contains(err.Error(), why)) {
			t.Errorf("%v, want %q", err, why)
		}
		return got
	}
	b := everything()
	b.To = "sunk"
	wants(b, `no destination "sunk"; did you mean "sink"?`)
	b = everything()
	b.From = "lag"
	wants(b, `no destination "lag"`)
	b.From = "sink"
	wants(b, "into itself")
	_, err := d.deliveries.Backfill(t.Context(), everything(), func(Filled) {
		if err := d.deliveries.Adopt(d.parts); err != nil {
			t.Error(err)
		}
	})
	if !errors.Is(err, ErrReplaced) {
		t.Errorf("after a reload: %v", err)
	}
	r.take()
	r.verdict = func(string) destinations.Verdict {
		return destinations.Verdict{Kind: destinations.Reject, Why: "too long"}
	}
	if got := wants(everything(), ""); got.Rejected != 5 || got.Why != "too long" {
		t.Errorf("%+v", got)
	}
	r.verdict = func(string) destinations.Verdict {
		return destinations.Verdict{Kind: destinations.Halt, Why: "wrong password"}
	}
	wants(everything(), "refuses our settings: wrong password")
	if err := d.deliveries.Pause("sink"); err != nil {
		t.Fatal(err)
	}
	b = everything()
	b.Again = true
	wants(b, "sink is paused")
}

const twoDrivers = "{sink: {use: parquet, consent: {needs: [analytics]}, settings: {to: ./archive}, delivery: {batch: 3, wait: 5ms}}, " +
	"kept: {use: parquet, consent: {needs: [analytics]}, settings: {to: ./kept}}}"

func TestABackfillFromAnArchiveTakesWhatItsEventsAllow(t *testing.T) {
	r := newRecorder()
	d := pausedBy(t, t.TempDir(), twoDrivers, r)
	if err := d.deliveries.Resume("sink"); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	row := func(id, client string, received time.Time, analytics bool) event.Map {
		return event.Map{{Key: "id", Value: event.String(id)}, {Key: "user_client_id", Value: event.String(client)}, {Key: "received", Value: event.TimeValue(received)},
			{Key: "consent", Value: event.ObjectOf(event.Map{{Key: "analytics", Value: event.Boolean(analytics)}})}}
	}
	r.rows = map[string][]event.Map{
		"1": {row("a", "c1", now, true), row("b", "c1", now, false), row("c", "gone", now, true), row("d", "c1", now.AddDate(0, 0, -9), true)},
		"2": {row("e", "c2", now, true), row("f", "c2", now, true), row("g", "c2", now, true), row("h", "c2", now, true), {}},
	}
	d.parts.Policy.Suppression.Add(people.Stop{Subject: people.ClientSubject("gone")})
	b := everything()
	b.From, b.Since = "kept", now.AddDate(0, 0, -1)
	got, err := d.deliveries.Backfill(t.Context(), b, nobody)
	if err != nil || got.Delivered != 5 || got.Withheld != 2 || got.Read != 2 || got.Of != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	batches, ids := r.take()
	if !slices.Equal(ids, []string{"a", "e", "f", "g", "h"}) || len(batches) != 3 {
		t.Errorf("%q in %q", ids, batches)
	}
	if _, err := d.deliveries.Backfill(t.Context(), b, nobody); err != nil {
		t.Fatal(err)
	}
	if again, _ := r.take(); !slices.Equal(again, batches) {
		t.Errorf("the batches were %q, now %q", batches, again)
	}
}
