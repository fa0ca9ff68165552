package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/queue/stream"
)

// Stored is one event in the log. Those that nobody may have are not stored.
type Stored struct {
	Writer string // who accepted it
	Group  uint64 // its group's number among the writer's
	Index  int    // its place in the group
	Time   time.Time
	Bytes  []byte
	Names  []string // the destinations of its plan,
	States []State  // and what was decided for each
}

// Scan calls fn with the stored events accepted since that time (the zero time: all), oldest first, until fn says false.
func (l *Log) Scan(ctx context.Context, since time.Time, fn func(Stored) bool) error {
	return l.scan(ctx, stream.LogSubject(stream.Any), since, func(m stream.Message, f *frame) bool {
		for i := range f.entries {
			e := &f.entries[i]
			s := Stored{stream.LastName(m.Subject), f.number, i, f.time, e.bytes, f.rosters[e.roster], e.states}
			if !fn(s) {
				return false
			}
		}
		return true
	})
}

// Count returns how many events were accepted since that time, as far as their groups are still there.
func (l *Log) Count(ctx context.Context, since time.Time) (n uint64, err error) {
	l.mu.Lock()
	books := l.books
	l.mu.Unlock()
	for _, b := range books {
		err = l.scan(ctx, stream.LogSubject(b.writer), since, func(_ stream.Message, first *frame) bool {
			l.mu.Lock()
			n += less(b.head.accepted, first.before)
			l.mu.Unlock()
			return false
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// scan calls fn with the readable groups of a subject since that time.
func (l *Log) scan(ctx context.Context, subject string, since time.Time, fn func(stream.Message, *frame) bool) error {
	from := uint64(1)
	if !since.IsZero() {
		var err error
		if from, err = l.store.FirstSince(ctx, stream.Log, since); errors.Is(err, stream.ErrNone) {
			return nil
		} else if err != nil {
			return fmt.Errorf("look for %s in the log: %w", since.Format(time.RFC3339), err)
		}
	}
	err := each(ctx, l.store, stream.Log, subject, from, func(m stream.Message) bool {
		f, err := decodeFrame(m.Data)
		return err != nil || f.time.Before(since) || fn(m, f)
	})
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	return nil
}
