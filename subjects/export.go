package subjects

import (
	"context"
	"fmt"
	"time"

	"headgate/consent/people"
	"headgate/event"
	"headgate/event/trace"
)

// Held is one thing that is held about a person; one of the members is set.
type Held struct {
	Person      *Understood     `json:"person,omitempty"` // the first: how the person was understood
	Suppression *Suppression    `json:"suppression,omitempty"`
	Receipt     *people.Receipt `json:"receipt,omitempty"`
	Event       *trace.Trace    `json:"event,omitempty"` // with what happened to it at each destination
	DeadLetter  *trace.Trace    `json:"dead_letter,omitempty"`
}

// Suppression is an entry of the suppression list.
type Suppression struct {
	Subject   string     `json:"subject"`
	Withdrawn *time.Time `json:"withdrawn,omitempty"` // null: nothing is ever sent
	Purposes  []string   `json:"purposes,omitempty"`
}

// Export calls fn with all that is held about a person: suppressions, receipts, the events in the log with what happened to
// them, and dead letters. What destinations were sent is theirs. Other than the events, nothing holds the id in clear.
func (r *Rights) Export(ctx context.Context, p Person, fn func(Held)) error {
	who, err := r.recognise(ctx, p)
	if err != nil {
		return err
	}
	understood := who.understood()
	fn(Held{Person: &understood})
	for _, stop := range r.store.list.Of(who.subject) {
		entry := &Suppression{Subject: who.subject.String(), Purposes: stop.Purposes}
		if !stop.Withdrawn.IsZero() {
			entry.Withdrawn = &stop.Withdrawn
		}
		fn(Held{Suppression: entry})
	}
	err = r.store.receipts.about(who.subjects, func(one *people.Receipt) { fn(Held{Receipt: one}) })
	if err != nil {
		return fmt.Errorf("read the receipts: %w", err)
	}
	events, decisions, err := r.eventsOf(ctx, r.peopleOf(who))
	if err != nil {
		return err
	}
	traces, err := r.proxy.Traces(ctx, events, decisions)
	if err != nil {
		return err
	}
	for _, t := range traces {
		fn(Held{Event: t})
	}
	theirs := r.peopleOf(who)
	return r.proxy.EachDeadLetter(ctx, "", func(destination, _, why string, d *event.Decision) {
		if theirs.did(r.store.list.Hasher.OfDecision(d)) {
			t := &trace.Trace{Event: &d.Event, Received: d.Received(), Source: d.Event.Source, Consent: &d.Consent, Rules: trace.RulesOf(d), EmittedBy: d.EmittedBy}
			if o := d.Outcome(destination); o != nil {
				t.Destinations = []trace.Destination{{Outcome: *o, Verdict: &trace.Verdict{Verdict: "reject", Why: why}}}
			}
			fn(Held{DeadLetter: t})
		}
	})
}
