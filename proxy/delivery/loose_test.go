package delivery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"headgate/consent/people"
	"headgate/destinations"
	"headgate/event"
)

// streamer is a recorder that takes batches which are not in memory, and reads each twice.
type streamer struct {
	*recorder
	before func(ctx context.Context, try int) (again bool) // called when a batch was read: it may be refused
	tries  []string                                        // the names of all batches, also of those that were refused
	inside int                                             // batches that were in memory
}

func (s *streamer) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	s.inside++
	return s.recorder.Deliver(ctx, batch)
}

func (s *streamer) DeliverEvents(ctx context.Context, events destinations.Events) destinations.Verdict {
	var first, second []destinations.Sending
	for _, to := range []*[]destinations.Sending{&first, &second} {
		if err := events(func(_ int, e *destinations.Sending) bool { *to = append(*to, *e); return true }); err != nil {
			return destinations.Verdict{Kind: destinations.Retry, Why: err.Error()}
		}
	}
	name := destinations.BatchName(first)
	s.tries = append(s.tries, name)
	if destinations.BatchName(second) != name {
		return destinations.Verdict{Kind: destinations.Reject, Why: "it was another batch when it was read again"}
	}
	if s.before != nil && s.before(ctx, len(s.tries)) {
		return destinations.Verdict{Kind: destinations.Retry, Why: "busy"}
	}
	s.recorder.Deliver(ctx, first)
	return destinations.Verdict{Kind: destinations.Delivered}
}

const largeBatches = "{sink: {use: parquet, consent: {needs: [analytics]}, settings: {to: ./archive}, delivery: {batch: 80, wait: 24h}}}"

// larger is a log with a batch that takes more memory than one may.
func larger(t *testing.T) (*one, *streamer) {
	t.Helper()
	s := &streamer{recorder: newRecorder()}
	d := pausedBy(t, t.TempDir(), largeBatches, s)
	for i := range 80 {
		e := &event.Event{ID: fmt.Sprint(i), Name: "purchase", Consent: event.Map{{Key: "analytics", Value: event.Boolean(true)}},
			Params: event.Map{{Key: "note", Value: event.String(strings.Repeat("ab ", 256<<10/3))}}}
		e.User.ClientID = fmt.Sprintf("c%d", i%8)
		d.accept(t, e)
	}
	return d, s
}

func (o *one) resume(t *testing.T) {
	t.Helper()
	if err := o.deliveries.Resume("sink"); err != nil {
		t.Fatal(err)
	}
}

func TestABatchThatIsTooLargeForMemoryIsReadFromTheLog(t *testing.T) {
	d, s := larger(t)
	d.resume(t)
	s.await(80)
	batches, ids := s.take()
	if len(batches) != 1 || s.inside > 0 {
		t.Fatalf("%d batches, %d in memory", len(batches), s.inside)
	}
	got, err := d.deliveries.Backfill(t.Context(), everything(), nobody)
	if err != nil || got.Delivered != 80 {
		t.Fatalf("%+v %v", got, err)
	}
	if again, same := s.take(); !slices.Equal(again, batches) || !slices.Equal(same, ids) || s.inside > 0 {
		t.Errorf("loaded again it is %q, not %q; %d events", again, batches, len(same))
	}
}

func TestABatchFromTheLogLeavesOutWhatIsWithdrawnBeforeItIsDelivered(t *testing.T) {
	d, s := larger(t)
	s.before = func(_ context.Context, try int) (again bool) {
		d.parts.Policy.Suppression.Add(people.Stop{Subject: people.ClientSubject("c3")})
		return try == 1
	}
	d.resume(t)
	s.await(70)
	if _, ids := s.take(); len(ids) != 70 || slices.Contains(ids, "3") {
		t.Errorf("%d events: %q", len(ids), ids)
	}
	if s.tries[0] == s.tries[1] {
		t.Error("another batch has the same name")
	}
}

func TestABatchFromTheLogThatIsBrokenOffIsTheSameAgain(t *testing.T) {
	d, s := larger(t)
	began := make(chan struct{})
	s.before = func(ctx context.Context, try int) (again bool) {
		if try > 1 {
			return false
		}
		close(began)
		<-ctx.Done()
		return true
	}
	d.resume(t)
	<-began
	if err := d.deliveries.Pause("sink"); err != nil {
		t.Fatal(err)
	}
	d.resume(t)
	s.await(80)
	if len(s.tries) != 2 || s.tries[0] != s.tries[1] {
		t.Errorf("the batches were %q", s.tries)
	}
}
