package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/queue/format"
	"headgate/queue/stream"
)

// Next blocks until there is a group with something due for this cursor: fresh ones in order, and retries when they are due, in
// turn. A group need not be kept alive: it is returned again only after a restart. It fails when the log cannot be read for longer than
// patience and there is nothing else to return; the caller may try again.
func (c *Cursor) Next(ctx context.Context) (*Group, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g, until, err := c.take(ctx)
		if g != nil || err != nil {
			return g, err
		}
		if err := c.sleep(ctx, until); err != nil {
			return nil, err
		}
	}
}

// sleep waits until there may be a group, or until that time; the zero time is never.
func (c *Cursor) sleep(ctx context.Context, until time.Time) error {
	var alarm <-chan time.Time
	if !until.IsZero() {
		t := time.NewTimer(max(until.Sub(c.ledgers.now()), 0))
		defer t.Stop()
		alarm = t.C
	}
	select {
	case <-c.wake:
		return nil
	case <-alarm:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ledgers.working.Done():
		return stream.ErrClosed
	}
}

// lookAgain is how long after an empty read of the log the next one is made; after several it is longer.
const lookAgain = 50 * time.Millisecond

// take returns a group if there is one, and otherwise when to look again at the latest.
func (c *Cursor) take(ctx context.Context) (*Group, time.Time, error) {
	s := c.ledgers
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if s.closing {
			return nil, time.Time{}, stream.ErrClosed
		}
		c.waiting = false
		now := s.now()
		var until time.Time
		again := false
		for range c.positions {
			if len(c.positions) == 0 {
				break // they were forgotten while the mutex was released
			}
			c.turn++
			pos := c.positions[c.turn%len(c.positions)]
			g, next, err := c.takeFromLocked(ctx, pos, now)
			if g != nil || err != nil {
				return g, time.Time{}, err
			}
			again = again || next == goOn
			until = pos.released.Sooner(pos.retries.Sooner(until))
			if next == fetch { // nothing came of it: a node of the cluster lags, or the log is down
				if soon := now.Add(time.Duration(min(pos.emptyReads, 20)) * lookAgain); until.IsZero() || soon.Before(until) {
					until = soon
				}
			}
		}
		if !again {
			if err := c.failedLocked(); err != nil {
				return nil, time.Time{}, err
			}
			c.waiting = true
			return nil, until, nil
		}
	}
}

// takeFromLocked returns a group of one position, or the reason why there is none. It releases the mutex while it reads the
// stream.
func (c *Cursor) takeFromLocked(ctx context.Context, pos *position, now time.Time) (*Group, step, error) {
	if r, ok := pos.released.Take(now); ok {
		g, err := c.loadLocked(ctx, pos, r)
		return g, goOn, err
	}
	c.retry = !c.retry
	if c.retry {
		if r, ok := pos.retries.Take(now); ok {
			g, err := c.loadLocked(ctx, pos, releasedGroup{retry: &r})
			return g, goOn, err
		}
	}
	for range 2 {
		g, next := pos.nextFreshLocked()
		for next == goOn {
			pos.ledger.growLocked()
			g, next = pos.nextFreshLocked()
		}
		if next == found {
			return g, next, nil
		}
		if next == idle {
			break
		}
		c.ledgers.mu.Unlock()
		err := pos.read(ctx)
		c.ledgers.mu.Lock()
		if err != nil {
			return nil, fetch, c.trouble(ctx, pos, err)
		}
	}
	if r, ok := pos.retries.Take(now); ok {
		g, err := c.loadLocked(ctx, pos, releasedGroup{retry: &r})
		return g, goOn, err
	}
	if pos.w.Read < pos.ledger.number {
		return nil, fetch, nil
	}
	return nil, idle, nil
}

// patience is how long reading may fail before that is an error: a node of a cluster is back sooner.
const patience = 5 * time.Second

// trouble returns an error of reading that ends Next: ctx or the log has ended. Any other may be temporary: the position keeps it once
// reading has failed for patience.
func (c *Cursor) trouble(ctx context.Context, pos *position, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, stream.ErrClosed) {
		return stream.ErrClosed
	}
	pos.emptyReads++
	now := c.ledgers.now()
	if pos.failing.IsZero() {
		pos.failing = now
	}
	if now.Sub(pos.failing) >= patience {
		pos.failed = err
	}
	c.ledgers.logger.Debug("read the log", "destination", c.name, "error", err)
	return nil
}

// failedLocked takes the error of a position that could not be read for patience, nil when there is none.
func (c *Cursor) failedLocked() (err error) {
	for _, pos := range c.positions {
		if pos.failed != nil {
			err, pos.failed = pos.failed, nil
		}
	}
	return err
}

// loadLocked reads a group that was released, or a retry record. It releases the mutex while it reads.
func (c *Cursor) loadLocked(ctx context.Context, pos *position, r releasedGroup) (*Group, error) {
	s := c.ledgers
	if r.retry == nil && pos.ledger == s.own {
		if g := s.recent.Get(r.number); g != nil && g.Decoded {
			due := g.Within.Slot(c.slot).Due
			return &Group{position: pos, number: r.number, seq: r.seq, Time: g.Time, Items: recentItems(g, c.slot, due)}, nil
		}
	}
	s.mu.Unlock()
	g, err := c.loadStored(ctx, pos, r)
	s.mu.Lock()
	switch {
	case err == nil:
		pos.failing, pos.failed = time.Time{}, nil
		return g, nil
	case errors.Is(err, stream.ErrNone), errors.Is(err, format.ErrFrame), errors.Is(err, format.ErrRecord):
		pos.giveUpLocked(r)
		return nil, nil
	}
	r.due = s.now().Add(time.Second)
	pos.released.Add(r)
	return nil, c.trouble(ctx, pos, err)
}

func (c *Cursor) loadStored(ctx context.Context, pos *position, r releasedGroup) (*Group, error) {
	if r.retry != nil {
		m, err := c.ledgers.store.Get(ctx, stream.Retries, r.retry.seq)
		if err != nil {
			return nil, err
		}
		rec, err := format.DecodeRecord(m.Data)
		if err != nil {
			return nil, err
		}
		g := &Group{position: pos, retry: r.retry, Time: rec.When, Items: make([]Item, len(rec.Items))}
		for i := range rec.Items {
			it := &rec.Items[i]
			g.Items[i] = Item{Bytes: it.Bytes, State: it.State, Attempt: it.Attempt, Since: it.Since, Why: it.Why, origin: it.Origin}
		}
		return g, nil
	}
	m, err := c.ledgers.store.Get(ctx, stream.Log, r.seq)
	if err != nil {
		return nil, err
	}
	f, err := format.DecodeFrame(m.Data)
	if err != nil {
		return nil, err
	}
	if f.Number != r.number {
		return nil, fmt.Errorf("%w: it is group %d", format.ErrFrame, f.Number)
	}
	return &Group{position: pos, number: r.number, seq: r.seq, Time: f.Time, Items: frameItems(f, c.name)}, nil
}
