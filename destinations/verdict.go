package destinations

import (
	"context"
	"log/slog"
	"net"
	"time"

	"headgate/document"
	"headgate/event"
)

// Kind is one of the four verdicts, by whose fault it is. The zero Kind is no verdict.
type Kind uint8

// The verdicts, from the best to the worst.
const (
	Delivered Kind = iota + 1 // they said yes
	Reject                    // this event is wrong: dead letter
	Retry                     // they are ill: later
	Halt                      // our settings are wrong: stop, keep everything, tell a human
)

var kindNames = [...]string{"none", "delivered", "reject", "retry", "halt"}

func (k Kind) String() string { return kindNames[k] }

// Verdict is what became of one event.
type Verdict struct {
	Kind   Kind
	Why    string        // in the vendor's words, secrets masked; "" when delivered
	After  time.Duration // of Retry: not before; 0 when the vendor did not say
	Status int           // of HTTP; 0 when there was no answer
}

// Trace is the verdict as a trace shows it.
func (v Verdict) Trace() *event.VerdictTrace {
	return &event.VerdictTrace{Verdict: v.Kind.String(), Why: v.Why, Status: v.Status}
}

// worse returns the worse of two verdicts on the same event: when one of its requests was delivered and another was
// not, the event is not.
func worse(a, b Verdict) Verdict {
	if b.Kind > a.Kind {
		return b
	}
	if a.Kind == b.Kind && b.After > a.After {
		return b
	}
	return a
}

// Sending is one event on its way to a destination.
type Sending struct {
	Event   *event.Event  // never changed by the destination
	Consent *event.Record // what was decided about it; nil when it is not known
	Attempt int           // 1 is the first
	// Outcomes are what was decided for all destinations, for those that keep the decisions; nil when it is not known.
	Outcomes []event.Outcome
}

// Driver delivers where no HTTP request fits.
type Driver interface {
	// Deliver writes the events and returns one verdict per event, in order. It may be called by several goroutines at
	// once, and again with events that were already written (after a crash): writing twice must be harmless, or the
	// file says `duplicates: possible`.
	Deliver(ctx context.Context, events []Sending) []Verdict
	// Close writes what it holds and gives up what it has open. Deliver is not called afterwards.
	Close(ctx context.Context) error
}

// NewDriver makes a driver from its settings. It only judges them: files and connections are opened by the first
// Deliver, so that a configuration can be checked without touching anything.
type NewDriver func(DriverOptions) (Driver, document.Mistakes)

// DriverOptions is what a driver is made of.
type DriverOptions struct {
	Name     string   // of the destination in the configuration
	Settings Settings // as the driver's file declares them, defaults filled in
	Delivery Delivery
	Dial     func(ctx context.Context, network, address string) (net.Conn, error) // obeys egress:
	Now      func() time.Time
	Logger   *slog.Logger
}
