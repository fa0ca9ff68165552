package queue

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"headgate/queue/format"
	"headgate/queue/recent"
	"headgate/queue/stream"
)

// write makes one group durable.
func (a *appender) write(b *batch) error {
	b.time, b.names = a.ledgers.Begin()
	defer a.ledgers.End()
	a.seal(b)
	seq, err := a.send(b.frame, false)
	if err == nil {
		a.stored(b, seq)
		return nil
	}
	return a.insist(b, err)
}

// seal makes the frame. Sealed again, it is the same unless an earlier group has turned out to be stored.
func (a *appender) seal(b *batch) {
	b.frame = a.ledgers.Seal(b.w, b.time, b.names)
}

// insist retries after a first attempt has failed.
func (a *appender) insist(b *batch, err error) error {
	ctx, cancel := context.WithTimeout(a.working, writeTimeout)
	defer cancel()
	sent, madeRoom := false, false
	for {
		switch {
		case errors.Is(err, stream.ErrConflict):
			if err = a.reconcile(ctx, b); errors.Is(err, errStored) {
				return nil
			}
		case errors.Is(err, ErrTooLarge), errors.Is(err, ErrClosed):
			return err
		case errors.Is(err, ErrFull):
			if madeRoom || !a.makeRoom(ctx) {
				return a.fail(b, sent, err)
			}
			madeRoom, err = true, nil
		case errors.Is(err, stream.ErrDown):
			return a.fail(b, true, fmt.Errorf("%w: %w", ErrFull, err))
		default:
			sent = true
		}
		if err != nil && stream.Pause(ctx) != nil {
			return a.fail(b, sent, fmt.Errorf("write a group: %w", err))
		}
		a.seal(b)
		var seq uint64
		if seq, err = a.send(b.frame, true); err == nil {
			a.stored(b, seq)
			return nil
		}
	}
}

const mostUnconfirmed = 64 // groups that failed in one outage and may still turn out to be stored; each took writeTimeout

// fail gives up on a group. If it was sent, it may be stored anyway.
func (a *appender) fail(b *batch, sent bool, err error) error {
	if sent {
		b.within, b.hash = b.w.Within.Clone(), sha256.Sum256(b.frame)
		a.unconfirmed = append(a.unconfirmed, b)
		a.unconfirmed = a.unconfirmed[max(0, len(a.unconfirmed)-mostUnconfirmed):]
	}
	return a.ledgers.Refuse(err)
}

// send makes one attempt; again says that it is not the first.
func (a *appender) send(frame []byte, again bool) (uint64, error) {
	ctx := a.working
	var expect stream.Expectation
	switch {
	case a.clustered:
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, tryTimeout)
		defer cancel()
		expect = stream.After(a.lastSeq)
	case again || len(a.unconfirmed) > 0: // otherwise nothing of this writer, the only one, can be under way
		expect = stream.AfterAll(a.lastSeq)
	}
	writer, _ := a.ledgers.Own()
	return a.store.Publish(ctx, stream.LogSubject(writer), frame, expect)
}

var (
	errStored = errors.New("it had been stored")
	errTaken  = errors.New("another process writes to the log under this instance's name")
)

// reconcile finds out why the subject's last message is not the one expected: an earlier attempt may have come through
// although its answer was lost. It returns errStored when that was b, and nil when b is to be tried again.
func (a *appender) reconcile(ctx context.Context, b *batch) error {
	m, seq, err := a.end(ctx)
	if err != nil {
		return err
	}
	if bytes.Equal(m.Data, b.frame) {
		a.stored(b, m.Seq)
		return errStored
	}
	hash := sha256.Sum256(m.Data)
	for _, u := range a.unconfirmed {
		if u.hash == hash {
			a.lastSeq, a.unconfirmed = seq, nil
			a.announce(u, u.within, m.Seq)
			a.ledgers.Wake(u.within)
			return nil
		}
	}
	_, number := a.ledgers.Own()
	if f, err := format.DecodeFrame(m.Data); err == nil && f.Number > number {
		return errTaken
	}
	a.lastSeq = seq
	return nil
}

// end returns the last message of this process's ledger in the log, empty when there is none, and the sequence that the next one
// must follow.
func (a *appender) end(ctx context.Context) (stream.Message, uint64, error) {
	writer, _ := a.ledgers.Own()
	m, err := a.store.Last(ctx, stream.Log, stream.LogSubject(writer))
	if err != nil && !errors.Is(err, stream.ErrNone) {
		return m, 0, fmt.Errorf("read the log's end: %w", err)
	}
	if a.clustered {
		return m, m.Seq, nil
	}
	info, err := a.store.Info(ctx, stream.Log, "")
	if err != nil {
		return m, 0, fmt.Errorf("read the log's end: %w", err)
	}
	return m, info.Last, nil
}

// stored notes that a group is durable. Groups that were sent after the same one before can no longer be stored.
func (a *appender) stored(b *batch, seq uint64) {
	a.lastSeq, a.unconfirmed = seq, nil
	a.announce(b, b.w.Within, seq)
}

// announce adds a durable group to the ledger, where the cursors find it.
func (a *appender) announce(b *batch, within format.Tally, seq uint64) {
	a.ledgers.Accept(&recent.Group{Seq: seq, Time: b.time, Held: b.held, Within: within.Clone(), Entries: b.entries})
	a.ledgers.Mark(a.mark)
}
