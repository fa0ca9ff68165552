package queue

import (
	"context"
	"errors"
	"fmt"
	"time"
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
	return l.scan(ctx, subjectPrefix+"log.*", since, func(m message, f *frame) bool {
		for i := range f.entries {
			e := &f.entries[i]
			s := Stored{lastToken(m.subject), f.number, i, f.time, e.bytes, f.rosters[e.roster], e.states}
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
		err = l.scan(ctx, logSubject(b.writer), since, func(_ message, first *frame) bool {
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
func (l *Log) scan(ctx context.Context, subject string, since time.Time, fn func(message, *frame) bool) error {
	from := uint64(1)
	if !since.IsZero() {
		var err error
		if from, err = l.store.firstSince(ctx, logStream, since); errors.Is(err, errNone) {
			return nil
		} else if err != nil {
			return fmt.Errorf("look for %s in the log: %w", since.Format(time.RFC3339), err)
		}
	}
	err := l.store.each(ctx, logStream, subject, from, func(m message) bool {
		f, err := decodeFrame(m.data)
		return err != nil || f.time.Before(since) || fn(m, f)
	})
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	return nil
}
