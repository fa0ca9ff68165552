// Package ledger knows how far each destination has come. What one writer wrote is its ledger: the sums over its groups, a position
// in them for every cursor, and a checkpoint in the log that makes all of it durable together. A process keeps its own ledger and
// those of writers that are gone. Cursors read their groups and settle them; dead letters, replays and all accounts are here.
//
// It promises that every event is, for every cursor, in exactly one state at any moment and after any crash. It does not write the
// log: package queue does, and has each group that is durable accepted here.
//
// Read ledger.go for the data, then Cursor.Next and Group.Settle.
package ledger

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"headgate/queue/format"
	"headgate/queue/recent"
	"headgate/queue/stream"
)

// Ledgers are the ledgers that this process keeps, and the cursors in them. One mutex guards all of it: an event changes a ledger's
// counts, the positions of its cursors and who sleeps, and Status must see these at one moment, so that they add up.
// A function whose name ends in Locked expects the mutex to be held, or a ledger that nothing else uses yet.
type Ledgers struct {
	store     Store
	clustered bool
	logger    *slog.Logger
	now       func() time.Time
	working   context.Context // cancelled last when the log is closed

	mu      sync.Mutex // guards these, and what is marked so in ledgers, positions, cursors and groups
	closing bool
	cursors map[string]*Cursor
	names   []string // of the cursors, by slot
	kept    []*Ledger
	own     *Ledger       // the one this process writes; only the appender changes it
	recent  recent.Groups // groups of own
	full    error         // why Append fails
	writing time.Time     // when the group was begun that is being written now; zero when none is

	damageMu sync.Mutex
	damage   []Damage
}

// New returns Ledgers without any: Use gives them the store, Open or OpenAll open them. working ends last when the log is closed;
// memory is how many bytes the groups in memory may take.
func New(working context.Context, clustered bool, memory int, logger *slog.Logger, now func() time.Time) *Ledgers {
	s := &Ledgers{working: working, clustered: clustered, logger: logger, now: now, cursors: map[string]*Cursor{}}
	s.recent.Limit = memory
	return s
}

// Use sets the store. It is called before ledgers are opened.
func (s *Ledgers) Use(st Store) { s.store = st }

// Cursor returns a destination's cursor, created if necessary: a new one starts here, and what was accepted before counts as
// filtered for it. There is one per name.
func (s *Ledgers) Cursor(name string) (*Cursor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil, stream.ErrClosed
	}
	if name == "" {
		return nil, errors.New("a cursor needs a name")
	}
	return s.openCursorLocked(name), nil
}

// Roster creates the cursors that do not exist and returns their list, for the entries decided by one plan.
func (s *Ledgers) Roster(names []string) (*format.Roster, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil, stream.ErrClosed
	}
	slots := make([]int, len(names))
	for i, name := range names {
		if name == "" {
			return nil, errors.New("a cursor needs a name")
		}
		slots[i] = s.openCursorLocked(name).slot
	}
	return format.NewRoster(append([]string(nil), names...), slots), nil
}

func (s *Ledgers) ledgerOf(writer string) *Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, led := range s.kept {
		if led.writer == writer {
			return led
		}
	}
	return nil
}

// detachLocked takes a ledger and its positions away from the cursors. With lost, settling groups of it changes nothing from now on.
func (s *Ledgers) detachLocked(led *Ledger, lost bool) {
	s.kept = slices.DeleteFunc(slices.Clone(s.kept), func(x *Ledger) bool { return x == led })
	for _, pos := range led.positions {
		if pos != nil {
			pos.gone = lost
			pos.cursor.positions = slices.DeleteFunc(slices.Clone(pos.cursor.positions), func(x *position) bool { return x == pos })
		}
	}
}

