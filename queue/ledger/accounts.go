package ledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"headgate/queue/stream"
)

// Accounts are the sums over all ledgers, at one moment; those of other processes as of their last checkpoints.
type Accounts struct {
	Accepted uint64
	Refused  error           // why groups cannot be written, nil when they can
	Cursors  []CursorAccount // by name
}

// CursorAccount is the account of one cursor. For each, and at any moment,
// Accepted = Delivered + Filtered + Denied + Rejected + Pending.
type CursorAccount struct {
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

// WriterAccounts is what one writer has accepted, and what is still to be done of that.
type WriterAccounts struct {
	Name     string
	Own      bool      // this process writes under it
	Holder   string    // the process that delivers it; "" when nobody does, or without a cluster
	Accepted uint64    //
	Saved    time.Time // its last checkpoint; zero when there was none
	Cursors  []CursorAccount
}

// Accounts returns the accounts of all cursors that this process has.
func (s *Ledgers) Accounts(ctx context.Context) (Accounts, error) {
	others, err := s.otherLedgers(ctx)
	if err != nil {
		return Accounts{}, err
	}
	sums, waiting := s.accounts(others)
	for i := range sums.Cursors {
		if pos := waiting[sums.Cursors[i].Name]; pos != nil {
			sums.Cursors[i].Oldest = s.oldestOf(ctx, pos)
		}
	}
	return sums, nil
}

// accounts returns what is in memory, at one moment, and the positions in this process's own ledger that have something pending.
func (s *Ledgers) accounts(others []*Ledger) (Accounts, map[string]*position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sums := Accounts{Refused: s.full}
	byName, waiting := map[string]*CursorAccount{}, map[string]*position{}
	for name, c := range s.cursors {
		if len(c.positions) > 0 {
			byName[name] = &CursorAccount{Name: name}
		}
	}
	for _, led := range slices.Concat(s.kept, others) {
		led.addToLocked(&sums, byName)
	}
	for _, pos := range s.own.positions {
		if pos != nil && pos.waitingLocked() > 0 {
			waiting[pos.cursor.name] = pos
		}
	}
	sums.Cursors = sorted(byName)
	return sums, waiting
}

// sorted returns accounts by name.
func sorted(byName map[string]*CursorAccount) (list []CursorAccount) {
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		list = append(list, *byName[name])
	}
	return list
}

// addToLocked adds the ledger's accounts. For a cursor that had no position in this ledger everything counts as filtered.
func (led *Ledger) addToLocked(s *Accounts, byName map[string]*CursorAccount) {
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
func (pos *position) addToLocked(s *CursorAccount) {
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
func (s *Ledgers) oldestOf(ctx context.Context, pos *position) time.Time {
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

// ByWriter returns the accounts by writer, sorted by name. holders are the processes that deliver ledgers, by writer.
func (s *Ledgers) ByWriter(ctx context.Context, holders map[string]string) ([]WriterAccounts, error) {
	others, err := s.otherLedgers(ctx)
	if err != nil {
		return nil, err
	}
	out := s.byWriter(others)
	for name := range holders {
		if !slices.ContainsFunc(out, func(w WriterAccounts) bool { return w.Name == name }) {
			out = append(out, WriterAccounts{Name: name}) // it has written nothing yet
		}
	}
	slices.SortFunc(out, func(a, b WriterAccounts) int { return strings.Compare(a.Name, b.Name) })
	for i := range out {
		w := &out[i]
		w.Holder = holders[w.Name]
		m, err := s.store.Last(ctx, stream.Checkpoints, stream.StateSubject(w.Name))
		if err != nil && !errors.Is(err, stream.ErrNone) {
			return nil, fmt.Errorf("read the checkpoint of %s: %w", w.Name, err)
		}
		w.Saved = m.Time
	}
	return out, nil
}

func (s *Ledgers) byWriter(others []*Ledger) (out []WriterAccounts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, led := range slices.Concat(s.kept, others) {
		var whole Accounts
		byName := map[string]*CursorAccount{}
		for _, pos := range led.positions {
			if pos != nil {
				byName[pos.cursor.name] = &CursorAccount{Name: pos.cursor.name}
			}
		}
		led.addToLocked(&whole, byName)
		out = append(out, WriterAccounts{Name: led.writer, Own: led == s.own, Accepted: whole.Accepted, Cursors: sorted(byName)})
	}
	return out
}
