package queue

import (
	"context"
	"time"

	"headgate/queue/stream"
)

// Settled calls fn with the events accepted since that time, oldest first, and with the cursors, of those given, to which each
// of them was due and that have finished its group, until fn says false. by is valid until fn returns.
func (l *Log) Settled(ctx context.Context, since time.Time, cursors []*Cursor, fn func(s Stored, by []*Cursor) bool) error {
	var finished, by []*Cursor
	return l.scan(ctx, stream.LogSubject(stream.Any), since, func(m stream.Message, f *frame) bool {
		writer := stream.LastName(m.Subject)
		if finished = finishedBy(finished[:0], cursors, writer, f.number); len(finished) == 0 {
			return true
		}
		for i := range f.entries {
			by = by[:0]
			for _, c := range finished {
				if f.state(i, c.name).Due() {
					by = append(by, c)
				}
			}
			e := &f.entries[i]
			if len(by) > 0 && !fn(Stored{writer, f.number, i, f.time, e.bytes, f.rosters[e.roster], e.states}, by) {
				return false
			}
		}
		return true
	})
}

// finishedBy appends those of the cursors that have finished a group.
func finishedBy(to, cursors []*Cursor, writer string, number uint64) []*Cursor {
	for _, c := range cursors {
		if ln := c.laneOf(writer); ln != nil && ln.finished(number) {
			to = append(to, c)
		}
	}
	return to
}

// finished reports whether the lane has finished a group.
func (ln *lane) finished(number uint64) bool {
	ln.book.log.mu.Lock()
	defer ln.book.log.mu.Unlock()
	return ln.w.finished(number)
}

// Fresh reports whether the group comes from the log itself: not a retry, and not a dead letter or a delivered event that
// is sent again because a person wants so.
func (g *Group) Fresh() bool { return g.number != 0 }
