package event

import "time"

// Trace records the walk of one event: explain, test, the live view and stored explanations all show this one type. A
// nil *Trace is what the walk gets when nobody watches.
type Trace struct {
	Event        *Event             // as it left the rules
	Received     *Event             // as the source read it
	Source       string             // which source read it
	Traffic      string             // what sent it, and how that is known; "" of a stored event and of one that was made up
	Consent      *Record            //
	Rules        []RuleTrace        // in the order they ran
	DroppedBy    string             // rule that dropped it for all destinations
	EmittedBy    string             // rule that made it of another event; "" for what a source read
	Refused      bool               // consent lets nobody have all of it: what it refuses has been taken out of the trace
	Destinations []DestinationTrace // in the plan's order
	WhatIf       []WhatIf           // of an explanation: what other choices would have changed
}

// WhatIf is what consent would have said at one destination if more had been granted.
type WhatIf struct {
	Granted string  // a purpose, or several that it takes together: "ads and sharing"
	Outcome Outcome // of consent alone: a rule may still leave the event out
	Because string  // the outcome's sentence
}

// RuleTrace is what one rule did.
type RuleTrace struct {
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
	Old, New Value
}

// DestinationTrace is what happened to the event at one destination.
type DestinationTrace struct {
	Outcome
	Because  string    // the outcome's sentence
	Requests []Request // what was or would be sent, secrets masked; a driver's row stands in a Request with a Body only
	Verdict  *VerdictTrace
	Attempts []AttemptTrace // of a stored event: the last ones that are known, oldest first
}

// AttemptTrace is one attempt to deliver a stored event, and how the destination answered.
type AttemptTrace struct {
	Time    time.Time
	Verdict string // delivered, reject, retry or halt
	Status  int    // of HTTP, 0 when there was none
	Why     string // the destination's words without what they quote of visitors
	Took    time.Duration
}

// AddOutcomes adds what was decided for destinations, in words too. Consent must be set, if it is known.
func (t *Trace) AddOutcomes(outcomes []Outcome) {
	for i := range outcomes {
		o := &outcomes[i]
		t.Destinations = append(t.Destinations, DestinationTrace{Outcome: *o, Because: o.Sentence(t.Consent)})
	}
}

// Destination returns what happened to the event at one destination, nil when it was not there.
func (t *Trace) Destination(name string) *DestinationTrace {
	for i := range t.Destinations {
		if t.Destinations[i].Destination == name {
			return &t.Destinations[i]
		}
	}
	return nil
}

// Request is an HTTP request as shown to a person.
type Request struct {
	Method  string
	URL     string
	Headers Headers
	Body    []byte
	Notes   []string // what was changed or left out for the vendor's sake
}

// VerdictTrace is how the destination answered, or what happened to a stored event.
type VerdictTrace struct {
	Verdict string // delivered, retry, reject or halt; of a stored event also pending, filter, deny or unknown
	Why     string
	Status  int // of HTTP, 0 otherwise
}
