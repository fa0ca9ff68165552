package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"headgate/queue/format"
	"headgate/queue/stored"
	"headgate/queue/stream"
	"headgate/queue/window"
)

// open reads the state of the writer's ledger: the checkpoint, then the groups since. high is the high-water mark kept
// outside, zero when there is none. Nothing else uses the ledger yet.
func (led *Ledger) open(ctx context.Context, high format.Sums) error {
	c, whole, err := led.lastCheckpoint(ctx)
	if err != nil {
		return err
	}
	if c != nil {
		led.load(c)
	}
	if err := led.addGroups(ctx, high, c == nil); err != nil {
		return err
	}
	if err := led.purgeForgotten(ctx); err != nil {
		return err
	}
	if whole {
		err = led.dropUncounted(ctx)
	} else {
		err = led.dropRepeated(ctx)
	}
	if err != nil {
		return err
	}
	return led.findRetries(ctx)
}

// lastCheckpoint returns the newest readable checkpoint, nil when there is none, and whether it is the newest of all.
func (led *Ledger) lastCheckpoint(ctx context.Context) (c *format.Checkpoint, whole bool, err error) {
	subject := stream.StateSubject(led.writer)
	m, err := led.ledgers.store.Last(ctx, stream.Checkpoints, subject)
	if errors.Is(err, stream.ErrNone) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the checkpoint of %s: %w", led.writer, err)
	}
	led.stateSeq = m.Seq
	if c, err := format.DecodeCheckpoint(m.Data); err == nil {
		return c, true, nil
	}
	led.ledgers.Damaged("the last checkpoint is unreadable, an older one is used: some events are delivered again", 0, 0)
	err = stored.Each(ctx, led.ledgers.store, stream.Checkpoints, subject, 1, func(m stream.Message) bool {
		if older, err := format.DecodeCheckpoint(m.Data); err == nil {
			c = older
		}
		return true
	})
	return c, false, err
}

// load sets the ledger to what a checkpoint says.
func (led *Ledger) load(c *format.Checkpoint) {
	led.number, led.seq, led.head.Accepted = c.Number, c.Seq, c.Accepted
	led.gone = c.Gone
	led.retryMark, led.deadMark = c.RetryMark, c.DeadMark
	led.retryDone, led.deadDone = c.RetryDone, c.DeadDone
	for _, s := range c.Cursors {
		cur := led.ledgers.cursor(s.Name)
		*led.head.At(cur.slot) = format.CountsOf(s.Head)
		ahead := make([]window.Span, len(s.Ahead))
		for i, a := range s.Ahead {
			ahead[i] = window.Span{From: a[0], To: a[1], Seq: a[2], Due: a[3]}
		}
		pos := led.addPositionLocked(cur)
		pos.base = format.CountsOf(s.Base)
		pos.account = s.Account
		pos.w = window.Start(s.Floor, s.FloorSeq, s.FloorDue, ahead)
		pos.nextSeq = s.FloorSeq + 1
	}
}

// addGroups brings the ledger up to the writer's last group in the stream, and finds out whether groups are missing there.
// anew says that there is no checkpoint.
func (led *Ledger) addGroups(ctx context.Context, high format.Sums, anew bool) error {
	f, seq, err := led.lastGroup(ctx)
	if err != nil {
		return err
	}
	counted, countedSeq := led.number, led.seq
	led.addLastGroup(f, seq)
	if high.Number > led.number {
		led.number, led.head.Accepted = high.Number, high.Accepted
		for name, sum := range high.Of {
			led.raiseSums(name, sum, counted, countedSeq)
		}
	}
	if err := led.findPlaces(ctx, anew); err != nil {
		return err
	}
	switch {
	case f != nil && f.Number == led.number, led.number == 0:
		return nil
	case f == nil && high.Number <= counted && led.allFinished():
		return nil // all groups are finished and dropped, as expected
	}
	return led.resume(ctx, f)
}

// addLastGroup takes over the sums of a group that is newer than the checkpoint.
func (led *Ledger) addLastGroup(f *format.Frame, seq uint64) {
	if f == nil || f.Number <= led.number {
		return
	}
	counted, countedSeq := led.number, led.seq
	led.number, led.seq, led.head.Accepted = f.Number, seq, f.Before+f.Accepted
	for i := range f.Cursors {
		t := &f.Cursors[i]
		sum := t.Before
		sum.Add(t.Within)
		led.raiseSums(t.Name, sum, counted, countedSeq)
	}
}

