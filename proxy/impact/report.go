// Package impact compares what two configurations make of the same events, and adds up what differs: per destination what
// appears, disappears and changes, per rule how often it matches, per field and consent reason the shift, with examples.
//
// It promises that what is the same is never shown as a difference, and that a report is bounded, however many events and
// fields there are. It knows neither the log nor the walk: it is given traces. Nothing is sent.
package impact

import (
	"headgate/event"
)

// Report is what differs.
type Report struct {
	Events       int                     `json:"events"`  // that were compared
	Of           int                     `json:"of"`      // that are stored and were asked for
	Skipped      map[string]int          `json:"skipped"` // by why
	Changed      bool                    `json:"changed"` // anything that is sent, said of an event or decided
	Seconds      float64                 `json:"seconds"` // that it took
	Destinations map[string]*Destination `json:"destinations"`
	Rules        []*Rule                 `json:"rules"` // in the order of the new configuration; removed ones at the end
	Fields       []*Field                `json:"fields"`
	Reasons      []*Reason               `json:"reasons"` // those of which the number changed
	Cost         Cost                    `json:"cost"`
}

// Destination is what changes for one destination, in events.
type Destination struct {
	Before      int       `json:"before"` // that it gets
	After       int       `json:"after"`
	Appear      int       `json:"appear"`
	Disappear   int       `json:"disappear"`
	Change      int       `json:"change"`       // it gets both, and they differ
	BytesBefore int       `json:"bytes_before"` // of addresses and bodies, each event by itself
	BytesAfter  int       `json:"bytes_after"`
	Examples    []Example `json:"examples"` // at most three of each kind
	Fields      []*Field  `json:"fields"`   // of the requests of the first 500 events that change
}

// The kinds of examples.
const (
	Appear    = "appear"
	Disappear = "disappear"
	Change    = "change"
)

// Example is one event at one destination.
type Example struct {
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	Kind   string       `json:"kind"`
	Before string       `json:"before"` // why it is or is not sent, in words
	After  string       `json:"after"`
	Fields []Difference `json:"fields"` // of the requests; at most ten
}

// Difference is a value in two versions.
type Difference struct {
	Path string      `json:"path"`
	Old  event.Value `json:"old"`
	New  event.Value `json:"new"`
}

// Field is a path at which events or requests differ.
type Field struct {
	Path     string  `json:"path"`
	Count    int     `json:"count"` // events
	Examples []Value `json:"examples"`
}

// Value is an example of what a field had and has.
type Value struct {
	ID  string      `json:"id"`
	Old event.Value `json:"old"`
	New event.Value `json:"new"`
}

// The states of a rule.
const (
	Same    = "same"
	Changed = "changed"
	Added   = "added"
	Removed = "removed"
)

// Rule is how many events a rule matches. The rules of one destination have its name before theirs: "meta: net value".
type Rule struct {
	Name   string `json:"name"`
	Before int    `json:"before"`
	After  int    `json:"after"`
	State  string `json:"state"`
}

// Reason is how often a destination gets or does not get an event for one reason.
type Reason struct {
	Destination string `json:"destination"`
	Reason      string `json:"reason"`
	Before      int    `json:"before"`
	After       int    `json:"after"`
}

// Cost is the time that one event takes on its way through consent, rules and encoding.
type Cost struct {
	Before float64 `json:"microseconds_before"`
	After  float64 `json:"microseconds_after"`
}

const (
	mostExamples = 3   // of a field, and of each kind at a destination
	mostRead     = 500 // events that change, of which the requests are read; see Destination.Fields
	mostShown    = 10  // fields of an example
	mostPaths    = 200 // fields of one list; the others are counted together
	mostText     = 300 // bytes of a value of an example, as JSON
	otherFields  = "(other fields)"
)