// cursorLocked returns a cursor, created if necessary. It has no positions then.
func (s *Ledgers) cursorLocked(name string) *Cursor {
	c := s.cursors[name]
	if c == nil {
		c = &Cursor{ledgers: s, name: name, slot: len(s.names), wake: make(chan struct{}, 1)}
		s.names = append(s.names, name)
		s.cursors[name] = c
	}
	return c
}

// cursor is cursorLocked for callers that do not hold the mutex.
func (s *Ledgers) cursor(name string) *Cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cursorLocked(name)
}

// openCursorLocked returns a cursor that has a position in every ledger.
func (s *Ledgers) openCursorLocked(name string) *Cursor {
	c := s.cursorLocked(name)
	for _, led := range s.kept {
		if led.positionLocked(c.slot) == nil {
			led.gone = slices.DeleteFunc(slices.Clone(led.gone), func(s string) bool { return s == name }) // it is wanted again
			c.positions = append(slices.Clone(c.positions), led.addPositionLocked(c))
			led.touchLocked()
		}
	}
	return c
}

// slotNames are the cursors' names by slot. They must not be changed.
func (s *Ledgers) slotNames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names
}

// Refuse remembers why Append fails, and returns it.
func (s *Ledgers) Refuse(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full == nil {
		s.logger.Error("events are refused: the log cannot be written; free disk space, raise queue.max_bytes, or look why a destination lags", "error", err)
	}
	s.full = err
	return err
}

// Damage is something missing in the log.
type Damage struct {
	What   string
	Groups uint64
	Events uint64
}

// Damaged reports something missing in the log. The mutex may be held.
func (s *Ledgers) Damaged(what string, groups, events uint64) {
	s.logger.Error("the log is damaged: what is readable is delivered, the rest is counted as lost; keep a copy of its folder and run queue verify",
		"what", what, "groups", groups, "events", events)
	s.damageMu.Lock()
	defer s.damageMu.Unlock()
	s.damage = append(s.damage, Damage{what, groups, events})
}

// Damage returns what was reported since the start.
func (s *Ledgers) Damage() []Damage {
	s.damageMu.Lock()
	defer s.damageMu.Unlock()
	return slices.Clone(s.damage)
}

// Healthy is nil while groups are expected to be written.
func (s *Ledgers) Healthy() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return stream.ErrClosed
	}
	return s.full
}

// Store is where messages are kept. Packages disk and nats keep these promises; package conform holds both to them.
type Store interface {
	// Publish stores a message and returns its sequence once it is as durable as the configuration demands. It fails with
	// stream.ErrConflict when the expectation does not hold; after most other errors it may have been stored.
	Publish(ctx context.Context, subject string, data []byte, expect stream.Expectation) (uint64, error)
	// Get returns the message with that sequence, or stream.ErrNone when there is none.
	Get(ctx context.Context, stream string, seq uint64) (stream.Message, error)
	// Last returns a subject's last message, or stream.ErrNone. It is never a stale answer.
	Last(ctx context.Context, stream, subject string) (stream.Message, error)
	// Next returns the subject's first message from that sequence on, or stream.ErrNone. It is never a stale answer.
	Next(ctx context.Context, stream, subject string, from uint64) (stream.Message, error)
	// Read returns at most that many messages of the subject from that sequence on, in order; none means that there are no more
	// now. A node of a cluster that lags may miss the newest.
	Read(ctx context.Context, stream, subject string, from uint64, most int) ([]stream.Message, error)
	// FirstSince returns the sequence of the first message stored at that time or later, or stream.ErrNone.
	FirstSince(ctx context.Context, stream string, t time.Time) (uint64, error)
	// Remove deletes messages. It succeeds for those that are not there.
	Remove(ctx context.Context, stream string, seqs ...uint64) error
	// Purge deletes the subject's messages below a sequence, or all of them when it is 0. An empty subject stands for all.
	Purge(ctx context.Context, stream, subject string, below uint64) error
	// Info returns the state of a stream, with the number of messages of each subject that matches the pattern.
	Info(ctx context.Context, stream, pattern string) (stream.State, error)
}
