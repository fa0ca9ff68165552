package queue

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
	checkpointEvery = 50 * time.Millisecond
	checkpointTry   = 10 * time.Second
)

// do has the ledger carry out an op, and waits for it.
func (led *ledger) do(ctx context.Context, o *op) error {
	led.state.mu.Lock()
	if led.state.closing || led.closed {
		led.state.mu.Unlock()
		return ErrClosed
	}
	led.ops = append(led.ops, o)
	led.state.mu.Unlock()
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

// run writes the ledger's records as soon as it can, and its checkpoints a few times a second. It is the only goroutine that does.
func (led *ledger) run() {
	defer close(led.done)
	var soon <-chan time.Time
	for {
		select {
		case <-led.stop:
			led.state.mu.Lock()
			led.closed = true
			led.state.mu.Unlock()
			led.carryOutAll()
			led.tryCheckpoint()
			return
		case <-led.urgent:
			led.carryOutAll()
		case <-led.lazy:
			if soon == nil {
				soon = time.After(checkpointEvery)
			}
		case <-soon:
			soon = nil
			led.tryCheckpoint()
		}
	}
}

// carryOutAll carries out the ops that are waiting.
func (led *ledger) carryOutAll() {
	ctx, cancel := context.WithTimeout(led.state.working, checkpointTry)
	defer cancel()
	led.state.mu.Lock()
	ops := led.ops
	led.ops = nil
	led.state.mu.Unlock()
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
func (led *ledger) tryCheckpoint() {
	ctx, cancel := context.WithTimeout(led.state.working, checkpointTry)
	defer cancel()
	if err := led.checkpoint(ctx); err != nil {
		led.state.logger.Debug("checkpoint", "writer", led.writer, "error", err)
	}
}

// carryOut stores an op's records and then applies it. When a record cannot be stored, those stored before it never count: no
// checkpoint covers them before they are removed.
func (led *ledger) carryOut(ctx context.Context, o *op) error {
	if led.doubt {
		if err := led.dropUnmarked(ctx); err != nil {
			return err
		}
		led.doubt = false
	}
	for _, r := range o.records {
		seq, err := led.state.store.Publish(ctx, subjectOf(r.Kind, led.writer, o.position.cursor.name), r.Encode(), stream.Expectation{})
		if err != nil {
			led.doubt = true
			return fmt.Errorf("write what was not delivered: %w", err)
		}
		o.seqs = append(o.seqs, seq)
	}
	led.state.mu.Lock()
	defer led.state.mu.Unlock()
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
func (led *ledger) discardLocked(o *op) {
	for i, r := range o.records {
		if r.Kind == format.RetryRecord {
			led.retryDone = append(led.retryDone, o.seqs[i])
		} else {
			led.deadDone = append(led.deadDone, o.seqs[i])
		}
	}
}

// checkpoint makes the ledger as it is now durable, and then removes the records that are finished.
func (led *ledger) checkpoint(ctx context.Context) error {
	led.state.mu.Lock()
	if !led.dirty || led.lost {
		led.state.mu.Unlock()
		return nil
	}
	led.dirty = false
	c := led.snapshotLocked()
	if led == led.state.own {
		led.state.passRecentLocked()
	}
	led.state.mu.Unlock()

	err := led.writeCheckpoint(ctx, c)
	if err == nil {
		err = led.removeRecords(ctx, c.RetryDone, c.DeadDone)
	}
	led.state.mu.Lock()
	defer led.state.mu.Unlock()
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
func (led *ledger) writeCheckpoint(ctx context.Context, c *format.Checkpoint) error {
	data, err := c.Encode()
	if err != nil {
		return fmt.Errorf("encode the checkpoint: %w", err)
	}
	seq, err := led.state.store.Publish(ctx, stream.StateSubject(led.writer), data, stream.After(led.stateSeq))
	if errors.Is(err, stream.ErrConflict) {
		m, lastErr := led.state.store.Last(ctx, stream.Checkpoints, stream.StateSubject(led.writer))
		switch {
		case lastErr != nil && !errors.Is(lastErr, stream.ErrNone):
			err = lastErr
		case led.state.clustered && !bytes.Equal(m.Data, led.sent):
			// The lease is lost, too, which is noticed soon.
		default:
			led.stateSeq = m.Seq // the answer to an earlier attempt was lost
			seq, err = led.state.store.Publish(ctx, stream.StateSubject(led.writer), data, stream.After(led.stateSeq))
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
func (led *ledger) snapshotLocked() *format.Checkpoint {
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
func (s *state) passRecentLocked() {
	least := s.own.number
	for _, pos := range s.own.positions {
		if pos != nil {
			least = min(least, pos.w.Read)
		}
	}
	s.recent.Pass(least + 1)
}
