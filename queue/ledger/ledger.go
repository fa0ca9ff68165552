package ledger

import (
	"sync"
	"time"

	"headgate/queue/due"
	"headgate/queue/format"
	"headgate/queue/window"
)

// Ledger is what one writer wrote: the sums over its groups, the cursors' positions in them, and the checkpoint that makes it
// all durable. A process keeps its own ledger and, for writers that are gone, theirs.
type Ledger struct {
	ledgers *Ledgers
	writer  string
	urgent  chan struct{} // a caller waits for an op
	lazy    chan struct{} // there is something to checkpoint
	grew    chan struct{} // groups were appended or passed over, which the log itself says
	stop    chan struct{}
	done    chan struct{}

	// Guarded by Ledgers.mu.
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
	longer bool // groups were appended or passed over since the last checkpoint
	lost   bool // another process keeps it now
	closed bool // it takes no more ops

	// Used only by the ledger's goroutine, and before it starts.
	stateSeq uint64 // of the last checkpoint
	sent     []byte // the last checkpoint that was tried
	doubt    bool   // a record may have been written whose sequence is unknown
}

// position is how far one cursor has come in one ledger, with its account. Guarded by Ledgers.mu.
type position struct {
	ledger  *Ledger
	cursor  *Cursor
	base    format.Counts // the writer's sums when the cursor began: what came before counts as filtered
	w       window.Window
	account format.Account
	gone    bool // forgotten, or with another process; settling its groups changes nothing

	nextSeq    uint64    // where the stream is to be read next
	fetched    []fetched // read from there, not yet returned by Next
	emptyReads int       // reads in a row that found nothing although there should be something
	failing    time.Time // when reading began to fail; zero while it does not
	failed     error     // the last error, once reading has failed for patience; Next returns it

	retries  due.Heap[retryRef]
	released due.Heap[releasedGroup]
}

type fetched struct {
	*format.Frame
	seq uint64
}

// Cursor is one destination's place in the log: in every ledger that this process keeps. Only one goroutine may call Next
// at a time; everything else may be called from anywhere.
type Cursor struct {
	ledgers *Ledgers
	name    string
	slot    int // the index of its counts in a Tally
	wake    chan struct{}

	reading sync.Mutex // held by Next
	moving  sync.Mutex // held while dead letters are moved or events replayed

	// Guarded by Ledgers.mu.
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
	apply    func(seqs []uint64) // called with Ledgers.mu held, once all records are stored
	lasting  bool                // it is done only when a checkpoint has it; otherwise a crash may undo it, and it is done again
	done     chan error
}

func newLedger(s *Ledgers, writer string) *Ledger {
	return &Ledger{ledgers: s, writer: writer, urgent: make(chan struct{}, 1), lazy: make(chan struct{}, 1), grew: make(chan struct{}, 1),
		stop: make(chan struct{}), done: make(chan struct{})}
}

// touchLocked notes that there is something to checkpoint.
func (led *Ledger) touchLocked() {
	if !led.dirty {
		led.dirty = true
		signal(led.lazy)
	}
}

// growLocked notes that groups were appended or passed over. The log itself says so after a crash, so a checkpoint because of it
// is not urgent: it bounds what is read at the next start.
func (led *Ledger) growLocked() {
	if !led.longer {
		led.longer = true
		signal(led.grew)
	}
}

// emptyLocked reports whether nothing of the ledger is pending for any cursor.
func (led *Ledger) emptyLocked() bool {
	for _, pos := range led.positions {
		if pos != nil && (pos.waitingLocked() > 0 || pos.account.Retrying > 0) {
			return false
		}
	}
	return true
}

// addPositionLocked gives a cursor a position that starts at the ledger's end.
func (led *Ledger) addPositionLocked(c *Cursor) *position {
	for len(led.positions) <= c.slot {
		led.positions = append(led.positions, nil)
	}
	head := led.head.Slot(c.slot)
	pos := &position{ledger: led, cursor: c, base: head, w: window.Start(led.number, led.seq, head.Due, nil), nextSeq: led.seq + 1}
	led.positions[c.slot] = pos
	return pos
}

func (led *Ledger) positionLocked(slot int) *position {
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
			pos.retries.Add(retryRef{r.Due, seqs[i], len(r.Items)})
			pos.cursor.wakeLocked()
		}
	}
}

// positionOf returns the cursor's position in a writer's ledger, nil when this process does not keep that ledger.
func (c *Cursor) positionOf(writer string) *position {
	c.ledgers.mu.Lock()
	defer c.ledgers.mu.Unlock()
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

// retryRef is a retry record that is not due yet.
type retryRef struct {
	due   time.Time
	seq   uint64
	items int
}

// releasedGroup is a group that Release gave back.
type releasedGroup struct {
	due         time.Time
	number, seq uint64    // of a fresh group
	retry       *retryRef // of a retry record
}

// At is when the record is due.
func (r retryRef) At() time.Time { return r.due }

// At is when the group is due.
func (g releasedGroup) At() time.Time { return g.due }
