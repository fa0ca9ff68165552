// Package gate holds back what is sent to a destination that is failing.
package gate

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Gate is the breaker before one destination. While deliveries succeed it is open to all workers. After a failure of the
// destination (not of an event) it closes: one worker at a time tries again, after a delay that doubles, and the rest
// wait. Unlike a breaker that refuses calls, it makes its callers wait, since what waits here is safe in the log.
type Gate struct {
	shortest, longest time.Duration
	random            func() float64

	mu       sync.Mutex
	failures int       // in a row
	until    time.Time // none passes before
	probing  bool      // one worker is trying
	changed  chan struct{}
}

// New returns an open gate. After a failure it is closed for the shortest time, after many in a row for the longest.
func New(shortest, longest time.Duration) *Gate {
	return &Gate{shortest: shortest, longest: longest, random: rand.Float64, changed: make(chan struct{})}
}

// Pass waits until the caller may try; every pass is followed by one succeeded or failed. The error is ctx's.
func (g *Gate) Pass(ctx context.Context) error {
	for {
		g.mu.Lock()
		if g.failures == 0 {
			g.mu.Unlock()
			return ctx.Err()
		}
		wait := time.Until(g.until)
		if wait <= 0 && !g.probing {
			g.probing = true
			g.mu.Unlock()
			return ctx.Err()
		}
		changed := g.changed
		g.mu.Unlock()
		if wait <= 0 {
			wait = g.longest // until the probe ends
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-changed:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// Succeeded opens the gate.
func (g *Gate) Succeeded() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failures, g.probing = 0, false
	g.wake()
}

// Failed closes the gate for a while that doubles with every failure in a row, or for after when the destination said
// how long. Failures of calls that were under way when it closed count as one.
func (g *Gate) Failed(after time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.failures > 0 && !g.probing && now.Before(g.until) {
		return
	}
	g.failures++
	g.probing = false
	g.until = now.Add(max(after, g.delay()))
	g.wake()
}

// delay is the wait after g.failures failures in a row: doubled each time, with a tenth of jitter either way.
func (g *Gate) delay() time.Duration {
	d := g.longest
	if n := g.failures - 1; n < 30 {
		d = min(d, g.shortest<<n)
	}
	return time.Duration(float64(d) * (0.9 + 0.2*g.random()))
}

func (g *Gate) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}
