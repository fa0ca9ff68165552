package destinations

import (
	"slices"
	"time"

	"headgate/event"
	"headgate/event/trace"
)

// Kind is one of the four verdicts, by who is to blame. The zero Kind is no verdict.
type Kind uint8

// The verdicts, from the best to the worst.
const (
	Delivered Kind = iota + 1 // the vendor accepted it
	Reject                    // this event is wrong: dead letter
	Retry                     // the vendor is unavailable: try later
	Halt                      // our settings are wrong: pause, keep everything, alert a person
)

var kindNames = [...]string{"none", "delivered", "reject", "retry", "halt"}

func (k Kind) String() string { return kindNames[k] }

// KindNames are the words for the verdicts in files, from the best to the worst.
func KindNames() []string { return kindNames[1:] }

// KindNamed is the verdict that a word names, 0 when it names none.
func KindNamed(word string) Kind { return Kind(slices.Index(KindNames(), word) + 1) }

// Verdict is what happened to one event.
type Verdict struct {
	Kind   Kind
	Why    string        // in the vendor's words, secrets masked; "" when delivered
	After  time.Duration // of Retry: not before; 0 when the vendor did not say
	Status int           // of HTTP; 0 when there was no answer
}

// Trace is the verdict as a trace shows it.
func (v Verdict) Trace() *trace.Verdict {
	return &trace.Verdict{Verdict: v.Kind.String(), Why: v.Why, Status: v.Status}
}

// Worse returns the worse of two verdicts on the same event: when one of its requests was delivered and another was
// not, the event is not.
func Worse(a, b Verdict) Verdict {
	if b.Kind > a.Kind {
		return b
	}
	if a.Kind == b.Kind && b.After > a.After {
		return b
	}
	return a
}

// Sending is one event to be delivered to a destination.
type Sending struct {
	Event   *event.Event  // never changed by the destination
	Consent *event.Record // what was decided about it; nil when it is not known
	Attempt int           // 1 is the first
	// Outcomes are what was decided for all destinations, for those that keep the decisions; nil when it is not known.
	Outcomes []event.Outcome
	Place    Place         // in the log; see BatchName
	Own      []event.Value // the columns of a person's own, in the order of DriverOptions.Columns; null where nothing is said
}

// Place is where the log has an event: it stays the same after a restart, and no other event has it. The zero Place is that of an
// event that is in no log.
type Place struct {
	Writer string // the instance that accepted it
	Group  uint64 // the group of that writer, from 1
	Index  int    // its place in the group, from 0
	// Again is 0 at first. An event that is retried, or that a person sends again, comes from a record of its own, whose number
	// this is: so it is told from the same event as it was sent before.
	Again uint64
}
