package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/queue/stream"
)

// op is a change to a book that writes records: settling a group with leftovers, a replay, an operator's dealing with
// dead letters. It happens as a whole or not at all.
type op struct {
	lane    *lane // may be nil when there are no records
	records []*record
	seqs    []uint64
	apply   func(seqs []uint64) // under the log's mutex, once all records are stored
	lasting bool                // it is done only when a checkpoint has it; else it may be undone by a crash, and done again
	done    chan error
}

const (
	checkpointEvery = 50 * time.Millisecond
	checkpointTry   = 10 * time.Second
)

// do has the ledger carry out an op, and waits for it.
func (b *book) do(ctx context.Context, o *op) error {
	b.log.mu.Lock()
	if b.log.closing || b.closed {
		b.log.mu.Unlock()
		return ErrClosed
	}
	b.ops = append(b.ops, o)
	b.log.mu.Unlock()
	signal(b.urgent)
	return o.wait(ctx)
}

func (o *op) wait(ctx context.Context) error {
	select {
	case err := <-o.done:
		o.done <- err // for whoever asks again
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// keep is the ledger: the one goroutine that writes this book's records, as soon as it can, and its checkpoints, a few in a
// second.
func (b *book) keep() {
	defer close(b.done)
	var soon <-chan time.Time
	for {
		select {
		case <-b.stop:
			b.log.mu.Lock()
			b.closed = true
			b.log.mu.Unlock()
			b.carryOutAll()
			b.tryCheckpoint()
			return
		case <-b.urgent:
			b.carryOutAll()
		case <-b.lazy:
			if soon == nil {
				soon = time.After(checkpointEvery)
			}
		case <-soon:
			soon = nil
			b.tryCheckpoint()
		}
	}
}

// carryOutAll carries out the ops that wait.
func (b *book) carryOutAll() {
	ctx, cancel := context.WithTimeout(b.log.working, checkpointTry)
	defer cancel()
	b.log.mu.Lock()
	ops := b.ops
	b.ops = nil
	b.log.mu.Unlock()
	var lasting []*op
	for _, o := range ops {
		err := b.carryOut(ctx, o)
		if err == nil && o.lasting {
			lasting = append(lasting, o)
		} else {
			o.done <- err
		}
	}
	if len(lasting) == 0 {
		return
	}
	err := b.checkpoint(ctx)
	for _, o := range lasting {
		o.done <- err
	}
}

// tryCheckpoint makes a checkpoint, now or in a moment.
func (b *book) tryCheckpoint() {
	ctx, cancel := context.WithTimeout(b.log.working, checkpointTry)
	defer cancel()
	if err := b.checkpoint(ctx); err != nil {
		b.log.logger.Debug("checkpoint", "writer", b.writer, "error", err)
	}
}

// carryOut stores an op's records and then makes the change. Records that were stored in vain, because a later one could
// not be, never count: no checkpoint covers them before they are removed.
func (b *book) carryOut(ctx context.Context, o *op) error {
	if b.doubt {
		if err := b.forgetDoubtful(ctx); err != nil {
			return err
		}
	}
	for _, r := range o.records {
		seq, err := b.log.store.Publish(ctx, r.kind.subject(b.writer, o.lane.cursor.name), r.encode(), stream.Expectation{})
		if err != nil {
			b.doubt = true
			return fmt.Errorf("write what was not delivered: %w", err)
		}
		o.seqs = append(o.seqs, seq)
	}
	b.log.mu.Lock()
	defer b.log.mu.Unlock()
	for i, r := range o.records {
		if mark := b.markOf(r.kind); o.seqs[i] > *mark {
			*mark = o.seqs[i]
		}
	}
	switch {
	case o.lane != nil && o.lane.gone: // forgotten meanwhile, and with it these records
		b.discard(o)
	case o.apply != nil:
		o.apply(o.seqs)
	}
	b.touch()
	return nil
}

// discard has an op's records removed. The caller holds the log's mutex.
func (b *book) discard(o *op) {
	for i, r := range o.records {
		if r.kind == retryRecord {
			b.retryDone = append(b.retryDone, o.seqs[i])
		} else {
			b.deadDone = append(b.deadDone, o.seqs[i])
		}
	}
}

func (b *book) markOf(kind recordKind) *uint64 {
	if kind == retryRecord {
		return &b.retryMark
	}
	return &b.deadMark
}

// forgetDoubtful removes records beyond the marks, of which an earlier failure may have left some.
func (b *book) forgetDoubtful(ctx context.Context) error {
	for _, kind := range recordKinds {
		if err := b.dropRecords(ctx, kind, *b.markOf(kind)+1, func(stream.Message) bool { return true }); err != nil {
			return err
		}
	}
	b.doubt = false
	return nil
}

// checkpoint makes the book as it is now durable, and then removes the records that it declares finished.
func (b *book) checkpoint(ctx context.Context) error {
	b.log.mu.Lock()
	if !b.dirty || b.lost {
		b.log.mu.Unlock()
		return nil
	}
	b.dirty = false
	c := b.snapshot()
	if b == b.log.own {
		b.log.passRecent()
	}
	b.log.mu.Unlock()

	err := b.writeCheckpoint(ctx, c)
	if err == nil {
		err = b.removeFinished(ctx, c)
	}
	b.log.mu.Lock()
	defer b.log.mu.Unlock()
	if err != nil {
		b.touch()
		return err
	}
	b.retryDone, b.deadDone = b.retryDone[len(c.RetryDone):], b.deadDone[len(c.DeadDone):]
	b.saved, b.finished = c.Seq, c.finished()
	copy(b.states[1:], b.states[:])
	b.states[0] = b.stateSeq
	return nil
}

func (b *book) removeFinished(ctx context.Context, c *checkpoint) error {
	for _, done := range [...]struct {
		stream string
		seqs   []uint64
	}{{stream.Retries, c.RetryDone}, {stream.DeadLetters, c.DeadDone}} {
		for _, seq := range done.seqs {
			if err := b.log.store.Remove(ctx, done.stream, seq); err != nil {
				return fmt.Errorf("remove a finished record: %w", err)
			}
		}
	}
	return nil
}

// writeCheckpoint stores a checkpoint after the last one. That it must follow it keeps a process which has lost the book
// without noticing from undoing what its new keeper did.
func (b *book) writeCheckpoint(ctx context.Context, c *checkpoint) error {
	data, err := c.encode()
	if err != nil {
		return fmt.Errorf("encode the checkpoint: %w", err)
	}
	seq, err := b.log.store.Publish(ctx, stream.StateSubject(b.writer), data, stream.After(b.stateSeq))
	if errors.Is(err, stream.ErrConflict) {
		m, lastErr := b.log.store.Last(ctx, stream.Checkpoints, stream.StateSubject(b.writer))
		switch {
		case lastErr != nil && !errors.Is(lastErr, stream.ErrNone):
			err = lastErr
		case b.log.clustered() && !bytes.Equal(m.Data, b.sent):
			// The lease will be found lost, too.
		default:
			b.stateSeq = m.Seq // the answer to an earlier attempt was lost
			seq, err = b.log.store.Publish(ctx, stream.StateSubject(b.writer), data, stream.After(b.stateSeq))
		}
	}
	b.sent = data
	if err != nil {
		return fmt.Errorf("write the checkpoint: %w", err)
	}
	b.stateSeq = seq
	return nil
}

// snapshot is the book as a checkpoint. The caller holds the log's mutex.
func (b *book) snapshot() *checkpoint {
	c := &checkpoint{Writer: b.writer, Number: b.number, Seq: b.seq, Accepted: b.head.accepted, Gone: b.gone,
		RetryMark: b.retryMark, DeadMark: b.deadMark,
		RetryDone: append([]uint64(nil), b.retryDone...), DeadDone: append([]uint64(nil), b.deadDone...)}
	for slot, ln := range b.lanes {
		if ln == nil {
			continue
		}
		s := laneState{Name: ln.cursor.name, Head: b.head.slot(slot).array(), Base: ln.base.array(),
			Floor: ln.w.floor, FloorSeq: ln.w.floorSeq, FloorDue: ln.w.floorDue, Account: ln.account}
		for _, a := range ln.w.ahead() {
			s.Ahead = append(s.Ahead, [4]uint64{a.from, a.to, a.seq, a.due})
		}
		c.Cursors = append(c.Cursors, s)
	}
	return c
}
