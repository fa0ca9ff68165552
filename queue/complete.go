package queue

import (
	"time"

	"headgate/queue/recent"
)

// Complete reports whether all groups that a writer accepted before a time and that are due for this cursor were returned by
// Next: no other will come, but those that are Released. after is the number of the last group of that writer that the caller has
// received from Next. When it returns false because the cursor sleeps before groups with nothing due, it wakes it.
//
// So a caller that puts groups together by the time they were accepted knows when it has them all, and puts the same ones
// together again after a restart.
func (c *Cursor) Complete(writer string, after uint64, before time.Time) bool {
	s := c.state
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
	s := pos.ledger.state
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

// beginGroup returns when the group is accepted that is written next.
func (s *state) beginGroup() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing = s.now()
	return s.writing
}

// endGroup notes that the group is durable, or was given up.
func (s *state) endGroup() {
	s.mu.Lock()
	s.writing = time.Time{}
	s.mu.Unlock()
}
