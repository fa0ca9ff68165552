package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/queue/format"
	"headgate/queue/stream"
)

const (
	checkpointEvery = 50 * time.Millisecond // after something was settled
	growEvery       = time.Second           // after groups were appended or passed over
	checkpointTry   = 10 * time.Second
)

// do has the ledger carry out an op, and waits for it.
func (led *Ledger) do(ctx context.Context, o *op) error {
	led.ledgers.mu.Lock()
	if led.ledgers.closing || led.closed {
		led.ledgers.mu.Unlock()
		return stream.ErrClosed
	}
	led.ops = append(led.ops, o)
	led.ledgers.mu.Unlock()
	signal(led.urgent)
	return o.wait(ctx)
}

func (o *op) wait(ctx context.Context) error {
	select {
	case err := <-o.done:
		o.done <- err // for the next call
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run writes the ledger's records as soon as it can, and its checkpoints a while after what they are for. It is the only goroutine
// that does.
func (led *Ledger) run() {
	defer close(led.done)
	var soon, later <-chan time.Time
	for {
		select {
		case <-led.stop:
			led.ledgers.mu.Lock()
			led.closed = true
			led.ledgers.mu.Unlock()
			led.carryOutAll()
			led.tryCheckpoint()
			return
		case <-led.urgent:
			led.carryOutAll()
		case <-led.lazy:
			if soon == nil {
				soon = time.After(checkpointEvery)
			}
		case <-led.grew:
			if later == nil {
				later = time.After(growEvery)
			}
		case <-soon:
			soon = nil
			led.tryCheckpoint()
		case <-later:
			later = nil
			led.tryCheckpoint()
		}
	}
}

// carryOutAll carries out the ops that are waiting.
func (led *Ledger) carryOutAll() {
	ctx, cancel := context.WithTimeout(led.ledgers.working, checkpointTry)
	defer cancel()
	led.ledgers.mu.Lock()
	ops := led.ops
	led.ops = nil
	led.ledgers.mu.Unlock()
	var lasting []*op
	for _, o := range ops {
		err := led.carryOut(ctx, o)
		if err == nil && o.lasting {
			lasting = append(lasting, o)
		} else {
			o.done <- err
		}
	}
	if len(lasting) == 0 {
		return
	}
	err := led.checkpoint(ctx)
	for _, o := range lasting {
		o.done <- err
	}
}

// tryCheckpoint writes a checkpoint; when that fails, it is tried again later.
func (led *Ledger) tryCheckpoint() {
	ctx, cancel := context.WithTimeout(led.ledgers.working, checkpointTry)
	defer cancel()
	if err := led.checkpoint(ctx); err != nil {
		led.ledgers.logger.Debug("checkpoint", "writer", led.writer, "error", err)
	}
}

// carryOut stores an op's records and then applies it. When a record cannot be stored, those stored before it never count: no
// checkpoint covers them before they are removed.
func (led *Ledger) carryOut(ctx context.Context, o *op) error {
	if led.doubt {
		if err := led.dropUnmarked(ctx); err != nil {
			return err
		}
		led.doubt = false
	}
	for _, r := range o.records {
		seq, err := led.ledgers.store.Publish(ctx, subjectOf(r.Kind, led.writer, o.position.cursor.name), r.Encode(), stream.Expectation{})
		if err != nil {
			led.doubt = true
			return fmt.Errorf("write what was not delivered: %w", err)
		}
		o.seqs = append(o.seqs, seq)
	}
	led.ledgers.mu.Lock()
	defer led.ledgers.mu.Unlock()
	for i, r := range o.records {
		if mark := led.markOf(r.Kind); o.seqs[i] > *mark {
			*mark = o.seqs[i]
		}
	}
	switch {
	case o.position != nil && o.position.gone: // forgotten meanwhile, and with it these records
		led.discardLocked(o)
	case o.apply != nil:
		o.apply(o.seqs)
	}
	led.touchLocked()
	return nil
}

// discardLocked has an op's records removed.
func (led *Ledger) discardLocked(o *op) {
	for i, r := range o.records {
		if r.Kind == format.RetryRecord {
			led.retryDone = append(led.retryDone, o.seqs[i])
		} else {
			led.deadDone = append(led.deadDone, o.seqs[i])
		}
	}
}

// checkpoint makes the ledger as it is now durable, and then removes the records that are finished.
func (led *Ledger) checkpoint(ctx context.Context) error {
	led.ledgers.mu.Lock()
	if !led.dirty && !led.longer || led.lost {
		led.ledgers.mu.Unlock()
		return nil
	}
	led.dirty, led.longer = false, false
	c := led.snapshotLocked()
	if led == led.ledgers.own {
		led.ledgers.passRecentLocked()
	}
	led.ledgers.mu.Unlock()

	err := led.writeCheckpoint(ctx, c)
	if err == nil {
		err = led.removeRecords(ctx, c.RetryDone, c.DeadDone)
	}
	led.ledgers.mu.Lock()
	defer led.ledgers.mu.Unlock()
	if err != nil {
		led.touchLocked()
		return err
	}
	led.retryDone, led.deadDone = led.retryDone[len(c.RetryDone):], led.deadDone[len(c.DeadDone):]
	led.saved, led.finished = c.Seq, c.Finished()
	copy(led.states[1:], led.states[:])
	led.states[0] = led.stateSeq
	return nil
}

// writeCheckpoint stores a checkpoint, which must follow the last one: a process that has lost the ledger without noticing cannot
// undo what its new keeper did.
func (led *Ledger) writeCheckpoint(ctx context.Context, c *format.Checkpoint) error {
	data, err := c.Encode()
	if err != nil {
		return fmt.Errorf("encode the checkpoint: %w", err)
	}
	seq, err := led.ledgers.store.Publish(ctx, stream.StateSubject(led.writer), data, stream.After(led.stateSeq))
	if errors.Is(err, stream.ErrConflict) {
		m, lastErr := led.ledgers.store.Last(ctx, stream.Checkpoints, stream.StateSubject(led.writer))
		switch {
		case lastErr != nil && !errors.Is(lastErr, stream.ErrNone):
			err = lastErr
		case led.ledgers.clustered && !bytes.Equal(m.Data, led.sent):
			// The lease is lost, too, which is noticed soon.
		default:
			led.stateSeq = m.Seq // the answer to an earlier attempt was lost
			seq, err = led.ledgers.store.Publish(ctx, stream.StateSubject(led.writer), data, stream.After(led.stateSeq))
		}
	}
	led.sent = data
	if err != nil {
		return fmt.Errorf("write the checkpoint: %w", err)
	}
	led.stateSeq = seq
	return nil
}

// snapshotLocked is the ledger as a checkpoint.
func (led *Ledger) snapshotLocked() *format.Checkpoint {
	c := &format.Checkpoint{Writer: led.writer, Number: led.number, Seq: led.seq, Accepted: led.head.Accepted, Gone: led.gone,
		RetryMark: led.retryMark, DeadMark: led.deadMark,
		RetryDone: append([]uint64(nil), led.retryDone...), DeadDone: append([]uint64(nil), led.deadDone...)}
	for slot, pos := range led.positions {
		if pos == nil {
			continue
		}
		s := format.CursorState{Name: pos.cursor.name, Head: led.head.Slot(slot).Array(), Base: pos.base.Array(),
			Floor: pos.w.Floor, FloorSeq: pos.w.FloorSeq, FloorDue: pos.w.FloorDue, Account: pos.account}
		for _, a := range pos.w.Ahead() {
			s.Ahead = append(s.Ahead, [4]uint64{a.From, a.To, a.Seq, a.Due})
		}
		c.Cursors = append(c.Cursors, s)
	}
	return c
}

// passRecentLocked drops the groups in memory that every cursor has read.
func (s *Ledgers) passRecentLocked() {
	least := s.own.number
	for _, pos := range s.own.positions {
		if pos != nil {
			least = min(least, pos.w.Read)
		}
	}
	s.recent.Pass(least + 1)
}

// Checkpoint writes the checkpoints of all ledgers, and returns the sequence below which there are only old ones.
func (s *Ledgers) Checkpoint(ctx context.Context) (below uint64, err error) {
	s.mu.Lock()
	ledgers := s.kept
	for _, led := range ledgers {
		led.touchLocked() // so that none is among the old ones
	}
	s.mu.Unlock()
	for _, led := range ledgers {
		if err := led.do(ctx, &op{lasting: true, done: make(chan error, 1)}); err != nil {
			return 0, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	below = s.own.states[len(s.own.states)-1]
	for _, led := range ledgers {
		below = min(below, led.states[0])
	}
	return below, nil
}

// FinishedBelow is the sequence before which every cursor of every writer has finished everything, as of the checkpoints.
// The last group of this writer always stays: it carries the sums.
func (s *Ledgers) FinishedBelow(ctx context.Context) (uint64, error) {
	others, err := s.otherLedgers(ctx)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	below := s.own.saved
	for _, led := range s.kept {
		below = min(below, led.finished)
	}
	for _, led := range others {
		below = min(below, led.snapshotLocked().Finished())
	}
	return below, nil
}
