// Package decide makes decisions of events: consent, the rules, what no destination may have, and the entries that the log keeps. The
// same code decides about a visitor's events, about those that somebody asks about, and about stored ones under another
// configuration. It writes and sends nothing.
package decide

import (
	"headgate/event"
	"headgate/event/layout"
	"headgate/event/trace"
	"headgate/queue"
	"headgate/rules"
)

// decide takes an event whose consent is resolved through the rules, and it and those that rules emitted into entries of
// the log.
func (w *Walk) decide(e *event.Event) {
	var t *trace.Trace
	var seen *[]trace.Rule
	if w.watching {
		t = &trace.Trace{Received: w.received, Source: e.Source, Traffic: w.traffic}
		seen = &t.Rules
	}
	w.bot = w.plan.Enricher.Drops(e)
	if w.bot && !w.plan.TakesTraffic(e) {
		w.enter(e, &rules.Result{DroppedBy: droppedBots}, t, "")
		return
	}
	w.env.Event = e
	result := w.plan.Rules.Apply(w.machine, &w.env, e, seen)
	emitted := result.Emitted
	w.enter(e, &result, t, "")
	for len(emitted) > 0 {
		one := emitted[0]
		emitted = emitted[1:]
		var t *trace.Trace
		var seen *[]trace.Rule
		if w.watching {
			t = &trace.Trace{Received: one.Event.Clone(), Source: e.Source, Traffic: w.traffic, EmittedBy: one.Rule}
			seen = &t.Rules
		}
		result := w.plan.Rules.Continue(w.machine, &w.env, &one, seen)
		emitted = append(emitted, result.Emitted...)
		w.enter(&one.Event, &result, t, one.Rule)
	}
}

// enter makes the decision about an event for every destination, and the entry of the log that holds it. emittedBy names the
// rule that made the event, "" for one that a source read.
func (w *Walk) enter(e *event.Event, result *rules.Result, t *trace.Trace, emittedBy string) {
	p := w.plan
	w.failed += result.Failed
	p.Policy.Personal.Clean(e, &w.origin)
	d, states := newDecision(len(p.Destinations))
	d.Event, d.Consent, d.DroppedBy = *e, w.consent.Record, result.DroppedBy
	due := false
	for i := range p.Destinations {
		o := w.outcome(&p.Destinations[i], w.consent.Outcomes[i], d, result)
		d.Outcomes[i] = o
		if w.counts != nil {
			p.Tallies[i].Count(&o)
		}
		states[i] = StateOf(o.Action)
		due = due || o.Action.Due()
	}
	if w.flows != nil {
		w.counted = w.flows.Note(w.counted, d, emittedBy == "", w.counts.Consent)
	}
	entry := queue.Entry{Roster: p.Roster, States: states}
	from := len(w.bytes)
	counted := p.CountsVisitor(d)
	if due || counted {
		d.Identifiers = w.arrived.identifiers(e, &w.room)
		d.EmittedBy = emittedBy
		strip(p.Policy, d, result.Changed, &w.origin, counted)
		d.Weight = d.Held()
		entry.Live, entry.Held = d, d.Weight
		w.bytes = layout.Append(w.bytes, d)
		d.Changed = nil // only the log needs it
	} else {
		w.bytes = layout.AppendRefused(w.bytes, d)
	}
	entry.Bytes = w.bytes[from:]
	w.entries = append(w.entries, entry)
	if t != nil {
		t.Event, t.Consent, t.DroppedBy = e, &d.Consent, result.DroppedBy
		t.AddOutcomes(d.Outcomes)
		if w.counts != nil {
			w.cover(t, d, result)
		}
		w.traces, w.decided = append(w.traces, t), append(w.decided, d)
	}
}

// newDecision makes room for a decision about so many destinations. For one, it is a single allocation.
func newDecision(destinations int) (*event.Decision, []queue.State) {
	if destinations != 1 {
		return &event.Decision{Outcomes: make([]event.Outcome, destinations)}, make([]queue.State, destinations)
	}
	room := new(struct {
		decision event.Decision
		outcomes [1]event.Outcome
		states   [1]queue.State
	})
	room.decision.Outcomes = room.outcomes[:]
	return &room.decision, room.states[:]
}

// StateOf is how the log begins with an event of which that was decided.
func StateOf(a event.Action) queue.State { return firstStates[a] }

var firstStates = [...]queue.State{event.Deliver: queue.Due, event.Redact: queue.DueRedacted, event.Deny: queue.Denied, event.Filter: queue.Filtered}
