package queue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"headgate/queue/stream"
)

// Status is the state of the log at a moment.
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
	Name        string
	Accepted    uint64
	Delivered   uint64
	Filtered    uint64
	Denied      uint64
	Rejected    uint64
	Pending     uint64
	Redacted    uint64    // of Accepted: decided to be delivered in part
	Retrying    uint64    // of Pending: scheduled for another attempt
	DeadLetters uint64    // of Rejected: kept as dead letters
	Lost        uint64    // of Rejected: unreadable after damage
	Oldest      time.Time // when the oldest group with something pending was accepted; zero when nothing is, or only retries are
}

// Status returns the accounts, including those of other processes on the same cluster as of their last checkpoints.
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
	others, err := l.otherLedgers(ctx)
	if err != nil {
		return s, err
	}
	l.damageMu.Lock()
	s.Damage = slices.Clone(l.damage)
	l.damageMu.Unlock()
	waiting := l.accounts(&s, others)
	for i := range s.Cursors {
		if pos := waiting[s.Cursors[i].Name]; pos != nil {
			s.Cursors[i].Oldest = l.oldestOf(ctx, pos)
		}
	}
	return s, nil
}

// accounts fills in what is in memory, at one moment, and returns the positions in this process's own ledger that have something
// pending.
func (s *state) accounts(to *Status, others []*ledger) map[string]*position {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full != nil {
		to.Error = s.full.Error()
	}
	byName, waiting := map[string]*CursorStatus{}, map[string]*position{}
	for name, c := range s.cursors {
		if len(c.positions) > 0 {
			byName[name] = &CursorStatus{Name: name}
		}
	}
	for _, led := range slices.Concat(s.ledgers, others) {
		led.addToLocked(to, byName)
	}
	for _, pos := range s.own.positions {
		if pos != nil && pos.waitingLocked() > 0 {
			waiting[pos.cursor.name] = pos
		}
	}
	for _, c := range byName {
		to.Cursors = append(to.Cursors, *c)
	}
	slices.SortFunc(to.Cursors, func(a, b CursorStatus) int { return strings.Compare(a.Name, b.Name) })
	return waiting
}

// addToLocked adds the ledger's accounts. For a cursor that had no position in this ledger everything counts as filtered.
func (led *ledger) addToLocked(s *Status, byName map[string]*CursorStatus) {
	s.Accepted += led.head.Accepted
	seen := map[string]bool{}
	for _, pos := range led.positions {
		if pos == nil || byName[pos.cursor.name] == nil {
			continue
		}
		pos.addToLocked(byName[pos.cursor.name])
		seen[pos.cursor.name] = true
	}
	for name, c := range byName {
		if !seen[name] {
			c.Accepted += led.head.Accepted
			c.Filtered += led.head.Accepted
		}
	}
}

// addToLocked adds the position's account to a cursor's. What is in no other count has been delivered.
func (pos *position) addToLocked(s *CursorStatus) {
	a, head := &pos.account, pos.headLocked()
	due := head.Due - pos.base.Due + a.Unfiltered + a.Undenied // replays of others included
	accepted := pos.ledger.head.Accepted
	denied := head.Denied - pos.base.Denied - a.Undenied + a.Denied
	filtered := accepted - (head.Due - pos.base.Due) - (head.Denied - pos.base.Denied) - a.Unfiltered + a.Filtered
	rejected := a.Dead + a.Dropped + a.Lost
	waiting := pos.waitingLocked()
	s.Accepted += accepted
	s.Filtered += filtered
	s.Denied += denied
	s.Rejected += rejected
	s.Pending += waiting + a.Retrying
	s.Delivered += due - waiting - a.Retrying - rejected - a.Filtered - a.Denied
	s.Redacted += head.Redacted - pos.base.Redacted
	s.Retrying += a.Retrying
	s.DeadLetters += a.Dead
	s.Lost += a.Lost
}

// oldestOf is when the group after a position's floor was accepted.
func (s *state) oldestOf(ctx context.Context, pos *position) time.Time {
	s.mu.Lock()
	seq, g := pos.w.FloorSeq, s.recent.Get(pos.w.Floor+1)
	s.mu.Unlock()
	if g != nil {
		return g.Time
	}
	m, err := s.store.Next(ctx, stream.Log, stream.LogSubject(pos.ledger.writer), seq+1)
	if err != nil {
		return time.Time{}
	}
	return m.Time
}

// peek reads another process's ledger as of its last checkpoint, without opening it.
func (s *state) peek(ctx context.Context, writer string) (*ledger, error) {
	led := newLedger(s, writer)
	c, _, err := led.lastCheckpoint(ctx)
	if err != nil {
		return nil, err
	}
	if c != nil {
		led.load(c)
	}
	f, seq, err := led.lastGroup(ctx)
	if err != nil {
		return nil, err
	}
	led.addLastGroup(f, seq)
	return led, nil
}

// otherLedgers reads the ledgers that this process does not keep.
func (s *state) otherLedgers(ctx context.Context) ([]*ledger, error) {
	if !s.clustered {
		return nil, nil
	}
	names, err := s.writers(ctx)
	if err != nil {
		return nil, err
	}
	var out []*ledger
	for _, name := range names {
		if s.ledgerOf(name) != nil {
			continue
		}
		led, err := s.peek(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, led)
	}
	return out, nil
}

// writers returns the names of all that have written to the log.
func (s *state) writers(ctx context.Context) ([]string, error) {
	found := map[string]bool{}
	for _, at := range [...]struct{ stream, subjects string }{{stream.Checkpoints, stream.StateSubject(stream.Any)}, {stream.Log, stream.LogSubject(stream.Any)}} {
		info, err := s.store.Info(ctx, at.stream, at.subjects)
		if err != nil {
			return nil, fmt.Errorf("list who writes to the log: %w", err)
		}
		for subject := range info.Subjects {
			found[stream.LastName(subject)] = true
		}
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}
