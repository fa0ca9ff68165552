package queue

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"headgate/queue/format"
	"headgate/queue/recent"
	"headgate/queue/stored"
	"headgate/queue/window"
)

// state is what the log knows, and what its parts need to change it. One mutex guards all of it: an event changes a ledger's
// counts, the positions of its cursors and who sleeps, and Status must see these at one moment, so that they add up.
// A function whose name ends in Locked expects the mutex to be held, or a ledger that nothing else uses yet.
type state struct {
	store     store
	clustered bool
	logger    *slog.Logger
	now       func() time.Time
	working   context.Context // cancelled last when the log is closed

	mu      sync.Mutex // guards these, and what is marked so in ledgers, positions, cursors and groups
	closing bool
	cursors map[string]*Cursor
	names   []string // of the cursors, by slot
	ledgers []*ledger
	own     *ledger       // the one this process writes; only the appender changes it
	recent  recent.Groups // groups of own
	full    error         // why Append fails
	writing time.Time     // when the group was begun that is being written now; zero when none is

	damageMu sync.Mutex
	damage   []Damage

	followers *stored.Followers
}

// ledger is what one writer wrote: the sums over its groups, the cursors' positions in them, and the checkpoint that makes it
// all durable. A process keeps its own ledger and, for writers that are gone, theirs.
type ledger struct {
	state  *state
	writer string
	urgent chan struct{} // a caller waits for an op
	lazy   chan struct{} // there is something to checkpoint
	stop   chan struct{}
	done   chan struct{}

	// Guarded by state.mu.
	number    uint64       // of the writer's last group
	seq       uint64       // its sequence in the stream
	head      format.Tally // up to and including it
	positions []*position  // by the cursors' slots; nil where a cursor has none
	gone      []string     // forgotten cursors

	retryMark, deadMark uint64   // highest record sequences that count
	retryDone, deadDone []uint64 // records to remove once a checkpoint declares them finished

	saved    uint64    // seq as of the last checkpoint
	finished uint64    // before this sequence everything is finished, as of the last checkpoint
	states   [8]uint64 // the sequences of the last checkpoints, newest first

	ops    []*op
	dirty  bool // there is something to checkpoint
	lost   bool // another process keeps it now
	closed bool // it takes no more ops

	// Used only by the ledger's goroutine, and before it starts.
	stateSeq uint64 // of the last checkpoint
	sent     []byte // the last checkpoint that was tried
	doubt    bool   // a record may have been written whose sequence is unknown
}

// position is how far one cursor has come in one ledger, with its account. Guarded by state.mu.
type position struct {
	ledger  *ledger
	cursor  *Cursor
	base    format.Counts // the writer's sums when the cursor began: what came before counts as filtered
	w       window.Window
	account format.Account
	gone    bool // forgotten, or with another process; settling its groups changes nothing

	nextSeq    uint64    // where the stream is to be read next
	fetched    []fetched // read from there, not yet returned by Next
	emptyReads int       // reads in a row that found nothing although there should be something

	retries  dueHeap[retryRef]
	released dueHeap[releasedGroup]
}

type fetched struct {
	*format.Frame
	seq uint64
}

// Cursor is one destination's place in the log: in every ledger that this process keeps. Only one goroutine may call Next
// at a time; everything else may be called from anywhere.
type Cursor struct {
	state *state
	name  string
	slot  int // the index of its counts in a Tally
	wake  chan struct{}

	reading sync.Mutex // held by Next
	moving  sync.Mutex // held while dead letters are moved or events replayed

	// Guarded by state.mu.
	positions []*position
	waiting   bool // Next sleeps
	turn      int  // positions take turns,
	retry     bool // and so do retries and fresh groups
}

// Name is the destination's name.
func (c *Cursor) Name() string { return c.name }

// op is a change to a ledger that writes records: settling a group with leftovers, a replay, moving dead letters. It happens as
// a whole or not at all.
type op struct {
	position *position // nil when there are no records
	records  []*format.Record
	seqs     []uint64
	apply    func(seqs []uint64) // called with state.mu held, once all records are stored
	lasting  bool                // it is done only when a checkpoint has it; otherwise a crash may undo it, and it is done again
	done     chan error
}

func newLedger(s *state, writer string) *ledger {
	return &ledger{state: s, writer: writer, urgent: make(chan struct{}, 1), lazy: make(chan struct{}, 1),
		stop: make(chan struct{}), done: make(chan struct{})}
}

func (s *state) ledgerOf(writer string) *ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, led := range s.ledgers {
		if led.writer == writer {
			return led
		}
	}
	return nil
}