// raiseSums sets a cursor's sums. One that neither has a position nor was forgotten began after the checkpoint, whose number and
// sequence are given.
func (led *Ledger) raiseSums(name string, sum format.Counts, number, seq uint64) {
	if slices.Contains(led.gone, name) {
		return
	}
	c := led.ledgers.cursor(name)
	if led.positionLocked(c.slot) == nil {
		pos := led.addPositionLocked(c)
		pos.base = format.Counts{}
		pos.w = window.Start(number, seq, 0, nil)
		pos.nextSeq = seq + 1
	}
	*led.head.At(c.slot) = sum
}

// lastGroup returns the writer's newest readable group and its sequence, nil when there is none.
func (led *Ledger) lastGroup(ctx context.Context) (f *format.Frame, seq uint64, err error) {
	subject := stream.LogSubject(led.writer)
	m, err := led.ledgers.store.Last(ctx, stream.Log, subject)
	if errors.Is(err, stream.ErrNone) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read the last group of %s: %w", led.writer, err)
	}
	if f, err = format.DecodeFrame(m.Data); err == nil {
		return f, m.Seq, nil
	}
	err = stored.Each(ctx, led.ledgers.store, stream.Log, subject, 1, func(m stream.Message) bool {
		if g, err := format.DecodeFrame(m.Data); err == nil {
			f, seq = g, m.Seq
		}
		return true
	})
	return f, seq, err
}

// findPlaces checks that the positions' sequences are still valid: after damage the stream may count from another start. A
// position whose floor is not where it was starts at the stream's beginning and passes over what it has finished. Without a
// checkpoint, what came before the stream's beginning was delivered; otherwise it would still be there.
func (led *Ledger) findPlaces(ctx context.Context, anew bool) error {
	info, err := led.ledgers.store.Info(ctx, stream.Log, "")
	if err != nil {
		return fmt.Errorf("ask for the log's state: %w", err)
	}
	var first *format.Frame
	err = stored.Each(ctx, led.ledgers.store, stream.Log, stream.LogSubject(led.writer), 1, func(m stream.Message) bool {
		f, err := format.DecodeFrame(m.Data)
		if err == nil {
			first = f
		}
		return err != nil
	})
	if err != nil {
		return fmt.Errorf("read the log's first group: %w", err)
	}
	known := map[uint64]uint64{} // group numbers by sequence
	for _, pos := range led.positions {
		if pos == nil {
			continue
		}
		w := &pos.w
		if anew && first != nil {
			pos.w = window.Start(first.Number-1, 0, first.Cursor(pos.cursor.name).Before.Due, nil)
		} else if w.FloorSeq >= info.First || w.FloorSeq > info.Last {
			if _, ok := known[w.FloorSeq]; !ok {
				known[w.FloorSeq] = led.numberAt(ctx, w.FloorSeq)
			}
			if known[w.FloorSeq] != w.Floor {
				pos.nextSeq = info.First
			}
		}
	}
	return nil
}

// numberAt returns the number of this writer's group with that sequence, 0 when there is none.
func (led *Ledger) numberAt(ctx context.Context, seq uint64) uint64 {
	m, err := led.ledgers.store.Get(ctx, stream.Log, seq)
	if err != nil || m.Subject != stream.LogSubject(led.writer) {
		return 0
	}
	f, err := format.DecodeFrame(m.Data)
	if err != nil {
		return 0
	}
	return f.Number
}

func (led *Ledger) allFinished() bool {
	for slot, pos := range led.positions {
		if pos != nil && pos.w.Pending(led.head.Slot(slot).Due) > 0 {
			return false
		}
	}
	return true
}

// resume reports what is missing at the log's end, and writes an empty group after it that carries the sums, so that every
// position finds out what it lost.
func (led *Ledger) resume(ctx context.Context, f *format.Frame) error {
	var number, accepted uint64
	if f != nil {
		number, accepted = f.Number, f.Before+f.Accepted
	}
	led.ledgers.Damaged("the end of the log is missing", led.number-number, format.Difference(led.head.Accepted, accepted))
	var w format.FrameBuilder
	seq, err := led.ledgers.store.Publish(ctx, stream.LogSubject(led.writer), w.Seal(led.number+1, led.ledgers.now(), led.ledgers.slotNames(), led.head), stream.Expectation{})
	if err != nil {
		return fmt.Errorf("mark the damage in the log: %w", err)
	}
	led.number, led.seq = led.number+1, seq
	return nil
}
