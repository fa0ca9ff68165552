package subjects

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
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
	Derived     *Derivation     `json:"derived,omitempty"`
}

// Derivation is what something that was made from the log has of a person.
type Derivation struct {
	Name string          `json:"name"`
	Has  json.RawMessage `json:"has"`
}

// Suppression is an entry of the suppression list.
type Suppression struct {
	Subject   string     `json:"subject"`
	Withdrawn *time.Time `json:"withdrawn,omitempty"` // null: nothing is ever sent
	Purposes  []string   `json:"purposes,omitempty"`
}

// Export calls fn with all that is held about a person: suppressions, receipts, the events in the log with what happened to
// them, what was derived from events of their browsers, and dead letters. What destinations were sent is theirs. Other than the events, nothing holds the id in clear.
func (r *Rights) Export(ctx context.Context, p Person, fn func(Held)) error {
	who, err := r.recognise(ctx, p)
	if err != nil {
		return err
	}
	understood := who.understood()
	fn(Held{Person: &understood})
	for _, stop := range r.store.suppressed.Stops.Of(who.subject) {
		entry := &Suppression{Subject: who.subject.String(), Purposes: stop.Purposes}
		if !stop.Withdrawn.IsZero() {
			entry.Withdrawn = &stop.Withdrawn
		}
		fn(Held{Suppression: entry})
	}
	err = r.store.receipts.About(who.subjects, func(one *people.Receipt) { fn(Held{Receipt: one}) })
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
	if err := r.exportDerived(ctx, who, decisions, fn); err != nil {
		return err
	}
	theirs := r.peopleOf(who)
	return r.proxy.EachDeadLetter(ctx, "", func(destination, _, why string, d *event.Decision) {
		if theirs.did(r.store.suppressed.Stops.Hasher.OfDecision(d)) {
			t := &trace.Trace{Event: &d.Event, Received: d.Received(), Source: d.Event.Source, Consent: &d.Consent, Rules: trace.RulesOf(d), EmittedBy: d.EmittedBy}
			if o := d.Outcome(destination); o != nil {
				t.Destinations = []trace.Destination{{Outcome: *o, Verdict: &trace.Verdict{Verdict: "reject", Why: why}}}
			}
			fn(Held{DeadLetter: t})
		}
	})
}

// exportDerived calls fn with what was derived from the events of a person, who is known there by the ids of the browsers that the log
// shows them with.
func (r *Rights) exportDerived(ctx context.Context, who *recognised, decisions []*event.Decision, fn func(Held)) error {
	all := r.peopleOf(who)
	for _, d := range decisions {
		if id := d.Event.User.ClientID; id != "" {
			all[r.store.suppressed.Stops.Hasher.Hash(people.ClientSubject(id))] = true
		}
	}
	for _, d := range r.derived {
		has, err := d.About(ctx, slices.Collect(maps.Keys(all)))
		if err != nil {
			return fmt.Errorf("read what %s has: %w", d.Name(), err)
		}
		if has != nil {
			fn(Held{Derived: &Derivation{d.Name(), has}})
		}
	}
	return nil
}
