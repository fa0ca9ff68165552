package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"headgate/queue/stream"
)

// book is what one writer wrote: the sums over its groups, the cursors' lanes through them, and the checkpoint that makes
// it all durable. The process has its own book and, for writers that are gone, theirs. Its fields are guarded by the log's
// mutex except where they say otherwise.
type book struct {
	log    *Log
	writer string

	number uint64 // of the writer's last group
	seq    uint64 // its sequence in the stream
	head   tally  // up to and with it
	lanes  []*lane
	gone   []string // forgotten cursors

	retryMark, deadMark uint64   // highest record sequences that count
	retryDone, deadDone []uint64 // records to remove once a checkpoint says so

	saved    uint64    // seq as of the last checkpoint
	finished uint64    // before this sequence all is finished, as of the last checkpoint
	states   [8]uint64 // the last checkpoints, newest first

	ops    []*op
	dirty  bool          // there is something to checkpoint
	urgent chan struct{} // somebody waits for it
	lazy   chan struct{} // nobody does
	stop   chan struct{}
	done   chan struct{}

	lost   bool // another process keeps it now
	closed bool // no more ops

	// The rest belongs to the ledger's goroutine, or to who opens the book.
	stateSeq uint64 // of the last checkpoint
	sent     []byte // the last checkpoint that was tried
	doubt    bool   // a record may have been written that nobody knows of
}

func newBook(l *Log, writer string) *book {
	return &book{log: l, writer: writer, urgent: make(chan struct{}, 1), lazy: make(chan struct{}, 1),
		stop: make(chan struct{}), done: make(chan struct{})}
}

// open reads where the writer's book stood: the checkpoint, then the groups since. high is the high-water mark kept
// outside, zero when there is none. The log is not running yet, or does not know of the book.
func (b *book) open(ctx context.Context, high sums) error {
	c, whole, err := b.lastCheckpoint(ctx)
	if err != nil {
		return err
	}
	if c != nil {
		b.take(c)
	}
	if err := b.takeGroups(ctx, high, c == nil); err != nil {
		return err
	}
	if err := b.purgeForgotten(ctx); err != nil {
		return err
	}
	if whole {
		err = b.dropUncounted(ctx)
	} else {
		err = b.dropRepeated(ctx)
	}
	if err != nil {
		return err
	}
	return b.findRetries(ctx)
}

// lastCheckpoint returns the newest one that is readable, nil when there is none, and whether it is the newest there was.
func (b *book) lastCheckpoint(ctx context.Context) (c *checkpoint, whole bool, err error) {
	subject := stream.StateSubject(b.writer)
	m, err := b.log.store.Last(ctx, stream.Checkpoints, subject)
	if errors.Is(err, stream.ErrNone) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the checkpoint of %s: %w", b.writer, err)
	}
	b.stateSeq = m.Seq
	if c, err := decodeCheckpoint(m.Data); err == nil {
		return c, true, nil
	}
	b.log.damaged("the last checkpoint is unreadable, an older one is used: some events are delivered again", 0, 0)
	err = each(ctx, b.log.store, stream.Checkpoints, subject, 1, func(m stream.Message) bool {
		if older, err := decodeCheckpoint(m.Data); err == nil {
			c = older
		}
		return true
	})
	return c, false, err
}

// take sets the book to what a checkpoint says.
func (b *book) take(c *checkpoint) {
	b.number, b.seq, b.head.accepted = c.Number, c.Seq, c.Accepted
	b.gone = c.Gone
	b.retryMark, b.deadMark = c.RetryMark, c.DeadMark
	b.retryDone, b.deadDone = c.RetryDone, c.DeadDone
	for _, s := range c.Cursors {
		cur := b.log.register(s.Name)
		*b.head.at(cur.slot) = countsOf(s.Head)
		ahead := make([]span, len(s.Ahead))
		for i, a := range s.Ahead {
			ahead[i] = span{from: a[0], to: a[1], seq: a[2], due: a[3]}
		}
		ln := b.addLane(cur)
		ln.base = countsOf(s.Base)
		ln.account = s.Account
		ln.w = startWindow(s.Floor, s.FloorSeq, s.FloorDue, ahead)
		ln.nextSeq = s.FloorSeq + 1
	}
}

// addLane gives a cursor a lane that starts at the book's end.
func (b *book) addLane(c *Cursor) *lane {
	for len(b.lanes) <= c.slot {
		b.lanes = append(b.lanes, nil)
	}
	head := b.head.slot(c.slot)
	ln := &lane{book: b, cursor: c, base: head, w: startWindow(b.number, b.seq, head.due, nil), nextSeq: b.seq + 1}
	b.lanes[c.slot] = ln
	return ln
}

func (b *book) lane(slot int) *lane {
	if slot < len(b.lanes) {
		return b.lanes[slot]
	}
	return nil
}

