package ledger

import (
	"context"
	"fmt"
	"time"

	"headgate/queue/format"
	"headgate/queue/recent"
	"headgate/queue/stream"
)

// step is what a position does next.
type step uint8

const (
	idle  step = iota // nothing to do
	goOn              // something was passed over; look again
	fetch             // the stream must be read first
	found             // there is a group
)

// nextFreshLocked returns the next group of the log, or says what to do next.
func (pos *position) nextFreshLocked() (*Group, step) {
	number := pos.w.Read + 1
	if number > pos.ledger.number {
		return nil, idle
	}
	if pos.ledger == pos.ledger.ledgers.own {
		if g := pos.ledger.ledgers.recent.Get(number); g != nil {
			due := g.Within.Slot(pos.cursor.slot).Due
			if due == 0 || g.Decoded {
				pos.fetched = nil
				pos.w.Open(number, g.Seq, due)
				pos.nextSeq = g.Seq + 1
				if due == 0 {
					return nil, goOn
				}
				return &Group{position: pos, number: number, seq: g.Seq, Time: g.Time, Items: recentItems(g, pos.cursor.slot, due)}, found
			}
		}
	}
	if len(pos.fetched) == 0 {
		return nil, fetch
	}
	f := pos.fetched[0]
	if f.Number > number {
		pos.missLocked(f)
		return nil, goOn
	}
	pos.fetched = pos.fetched[1:]
	pos.nextSeq = max(pos.nextSeq, f.seq+1)
	if f.Number < number {
		return nil, goOn
	}
	due := f.Cursor(pos.cursor.name).Within.Due
	pos.w.Open(number, f.seq, due)
	if due == 0 {
		return nil, goOn
	}
	return &Group{position: pos, number: number, seq: f.seq, Time: f.Time, Items: frameItems(f.Frame, pos.cursor.name)}, found
}

// missLocked passes over the groups missing before f.
func (pos *position) missLocked(f fetched) {
	groups := f.Number - 1 - pos.w.Read
	lost := pos.w.Lose(f.Number-1, f.Cursor(pos.cursor.name).Before.Due)
	pos.account.Lost += lost
	pos.ledger.touchLocked()
	pos.missedLocked(groups, lost)
}

// read fetches groups from the stream into the position. The caller is the only one that reads for this cursor.
func (pos *position) read(ctx context.Context) error {
	s := pos.ledger.ledgers
	s.mu.Lock()
	from := pos.nextSeq
	s.mu.Unlock()
	some, err := s.store.Read(ctx, stream.Log, stream.LogSubject(pos.ledger.writer), from, stream.ReadAtOnce)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if pos.nextSeq != from {
		return nil // meanwhile the cursor caught up with what is in memory
	}
	for _, m := range some {
		pos.nextSeq = m.Seq + 1
		if f, err := format.DecodeFrame(m.Data); err == nil { // an unreadable one appears as a gap before the next
			pos.fetched = append(pos.fetched, fetched{f, m.Seq})
		}
	}
	pos.failing, pos.failed = time.Time{}, nil
	if len(some) > 0 {
		pos.emptyReads = 0
	} else {
		pos.emptyReads++
	}
	return nil
}

// missedLocked reports groups that the cursor found missing. Each cursor to which they were due reports them.
func (pos *position) missedLocked(groups, lost uint64) {
	if lost > 0 {
		pos.ledger.ledgers.Damaged(fmt.Sprintf("groups of %s up to %d, for %s", pos.ledger.writer, pos.w.Read, pos.cursor.name), groups, lost)
	}
}

// giveUpLocked counts a group that can no longer be read as lost.
func (pos *position) giveUpLocked(r releasedGroup) {
	var lost uint64
	if r.retry != nil {
		lost = uint64(r.retry.items)
		pos.account.Retrying -= lost
		pos.ledger.retryDone = append(pos.ledger.retryDone, r.retry.seq)
	} else {
		before := pos.waitingLocked()
		pos.w.Finish(r.number)
		lost = before - pos.waitingLocked()
	}
	pos.account.Lost += lost
	pos.ledger.touchLocked()
	pos.missedLocked(1, lost)
}

// Complete reports whether all groups that a writer accepted before a time and that are due for this cursor were returned by
// Next: no other will come, but those that are Released. after is the number of the last group of that writer that the caller has
// received from Next. When it returns false because the cursor sleeps before groups with nothing due, it wakes it.
//
// So a caller that puts groups together by the time they were accepted knows when it has them all, and puts the same ones
// together again after a restart.
func (c *Cursor) Complete(writer string, after uint64, before time.Time) bool {
	s := c.ledgers
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, pos := range c.positions {
		if pos.ledger.writer == writer {
			return pos.completeLocked(after, before)
		}
	}
	return true // another process delivers them now
}

func (pos *position) completeLocked(after uint64, before time.Time) bool {
	s := pos.ledger.ledgers
	if pos.ledger == s.own && (s.now().Before(before) || !s.writing.IsZero() && s.writing.Before(before)) {
		return false
	}
	if pos.w.UnfinishedAfter(after) {
		return false // one was returned, but is still on its way to the caller
	}
	for number := pos.w.Read + 1; number <= pos.ledger.number; number++ {
		var g *recent.Group
		if pos.ledger == s.own {
			g = s.recent.Get(number)
		}
		switch {
		case g == nil:
			pos.cursor.wakeLocked()
			return false
		case !g.Time.Before(before):
			return true
		case g.Within.Slot(pos.cursor.slot).Due > 0:
			return false
		}
	}
	return true
}