// detachLocked takes a ledger and its positions away from the cursors. With lost, settling groups of it changes nothing from now on.
func (s *state) detachLocked(led *ledger, lost bool) {
	s.ledgers = slices.DeleteFunc(slices.Clone(s.ledgers), func(x *ledger) bool { return x == led })
	for _, pos := range led.positions {
		if pos != nil {
			pos.gone = lost
			pos.cursor.positions = slices.DeleteFunc(slices.Clone(pos.cursor.positions), func(x *position) bool { return x == pos })
		}
	}
}

// touchLocked notes that there is something to checkpoint.
func (led *ledger) touchLocked() {
	if !led.dirty {
		led.dirty = true
		signal(led.lazy)
	}
}

// emptyLocked reports whether nothing of the ledger is pending for any cursor.
func (led *ledger) emptyLocked() bool {
	for _, pos := range led.positions {
		if pos != nil && (pos.waitingLocked() > 0 || pos.account.Retrying > 0) {
			return false
		}
	}
	return true
}

// addPositionLocked gives a cursor a position that starts at the ledger's end.
func (led *ledger) addPositionLocked(c *Cursor) *position {
	for len(led.positions) <= c.slot {
		led.positions = append(led.positions, nil)
	}
	head := led.head.Slot(c.slot)
	pos := &position{ledger: led, cursor: c, base: head, w: window.Start(led.number, led.seq, head.Due, nil), nextSeq: led.seq + 1}
	led.positions[c.slot] = pos
	return pos
}

func (led *ledger) positionLocked(slot int) *position {
	if slot < len(led.positions) {
		return led.positions[slot]
	}
	return nil
}

func (pos *position) headLocked() format.Counts { return pos.ledger.head.Slot(pos.cursor.slot) }

// waitingLocked is how many due events are in groups that are not finished.
func (pos *position) waitingLocked() uint64 { return pos.w.Pending(pos.headLocked().Due) }

// receiveLocked counts records that were stored, and notes when retries are due.
func (pos *position) receiveLocked(records []*format.Record, seqs []uint64) {
	for i, r := range records {
		pos.account.Add(r.Kind, uint64(len(r.Items)))
		if r.Kind == format.RetryRecord {
			pos.retries.push(retryRef{r.Due, seqs[i], len(r.Items)})
			pos.cursor.wakeLocked()
		}
	}
}

// cursorLocked returns a cursor, created if necessary. It has no positions then.
func (s *state) cursorLocked(name string) *Cursor {
	c := s.cursors[name]
	if c == nil {
		c = &Cursor{state: s, name: name, slot: len(s.names), wake: make(chan struct{}, 1)}
		s.names = append(s.names, name)
		s.cursors[name] = c
	}
	return c
}

// cursor is cursorLocked for callers that do not hold the mutex.
func (s *state) cursor(name string) *Cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cursorLocked(name)
}

// openCursorLocked returns a cursor that has a position in every ledger.
func (s *state) openCursorLocked(name string) *Cursor {
	c := s.cursorLocked(name)
	for _, led := range s.ledgers {
		if led.positionLocked(c.slot) == nil {
			led.gone = slices.DeleteFunc(slices.Clone(led.gone), func(s string) bool { return s == name }) // it is wanted again
			c.positions = append(slices.Clone(c.positions), led.addPositionLocked(c))
			led.touchLocked()
		}
	}
	return c
}

// slotNames are the cursors' names by slot. They must not be changed.
func (s *state) slotNames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names
}

// positionOf returns the cursor's position in a writer's ledger, nil when this process does not keep that ledger.
func (c *Cursor) positionOf(writer string) *position {
	c.state.mu.Lock()
	defer c.state.mu.Unlock()
	for _, pos := range c.positions {
		if pos.ledger.writer == writer {
			return pos
		}
	}
	return nil
}

// wakeLocked has a sleeping Next look again.
func (c *Cursor) wakeLocked() {
	if c.waiting {
		c.waiting = false
		signal(c.wake)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// setFull remembers why Append fails, and returns it.
func (s *state) setFull(err error) error {
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

// damaged reports something missing in the log. The mutex may be held.
func (s *state) damaged(what string, groups, events uint64) {
	s.logger.Error("the log is damaged: what is readable is delivered, the rest is counted as lost; keep a copy of its folder and run queue verify",
		"what", what, "groups", groups, "events", events)
	s.damageMu.Lock()
	defer s.damageMu.Unlock()
	s.damage = append(s.damage, Damage{what, groups, events})
}
