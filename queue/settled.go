package queue

import (
	"context"
	"slices"
	"time"
)

// Settled calls fn with the events accepted since that time that were due for this cursor and whose groups it has
// finished, oldest first within each writer's, until fn says false.
func (c *Cursor) Settled(ctx context.Context, since time.Time, fn func(Stored) bool) error {
	c.log.mu.Lock()
	lanes := slices.Clone(c.lanes)
	c.log.mu.Unlock()
	goOn := true
	for _, ln := range lanes {
		err := c.log.scan(ctx, logSubject(ln.book.writer), since, func(_ message, f *frame) bool {
			c.log.mu.Lock()
			finished := ln.w.finished(f.number)
			c.log.mu.Unlock()
			for i := range f.entries {
				e := &f.entries[i]
				names := f.rosters[e.roster]
				at := slices.Index(names, c.name)
				if !finished || at < 0 || !e.states[at].Due() {
					continue
				}
				if goOn = fn(Stored{ln.book.writer, f.number, i, f.time, e.bytes, names, e.states}); !goOn {
					break
				}
			}
			return goOn
		})
		if err != nil || !goOn {
			return err
		}
	}
	return nil
}

// Fresh reports whether the group comes from the log itself: not a retry, and not a dead letter or a delivered event that
// is sent again because a person wants so.
func (g *Group) Fresh() bool { return g.number != 0 }
