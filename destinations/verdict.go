package destinations

import (
	"slices"
	"time"

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
