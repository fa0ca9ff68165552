package nats

import (
	"sync"
	"time"

	"headgate/destinations"
)

// patience is how long it takes until a subject that no stream captures is a wrong setting and no restart of one.
const patience = time.Minute

// capture knows whether streams capture what is published.
type capture struct {
	single bool // all events have one subject

	mu      sync.Mutex
	nowhere time.Time // since when no stream has captured a subject; zero: one has
}

// seen notes that a stream takes the subject.
func (c *capture) seen() {
	c.mu.Lock()
	c.nowhere = time.Time{}
	c.mu.Unlock()
}

// missing judges a message that no stream has taken: one may be about to come back, but not for long. One event's subject does not
// stop the others.
func (c *capture) missing(now time.Time) destinations.Verdict {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.nowhere.IsZero() {
		c.nowhere = now
	}
	v := destinations.Verdict{Kind: destinations.Retry, Why: "no stream captures the subject"}
	if now.Sub(c.nowhere) > patience {
		v.Kind = destinations.Halt
		if !c.single {
			v.Kind = destinations.Reject
		}
	}
	return v
}
