// Package trace records the walk of one event, and shows it to people and as JSON.
package trace

import (
	"time"

	"headgate/event"
	"headgate/event/wording"
)

// Trace records the walk of one event: explain, test, the live view and stored explanations all show this one type. A
// nil *Trace is what the walk gets when nobody watches.
type Trace struct {
	Event        *event.Event  // as it left the rules
	Received     *event.Event  // as the source read it
	Source       string        // which source read it
	Traffic      string        // what sent it, and how that is known; "" of a stored event and of one that was made up
	Consent      *event.Record //
	Rules        []Rule        // in the order they ran
	DroppedBy    string        // rule that dropped it for all destinations
	EmittedBy    string        // rule that made it of another event; "" for what a source read
	Refused      bool          // consent lets nobody have all of it: what it refuses has been taken out of the trace
	Destinations []Destination // in the plan's order
	WhatIf       []WhatIf      // of an explanation: what other choices would have changed
}

// WhatIf is what consent would have said at one destination if more had been granted.
type WhatIf struct {
	Granted string        // a purpose, or several that it takes together: "ads and sharing"
	Outcome event.Outcome // of consent alone: a rule may still leave the event out
	Because string        // the outcome's sentence
}

// Rule is what one rule did.
type Rule struct {
	Name    string
	For     string // the destination whose own rule it is, "" for the rules of all
	Matched bool
	Error   string // of a formula that failed: place and cause
	Emitted string // name of the event that it made; "" when it made none
	Changes []Change
}

// Change is one field that a rule changed.
type Change struct {
	Path     string
	Old, New event.Value
}

// Destination is what happened to the event at one destination.
type Destination struct {
	event.Outcome
	Because  string    // the outcome's sentence
	Requests []Request // what was or would be sent, secrets masked; a driver's row stands in a Request with a Body only
	Verdict  *Verdict
	Attempts []Attempt // of a stored event: the last ones that are known, oldest first
}

// Attempt is one attempt to deliver a stored event, and how the destination answered.
type Attempt struct {
	Time    time.Time
	Verdict string // delivered, reject, retry or halt
	Status  int    // of HTTP, 0 when there was none
	Why     string // the destination's words without what they quote of visitors
	Took    time.Duration
}

// AddOutcomes adds what was decided for destinations, in words too. Consent must be set, if it is known.
func (t *Trace) AddOutcomes(outcomes []event.Outcome) {
	for i := range outcomes {
		o := &outcomes[i]
		t.Destinations = append(t.Destinations, Destination{Outcome: *o, Because: wording.Sentence(o, t.Consent)})
	}
}

// Destination returns what happened to the event at one destination, nil when it was not there.
func (t *Trace) Destination(name string) *Destination {
	for i := range t.Destinations {
		if t.Destinations[i].Destination == name {
			return &t.Destinations[i]
		}
	}
	return nil
}

// RulesOf returns the rules that changed the event of d, in the order in which they first did, with the old and the new values.
func RulesOf(d *event.Decision) (traces []Rule) {
	at := map[string]int{}
	for i := range d.Changed {
		c := &d.Changed[i]
		place, known := at[c.Rule]
		if !known {
			place = len(traces)
			at[c.Rule] = place
			traces = append(traces, Rule{Name: c.Rule, Matched: true})
		}
		t := &traces[place]
		t.Changes = append(t.Changes, Change{Path: c.Path, Old: c.Old, New: d.Event.GetPath(c.Path)})
	}
	return traces
}

// Request is an HTTP request as shown to a person.
type Request struct {
	Method  string
	URL     string
	Headers event.Headers
	Body    []byte
	Notes   []string // what was changed or left out for the vendor's sake
}

// Verdict is how the destination answered, or what happened to a stored event.
type Verdict struct {
	Verdict string // delivered, retry, reject or halt; of a stored event also pending, filter, deny or unknown
	Why     string
	Status  int // of HTTP, 0 otherwise
}
