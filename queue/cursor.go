package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"headgate/queue/stream"
)

// Cursor is one destination's place in the log: in every book that this process has open. Only one goroutine may call Next
// at a time; all else may be called from anywhere.
type Cursor struct {
	log  *Log
	name string
	slot int
	wake chan struct{}

	reading sync.Mutex // held by Next
	dealing sync.Mutex // held while dead letters are moved and events replayed

	// Guarded by the log's mutex.
	lanes   []*lane
	waiting bool // Next sleeps
	turn    int  // lanes take turns
	retry   bool // and so do retries and fresh groups
}

// Name is the destination's name.
func (c *Cursor) Name() string { return c.name }

// Group is some events that are due for one cursor. It is the holder's until Settle or Release.
type Group struct {
	Items []Item
	Time  time.Time // when they were accepted, or, of retries, when they last failed

	lane        *lane
	number, seq uint64    // of a fresh group
	retry       *retryRef // of retries
	settling    *op
	settled     bool
}

// Item is one event of a Group. Either Live or Bytes is set.
type Item struct {
	Live    any    // what Append was given
	Bytes   []byte //
	State   State  // Due or DueRedacted
	Attempt int    // deliveries tried before: 0 for a fresh one
	Since   time.Time
	Why     string // of the last failure

	origin
}

// Next waits for the next group with something due for this cursor: fresh ones in order, and retries when their time has
// come, in turn. Nothing is needed to keep a group: it is handed out again only after a restart.
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

// sleep waits until something may have come, or until that time; the zero time is never.
func (c *Cursor) sleep(ctx context.Context, until time.Time) error {
	var alarm <-chan time.Time
	if !until.IsZero() {
		t := time.NewTimer(max(until.Sub(c.log.now()), 0))
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
	case <-c.log.working.Done():
		return ErrClosed
	}
}

// take returns a group if there is one, and else when to look again at the latest.
func (c *Cursor) take(ctx context.Context) (*Group, time.Time, error) {
	l := c.log
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if l.closing {
			return nil, time.Time{}, ErrClosed
		}
		c.waiting = false
		now := l.now()
		var until time.Time
		again := false
		for range c.lanes {
			c.turn++
			ln := c.lanes[c.turn%len(c.lanes)]
			g, next, err := c.takeFrom(ctx, ln, now)
			if g != nil || err != nil {
				return g, time.Time{}, err
			}
			again = again || next == goOn
			until = ln.back.sooner(ln.retries.sooner(until))
			if next == fetch { // in vain; a node of the cluster is behind, or the log is down
				if soon := now.Add(time.Duration(min(ln.barren, 20)) * tryAgain); until.IsZero() || soon.Before(until) {
					until = soon
				}
			}
		}
		if !again {
			c.waiting = true
			return nil, until, nil
		}
	}
}

// takeFrom returns a group of one lane, or what keeps it from giving one. The caller holds the log's mutex, which is let
// go while the stream is read.
func (c *Cursor) takeFrom(ctx context.Context, ln *lane, now time.Time) (*Group, step, error) {
	if b, ok := ln.back.pop(now); ok {
		g, err := c.load(ctx, ln, b)
		return g, goOn, err
	}
	c.retry = !c.retry
	if c.retry {
		if r, ok := ln.retries.pop(now); ok {
			g, err := c.load(ctx, ln, putBack{retry: &r})
			return g, goOn, err
		}
	}
	for range 2 {
		g, next := ln.fresh()
		for next == goOn {
			ln.book.touch()
			g, next = ln.fresh()
		}
		if next == handOut {
			return g, next, nil
		}
		if next == idle {
			break
		}
		c.log.mu.Unlock()
		err := ln.read(ctx)
		c.log.mu.Lock()
		if err != nil {
			return nil, fetch, c.trouble(ctx, ln, err)
		}
	}
	if r, ok := ln.retries.pop(now); ok {
		g, err := c.load(ctx, ln, putBack{retry: &r})
		return g, goOn, err
	}
	if ln.w.read < ln.book.number {
		return nil, fetch, nil
	}
	return nil, idle, nil
}

// trouble is an error of reading: the caller's own end, or something that will pass.
func (c *Cursor) trouble(ctx context.Context, ln *lane, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, ErrClosed) {
		return ErrClosed
	}
	ln.barren++
	c.log.logger.Debug("read the log", "destination", c.name, "error", err)
	return nil
}

// load reads a group that was released, or a retry record. The caller holds the log's mutex, which is let go meanwhile.
func (c *Cursor) load(ctx context.Context, ln *lane, b putBack) (*Group, error) {
	l := c.log
	if b.retry == nil && ln.book == l.own {
		if g := l.recent.get(b.number); g != nil && g.decoded {
			due := g.within.slot(c.slot).due
			return &Group{lane: ln, number: b.number, seq: b.seq, Time: g.time, Items: g.items(c.slot, due)}, nil
		}
	}
	l.mu.Unlock()
	g, err := c.loadStored(ctx, ln, b)
	l.mu.Lock()
	switch {
	case err == nil:
		return g, nil
	case errors.Is(err, stream.ErrNone), errors.Is(err, errFrame), errors.Is(err, errRecord):
		ln.giveUp(b)
		return nil, nil
	}
	b.due = l.now().Add(time.Second)
	ln.back.push(b)
	return nil, c.trouble(ctx, ln, err)
}

func (c *Cursor) loadStored(ctx context.Context, ln *lane, b putBack) (*Group, error) {
	if b.retry != nil {
		m, err := c.log.store.Get(ctx, stream.Retries, b.retry.seq)
		if err != nil {
			return nil, err
		}
		r, err := decodeRecord(m.Data)
		if err != nil {
			return nil, err
		}
		g := &Group{lane: ln, retry: b.retry, Time: r.when, Items: make([]Item, len(r.items))}
		for i := range r.items {
			it := &r.items[i]
			g.Items[i] = Item{Bytes: it.bytes, State: it.state, Attempt: it.attempt, Since: it.since, Why: it.why, origin: it.origin}
		}
		return g, nil
	}
	m, err := c.log.store.Get(ctx, stream.Log, b.seq)
	if err != nil {
		return nil, err
	}
	f, err := decodeFrame(m.Data)
	if err != nil {
		return nil, err
	}
	if f.number != b.number {
		return nil, fmt.Errorf("%w: it is group %d", errFrame, f.number)
	}
	return &Group{lane: ln, number: b.number, seq: b.seq, Time: f.time, Items: f.items(c.name)}, nil
}

// giveUp counts a group that cannot be read any more as lost.
func (ln *lane) giveUp(b putBack) {
	var lost uint64
	if b.retry != nil {
		lost = uint64(b.retry.items)
		ln.account.Retrying -= lost
		ln.book.retryDone = append(ln.book.retryDone, b.retry.seq)
	} else {
		before := ln.waiting()
		ln.w.finish(b.number)
		lost = before - ln.waiting()
	}
	ln.account.Lost += lost
	ln.book.touch()
	ln.book.log.missed(ln, 1, lost)
}
