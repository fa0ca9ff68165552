// Package delivery sends the events of the log to the destinations: a loop for each, from its cursor to its verdicts.
//
// It promises that one destination never holds up another, that an event which is not delivered, rejected or left out stays in
// the log, and that nothing is sent which consent has come to forbid.
package delivery

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"headgate/destinations"
	"headgate/proxy/delivery/dedup"
	"headgate/proxy/delivery/gate"
	"headgate/queue"
)

// Delivery is the loop of one destination: cursor → select → redact → batch → encode, send, judge → settle. Each has its
// own goroutines and its own gate, so that an unavailable destination costs the others nothing.
//
// A group of the log is settled when each of its events that is due here is delivered, rejected, left out or to be retried;
// until then the log hands it out again after a crash. While the destination is failing, its batch waits at the gate; an event
// that failed alone goes back to the log, which hands it out again when its retry is due.
type Delivery struct {
	name   string
	cursor *queue.Cursor
	logger *slog.Logger
	now    func() time.Time
	target atomic.Pointer[Target]
	gate   *gate.Gate
	dedup  *dedup.Dedup
	record Recorder

	end  context.CancelFunc // of the loop
	done chan struct{}      // closed when the loop has ended

	mu        sync.Mutex
	state     State
	words     string                 // why it is halted, or what went wrong last; impersonal
	resumed   chan struct{}          // closed when a halted or paused delivery may continue
	interrupt context.CancelFunc     // ends the round under way
	roundDone chan struct{}          // closed when it has ended
	fill      func() <-chan struct{} // ends a backfill that is under way, and says when it has ended; nil when there is none
}

// Name is the destination's.
func (d *Delivery) Name() string { return d.name }

// Cursor is the destination's place in the log.
func (d *Delivery) Cursor() *queue.Cursor { return d.cursor }

// Target is what it delivers to now.
func (d *Delivery) Target() *Target { return d.target.Load() }

// Erase has the destination remove what it has written about a person.
func (d *Delivery) Erase(ctx context.Context, p destinations.Person) (destinations.Erased, error) {
	return d.target.Load().destination.Erase(ctx, p)
}
