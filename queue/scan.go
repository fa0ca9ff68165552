package queue

import (
	"context"
	"time"

	"headgate/queue/format"
	"headgate/queue/stored"
	"headgate/queue/stream"
)

// Follower returns a new follower of the log. It works until the log is closed.
func (l *Log) Follower() *Follower { return l.followers.New() }

// GroupAt returns the group with that sequence; ErrNoGroup when there is none.
func (l *Log) GroupAt(ctx context.Context, seq uint64) (StoredGroup, error) {
	return stored.GroupAt(ctx, l.store, seq)
}

// Bounds returns the sequences of the oldest and the newest group that are kept.
func (l *Log) Bounds(ctx context.Context) (first, last uint64, err error) {
	return stored.Bounds(ctx, l.store)
}

// Scan calls fn with the stored events accepted since that time (the zero time: all), oldest first, until fn returns false.
func (l *Log) Scan(ctx context.Context, since time.Time, fn func(Stored) bool) error {
	return stored.Scan(ctx, l.store, stream.LogSubject(stream.Any), since, func(m stream.Message, f *format.Frame) bool {
		for i := range f.Entries {
			if !fn(stored.EventIn(f, stream.LastName(m.Subject), i)) {
				return false
			}
		}
		return true
	})
}

// Count returns how many events were accepted since that time, as far as their groups are still there.
func (l *Log) Count(ctx context.Context, since time.Time) (uint64, error) {
	return l.ledgers.Count(ctx, since)
}

// ScanFinished calls fn with the events accepted since that time, oldest first, and with those of the cursors to which the event
// was due and that have finished its group, until fn returns false. Events without such a cursor are skipped. by is valid until fn
// returns.
func (l *Log) ScanFinished(ctx context.Context, since time.Time, cursors []*Cursor, fn func(s Stored, by []*Cursor) bool) error {
	return l.ledgers.ScanFinished(ctx, since, cursors, fn)
}
