package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"headgate/queue/format"
	"headgate/queue/stored"
	"headgate/queue/stream"
)

// Records that no checkpoint counts must go: their events are in a group that is delivered again. This is done when a ledger is
// opened, and after a failed write.

// dropUncounted removes the records written since the checkpoint, whose groups are delivered again, and those that the
// checkpoint declared finished.
func (led *Ledger) dropUncounted(ctx context.Context) error {
	if err := led.dropFinished(ctx); err != nil {
		return err
	}
	return led.dropUnmarked(ctx)
}

// dropUnmarked removes the records beyond the marks, which no checkpoint counts.
func (led *Ledger) dropUnmarked(ctx context.Context) error {
	for _, kind := range format.RecordKinds {
		if err := led.dropRecords(ctx, kind, *led.markOf(kind)+1, func(stream.Message) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

func (led *Ledger) dropFinished(ctx context.Context) error {
	if err := led.removeRecords(ctx, led.retryDone, led.deadDone); err != nil {
		return err
	}
	led.retryDone, led.deadDone = nil, nil
	return nil
}

// dropRepeated stands in for dropUncounted when the last checkpoint is lost: of the records since an older one, only those
// go whose groups are certain to be delivered again. The others count: better twice than never.
func (led *Ledger) dropRepeated(ctx context.Context) error {
	if err := led.dropFinished(ctx); err != nil {
		return err
	}
	for _, kind := range format.RecordKinds {
		mark := led.markOf(kind)
		err := led.dropRecords(ctx, kind, *mark+1, func(m stream.Message) bool {
			c := led.ledgers.cursor(stream.LastName(m.Subject))
			r, err := format.DecodeRecord(m.Data)
			if err != nil || led.positionLocked(c.slot) == nil {
				return true
			}
			pos := led.positionLocked(c.slot)
			for i := range r.Items {
				if pos.w.Finished(r.Items[i].Number) {
					pos.account.Add(r.Kind, uint64(len(r.Items)))
					*mark = max(*mark, m.Seq)
					return false
				}
			}
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// dropRecords removes the records of a kind from that sequence on for which which returns true.
func (led *Ledger) dropRecords(ctx context.Context, kind format.RecordKind, from uint64, which func(stream.Message) bool) error {
	name, subject := streamOf(kind), subjectOf(kind, led.writer, stream.Any)
	for {
		m, err := led.ledgers.store.Next(ctx, name, subject, from)
		if errors.Is(err, stream.ErrNone) {
			return nil
		}
		if err == nil && which(m) {
			err = led.ledgers.store.Remove(ctx, name, m.Seq)
		}
		if err != nil {
			return fmt.Errorf("remove an uncounted record: %w", err)
		}
		from = m.Seq + 1
	}
}

// findRetries learns when each of the writer's retry records is due. What the checkpoint counted and is not there is lost.
func (led *Ledger) findRetries(ctx context.Context) error {
	for range 20 {
		found := map[*position]uint64{}
		for _, pos := range led.positions {
			if pos != nil {
				pos.retries = nil
			}
		}
		err := stored.Each(ctx, led.ledgers.store, stream.Retries, subjectOf(format.RetryRecord, led.writer, stream.Any), 1, func(m stream.Message) bool {
			c := led.ledgers.cursor(stream.LastName(m.Subject))
			if led.positionLocked(c.slot) == nil {
				led.retryDone = append(led.retryDone, m.Seq) // of a forgotten cursor
				return true
			}
			if r, err := format.DecodeRecord(m.Data); err == nil {
				pos := led.positionLocked(c.slot)
				pos.retries.Add(retryRef{r.Due, m.Seq, len(r.Items)})
				found[pos] += uint64(len(r.Items))
			}
			return true
		})
		if err != nil {
			return fmt.Errorf("read the retries: %w", err)
		}
		missing := uint64(0)
		for _, pos := range led.positions {
			if pos != nil {
				missing += format.Difference(pos.account.Retrying, found[pos])
			}
		}
		if missing == 0 || !led.ledgers.clustered {
			led.countRetries(found)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond): // perhaps a node of the cluster answered that lags
		}
	}
	return nil
}

func (led *Ledger) countRetries(found map[*position]uint64) {
	for _, pos := range led.positions {
		if pos == nil {
			continue
		}
		if lost := format.Difference(pos.account.Retrying, found[pos]); lost > 0 {
			pos.account.Lost += lost
			led.ledgers.Damaged("retries of "+pos.cursor.name+" are missing", 0, lost)
		}
		pos.account.Retrying = found[pos]
	}
}

func (led *Ledger) removeRecords(ctx context.Context, retries, deadLetters []uint64) error {
	for _, done := range [...]struct {
		stream string
		seqs   []uint64
	}{{stream.Retries, retries}, {stream.DeadLetters, deadLetters}} {
		if len(done.seqs) == 0 {
			continue
		}
		if err := led.ledgers.store.Remove(ctx, done.stream, done.seqs...); err != nil {
			return fmt.Errorf("remove a finished record: %w", err)
		}
	}
	return nil
}

// markOf is the highest sequence of records of that kind that count.
func (led *Ledger) markOf(kind format.RecordKind) *uint64 {
	if kind == format.RetryRecord {
		return &led.retryMark
	}
	return &led.deadMark
}

// streamOf returns the stream of the records of a kind.
func streamOf(kind format.RecordKind) string {
	if kind == format.RetryRecord {
		return stream.Retries
	}
	return stream.DeadLetters
}

// subjectOf returns where a writer's records of a kind for a cursor are.
func subjectOf(kind format.RecordKind, writer, cursor string) string {
	switch kind {
	case format.RetryRecord:
		return stream.RetrySubject(writer, cursor)
	case format.DeadLetterRecord:
		return stream.DeadSubject(writer, cursor)
	}
	return stream.GoneSubject(writer, cursor)
}

// Forget drops a cursor for good: what is pending for it is no longer delivered, its dead letters go, and it no longer keeps groups
// from being dropped. When it returns nil, that is durable; after an error it may have happened, and can be repeated. It concerns the
// ledgers that this process keeps.
func (s *Ledgers) Forget(ctx context.Context, name string) error {
	s.mu.Lock()
	c := s.cursors[name]
	var positions []*position
	if c != nil {
		positions = slices.Clone(c.positions)
	}
	s.mu.Unlock()
	for _, pos := range positions {
		o := &op{lasting: true, done: make(chan error, 1), apply: func([]uint64) { pos.forgetLocked() }}
		if err := pos.ledger.do(ctx, o); err != nil {
			return fmt.Errorf("forget %s: %w", name, err)
		}
		if err := pos.ledger.purgeRecords(ctx, name); err != nil {
			return fmt.Errorf("forget %s: %w", name, err)
		}
	}
	return nil
}

// forgetLocked takes a position from its ledger and its cursor. Settling its groups changes nothing from now on.
func (pos *position) forgetLocked() {
	if pos.gone {
		return
	}
	pos.gone = true
	c, led := pos.cursor, pos.ledger
	led.positions[c.slot] = nil
	led.gone = append(slices.Clone(led.gone), c.name)
	c.positions = slices.DeleteFunc(slices.Clone(c.positions), func(x *position) bool { return x == pos })
}

// purgeForgotten removes what an interrupted Forget has left of the forgotten cursors.
func (led *Ledger) purgeForgotten(ctx context.Context) error {
	for _, name := range led.gone {
		if err := led.purgeRecords(ctx, name); err != nil {
			return fmt.Errorf("remove what is left of %s: %w", name, err)
		}
	}
	return nil
}

func (led *Ledger) purgeRecords(ctx context.Context, cursor string) error {
	var errs []error
	for _, kind := range format.RecordKinds {
		errs = append(errs, led.ledgers.store.Purge(ctx, streamOf(kind), subjectOf(kind, led.writer, cursor), 0))
	}
	return errors.Join(errs...)
}
