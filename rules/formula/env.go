package formula

import (
	"slices"

	"headgate/event"
	"headgate/rules/reach"
)

// Env is what a formula sees when it runs. What its Scope does not name may be left zero.
type Env struct {
	Event *event.Event
	Hit   *event.Hit // request.header("..."), request.query("..."), request.path; nil when the event is sent later

	Settings event.Map      // settings.*
	Theirs   string         // theirs: the destination's own name of the event
	Batch    []*event.Event // batch: the events of one request
	Item     event.Value    // item: the element that an `each:` is at
	Product  *event.Item    // item below `each: =items`; nil elsewhere
	Index    int            // index: its position, from 0

	Status  int           // status: of the answer
	Body    event.Value   // body: of the answer, parsed; text where it is no JSON
	Headers event.Headers // header("..."): of the answer
	Attempt int           // attempt: 1 is the first
	Row     event.Value   // row: what an answer says of one event

	Visitor Visitor // count(...) and sum(...) of a segment

	Topic string // topic: what a webhook's delivery is about; its Body and Headers are the delivery's
}

// Scope says which names a formula may use. The zero Scope has none but the functions and literals.
type Scope struct {
	event, request, theirs, batch, item, product, answer, row, destination, delivery, visitor bool

	settings []string
}

// RuleScope is what the rules of all see: the event and the request it came in.
func RuleScope() Scope { return Scope{event: true, request: true} }

// DestinationScope is what a destination's own formulas see: the event, its settings, and theirs, the name it gives the
// event. Every name of settings is known, whether it is set or not.
func DestinationScope(settings []string) Scope {
	return Scope{event: true, theirs: true, destination: true, settings: slices.Clone(settings)}
}

// IsDestination reports whether s is that of a destination's own formulas.
func (s Scope) IsDestination() bool { return s.destination }

// Batch is s with batch, the events of one request.
func (s Scope) Batch() Scope { s.batch = true; return s }

// Each is s with item and index, the element that an `each:` is at.
func (s Scope) Each() Scope { s.item, s.product = true, false; return s }

// EachItem is Each where the elements are the event's own items, whose fields are known.
func (s Scope) EachItem() Scope { s.item, s.product = true, true; return s }

// Answer is s with what came back: status, body, header("...") and attempt.
func (s Scope) Answer() Scope { s.answer = true; return s }

// Row is s with row, what an answer says of one event.
func (s Scope) Row() Scope { s.row = true; return s }

// DeliveryScope is what the mapping of a webhook sees: the delivery's body, header("...") and topic, and settings. There is no
// event yet.
func DeliveryScope(settings []string) Scope {
	return Scope{delivery: true, destination: true, settings: slices.Clone(settings)}
}

// Request is s with the request the event came in.
func (s Scope) Request() Scope { s.request = true; return s }

// names lists what a formula may begin with, for suggestions.
func (s Scope) names() []string {
	var names []string
	if s.event {
		names = append(names, reach.Roots()...)
		names = append(names, "event")
	}
	for _, n := range []struct {
		known bool
		names []string
	}{
		{s.request, []string{"request"}}, {s.settings != nil || s.destination, []string{"settings"}},
		{s.theirs, []string{"theirs"}}, {s.batch, []string{"batch"}}, {s.item, []string{"item", "index"}},
		{s.answer, []string{"status", "body", "attempt"}}, {s.row, []string{"row"}}, {s.delivery, []string{"body", "topic"}},
	} {
		if n.known {
			names = append(names, n.names...)
		}
	}
	return names
}
