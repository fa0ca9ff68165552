package queue

import (
	"context"
	"slices"
	"strings"
	"time"

	"headgate/queue/stream"
)

// Status is what there is to know at a moment.
type Status struct {
	Accepted uint64
	Bytes    uint64    // on disk, dead letters and all
	MaxBytes uint64    //
	Oldest   time.Time // when the oldest group that is still kept was accepted
	Error    string    // why Append fails, "" when it does not
	Damage   []Damage  // found since the start
	Cursors  []CursorStatus
}

// CursorStatus is the account of one cursor. For each, and at any moment,
// Accepted = Delivered + Filtered + Denied + Rejected + Pending.
type CursorStatus struct {
	Name      string
	Accepted  uint64
	Delivered uint64
	Filtered  uint64
	Denied    uint64
	Rejected  uint64
	Pending   uint64
	Redacted  uint64    // of Accepted: decided to be delivered in part
	Retrying  uint64    // of Pending: wait for another try
	Dead      uint64    // of Rejected: kept as dead letters
	Lost      uint64    // of Rejected: unreadable after damage
	Oldest    time.Time // when the oldest group with something pending was accepted; zero when nothing is, or only retries are
}

// Damage is something missing in the log.
type Damage struct {
	What   string
	Groups uint64
	Events uint64
}

// Status gathers the accounts, of other processes on the same cluster too: theirs as of their last checkpoint.
func (l *Log) Status(ctx context.Context) (Status, error) {
	s := Status{MaxBytes: uint64(l.o.Config.MaxBytes)}
	for _, name := range [...]string{stream.Log, stream.Retries, stream.DeadLetters, stream.Checkpoints} {
		info, err := l.store.Info(ctx, name, "")
		if err != nil {
			return s, err
		}
		s.Bytes += info.Bytes
		if name == stream.Log && info.Messages > 0 {
			s.Oldest = info.Oldest
		}
	}
	others, err := l.otherBooks(ctx)
	if err != nil {
		return s, err
	}
	l.damageMu.Lock()
	s.Damage = slices.Clone(l.damage)
	l.damageMu.Unlock()
	waiting := l.accounts(&s, others)
	for i := range s.Cursors {
		if ln := waiting[s.Cursors[i].Name]; ln != nil {
			s.Cursors[i].Oldest = l.oldestOf(ctx, ln)
		}
	}
	return s, nil
}

// accounts fills in what is in memory, at one moment, and returns the lanes of this process's own book with something
// pending.
func (l *Log) accounts(s *Status, others []*book) map[string]*lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full != nil {
		s.Error = l.full.Error()
	}
	byName, waiting := map[string]*CursorStatus{}, map[string]*lane{}
	for name, c := range l.byName {
		if len(c.lanes) > 0 {
			byName[name] = &CursorStatus{Name: name}
		}
	}
	for _, b := range slices.Concat(l.books, others) {
		b.addTo(s, byName)
	}
	for _, ln := range l.own.lanes {
		if ln != nil && ln.waiting() > 0 {
			waiting[ln.cursor.name] = ln
		}
	}
	for _, c := range byName {
		s.Cursors = append(s.Cursors, *c)
	}
	slices.SortFunc(s.Cursors, func(a, b CursorStatus) int { return strings.Compare(a.Name, b.Name) })
	return waiting
}

// addTo adds the book's accounts. For a cursor that had no lane in this book everything counts as filtered.
func (b *book) addTo(s *Status, byName map[string]*CursorStatus) {
	s.Accepted += b.head.accepted
	seen := map[string]bool{}
	for _, ln := range b.lanes {
		if ln == nil || byName[ln.cursor.name] == nil {
			continue
		}
		ln.addTo(byName[ln.cursor.name])
		seen[ln.cursor.name] = true
	}
	for name, c := range byName {
		if !seen[name] {
			c.Accepted += b.head.accepted
			c.Filtered += b.head.accepted
		}
	}
}

// oldestOf is when the group after a lane's floor was accepted.
func (l *Log) oldestOf(ctx context.Context, ln *lane) time.Time {
	l.mu.Lock()
	seq, g := ln.w.floorSeq, ln.book.log.recent.get(ln.w.floor+1)
	l.mu.Unlock()
	if g != nil {
		return g.time
	}
	m, err := l.store.Next(ctx, stream.Log, stream.LogSubject(ln.book.writer), seq+1)
	if err != nil {
		return time.Time{}
	}
	return m.Time
}

// Healthy is nil while Append is expected to work.
func (l *Log) Healthy() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return ErrClosed
	}
	return l.full
}
