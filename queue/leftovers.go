package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/queue/stream"
)

// recordKinds are the kinds that have a subject of their own.
var recordKinds = [...]recordKind{retryRecord, deadRecord, filteredRecord}

// dropUncounted removes the records written since the checkpoint, whose groups are handed out again, and those that the
// checkpoint declared finished.
func (b *book) dropUncounted(ctx context.Context) error {
	if err := b.dropFinished(ctx); err != nil {
		return err
	}
	for _, kind := range recordKinds {
		if err := b.dropRecords(ctx, kind, *b.markOf(kind)+1, func(stream.Message) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

func (b *book) dropFinished(ctx context.Context) error {
	for _, seq := range b.retryDone {
		if err := b.log.store.Remove(ctx, stream.Retries, seq); err != nil {
			return fmt.Errorf("remove a finished record: %w", err)
		}
	}
	for _, seq := range b.deadDone {
		if err := b.log.store.Remove(ctx, stream.DeadLetters, seq); err != nil {
			return fmt.Errorf("remove a finished record: %w", err)
		}
	}
	b.retryDone, b.deadDone = nil, nil
	return nil
}

// dropRepeated stands in for dropUncounted when the last checkpoint is lost: of the records since an older one, only those
// go whose groups are handed out again for certain. The others count; better twice than never.
func (b *book) dropRepeated(ctx context.Context) error {
	if err := b.dropFinished(ctx); err != nil {
		return err
	}
	for _, kind := range recordKinds {
		mark := b.markOf(kind)
		err := b.dropRecords(ctx, kind, *mark+1, func(m stream.Message) bool {
			c := b.log.register(stream.LastName(m.Subject))
			r, err := decodeRecord(m.Data)
			if err != nil || b.lane(c.slot) == nil {
				return true
			}
			ln := b.lane(c.slot)
			for i := range r.items {
				if ln.w.finished(r.items[i].number) {
					ln.account.note(r.kind, uint64(len(r.items)))
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

// dropRecords removes the records of a kind from that sequence on for which which says true.
func (b *book) dropRecords(ctx context.Context, kind recordKind, from uint64, which func(stream.Message) bool) error {
	name, subject := kind.stream(), kind.subject(b.writer, stream.Any)
	for {
		m, err := b.log.store.Next(ctx, name, subject, from)
		if errors.Is(err, stream.ErrNone) {
			return nil
		}
		if err == nil && which(m) {
			err = b.log.store.Remove(ctx, name, m.Seq)
		}
		if err != nil {
			return fmt.Errorf("remove an uncounted record: %w", err)
		}
		from = m.Seq + 1
	}
}

// findRetries learns when each of the writer's retry records is due. What the checkpoint counted and is not found is lost.
func (b *book) findRetries(ctx context.Context) error {
	for range 20 {
		found := map[*lane]uint64{}
		for _, ln := range b.lanes {
			if ln != nil {
				ln.retries = nil
			}
		}
		err := each(ctx, b.log.store, stream.Retries, retryRecord.subject(b.writer, stream.Any), 1, func(m stream.Message) bool {
			c := b.log.register(stream.LastName(m.Subject))
			if b.lane(c.slot) == nil {
				b.retryDone = append(b.retryDone, m.Seq) // of a forgotten cursor
				return true
			}
			if r, err := decodeRecord(m.Data); err == nil {
				ln := b.lane(c.slot)
				ln.retries.push(retryRef{r.due, m.Seq, len(r.items)})
				found[ln] += uint64(len(r.items))
			}
			return true
		})
		if err != nil {
			return fmt.Errorf("read the retries: %w", err)
		}
		missing := uint64(0)
		for _, ln := range b.lanes {
			if ln != nil {
				missing += less(ln.account.Retrying, found[ln])
			}
		}
		if missing == 0 || b.log.o.Config.URL == "" {
			b.settleRetries(found)
			return nil
		}
		if err := wait(ctx, 100*time.Millisecond); err != nil { // a node of the cluster that is a little behind answered
			return err
		}
	}
	return nil
}

func (b *book) settleRetries(found map[*lane]uint64) {
	for _, ln := range b.lanes {
		if ln == nil {
			continue
		}
		if lost := less(ln.account.Retrying, found[ln]); lost > 0 {
			ln.account.Lost += lost
			b.log.damaged("retries of "+ln.cursor.name+" are missing", 0, lost)
		}
		ln.account.Retrying = found[ln]
	}
}