// takeGroups brings the book up to the writer's last group in the stream, and finds out whether groups are missing there.
// anew says that there is no checkpoint.
func (b *book) takeGroups(ctx context.Context, high sums, anew bool) error {
	f, seq, err := b.lastGroup(ctx)
	if err != nil {
		return err
	}
	counted, countedSeq := b.number, b.seq
	b.takeHead(f, seq)
	if high.number > b.number {
		b.number, b.head.accepted = high.number, high.accepted
		for name, sum := range high.of {
			b.raise(name, sum, counted, countedSeq)
		}
	}
	if err := b.findPlaces(ctx, anew); err != nil {
		return err
	}
	switch {
	case f != nil && f.number == b.number, b.number == 0:
		return nil
	case f == nil && high.number <= counted && b.allFinished():
		return nil // all of it is done with and gone, as it should be
	}
	return b.resume(ctx, f)
}

// takeHead takes the sums of a group that is newer than the checkpoint.
func (b *book) takeHead(f *frame, seq uint64) {
	if f == nil || f.number <= b.number {
		return
	}
	counted, countedSeq := b.number, b.seq
	b.number, b.seq, b.head.accepted = f.number, seq, f.before+f.accepted
	for i := range f.cursors {
		t := &f.cursors[i]
		sum := t.before
		sum.add(t.within)
		b.raise(t.name, sum, counted, countedSeq)
	}
}

// raise sets a cursor's sums. One that neither has a lane nor was forgotten began after the checkpoint, whose number and
// sequence are given.
func (b *book) raise(name string, sum counts, number, seq uint64) {
	if slices.Contains(b.gone, name) {
		return
	}
	c := b.log.register(name)
	if b.lane(c.slot) == nil {
		ln := b.addLane(c)
		ln.base = counts{}
		ln.w = startWindow(number, seq, 0, nil)
		ln.nextSeq = seq + 1
	}
	*b.head.at(c.slot) = sum
}

// lastGroup returns the writer's newest readable group and its sequence, nil when there is none.
func (b *book) lastGroup(ctx context.Context) (f *frame, seq uint64, err error) {
	subject := stream.LogSubject(b.writer)
	m, err := b.log.store.Last(ctx, stream.Log, subject)
	if errors.Is(err, stream.ErrNone) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read the last group of %s: %w", b.writer, err)
	}
	if f, err = decodeFrame(m.Data); err == nil {
		return f, m.Seq, nil
	}
	err = each(ctx, b.log.store, stream.Log, subject, 1, func(m stream.Message) bool {
		if g, err := decodeFrame(m.Data); err == nil {
			f, seq = g, m.Seq
		}
		return true
	})
	return f, seq, err
}

// findPlaces checks that the lanes' sequences still mean what they did: after damage the stream may have begun to count
// anew. A lane whose floor is not where it was starts at the stream's beginning and passes over what it has had. Without a
// checkpoint, what came before the stream's beginning was delivered, or else it would still be there.
func (b *book) findPlaces(ctx context.Context, anew bool) error {
	info, err := b.log.store.Info(ctx, stream.Log, "")
	if err != nil {
		return fmt.Errorf("ask for the log's state: %w", err)
	}
	var first *frame
	err = each(ctx, b.log.store, stream.Log, stream.LogSubject(b.writer), 1, func(m stream.Message) bool {
		f, err := decodeFrame(m.Data)
		if err == nil {
			first = f
		}
		return err != nil
	})
	if err != nil {
		return fmt.Errorf("read the log's first group: %w", err)
	}
	known := map[uint64]uint64{} // group numbers by sequence
	for _, ln := range b.lanes {
		if ln == nil {
			continue
		}
		w := &ln.w
		if anew && first != nil {
			ln.w = startWindow(first.number-1, 0, first.cursor(ln.cursor.name).before.due, nil)
		} else if w.floorSeq >= info.First || w.floorSeq > info.Last {
			if _, ok := known[w.floorSeq]; !ok {
				known[w.floorSeq] = b.numberAt(ctx, w.floorSeq)
			}
			if known[w.floorSeq] != w.floor {
				ln.nextSeq = info.First
			}
		}
	}
	return nil
}

// numberAt is the number of this writer's group at that place of the stream, 0 when there is none.
func (b *book) numberAt(ctx context.Context, seq uint64) uint64 {
	m, err := b.log.store.Get(ctx, stream.Log, seq)
	if err != nil || m.Subject != stream.LogSubject(b.writer) {
		return 0
	}
	f, err := decodeFrame(m.Data)
	if err != nil {
		return 0
	}
	return f.number
}

func (b *book) allFinished() bool {
	for slot, ln := range b.lanes {
		if ln != nil && ln.w.pending(b.head.slot(slot).due) > 0 {
			return false
		}
	}
	return true
}

// resume says what is missing at the log's end, and writes an empty group after it that carries the sums, so that every
// lane finds out what it lost.
func (b *book) resume(ctx context.Context, f *frame) error {
	var number, accepted uint64
	if f != nil {
		number, accepted = f.number, f.before+f.accepted
	}
	b.log.damaged("the end of the log is missing", b.number-number, less(b.head.accepted, accepted))
	var w frameWriter
	seq, err := b.log.store.Publish(ctx, stream.LogSubject(b.writer), w.seal(b.number+1, b.log.now(), b.log.slotNames(), b.head), stream.Expectation{})
	if err != nil {
		return fmt.Errorf("mark the damage in the log: %w", err)
	}
	b.number, b.seq = b.number+1, seq
	return nil
}

// touch notes that there is something to checkpoint.
func (b *book) touch() {
	if !b.dirty {
		b.dirty = true
		signal(b.lazy)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
