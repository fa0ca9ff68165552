package ledger

import (
	"context"
	"fmt"
	"time"

	"headgate/queue/format"
	"headgate/queue/stored"
	"headgate/queue/stream"
)

// Verified are what Verify found.
type Verified struct {
	Groups, Events       uint64 // in the log
	Retries, DeadLetters uint64 // events in records
	Bytes                uint64 // of the groups and records read
	Damage               []Damage
}

func (v *Verified) damaged(groups, events uint64, format string, args ...any) {
	v.Damage = append(v.Damage, Damage{fmt.Sprintf(format, args...), groups, events})
}

// Verify reads what is stored of a writer and checks it against its sums, its checkpoint and its high-water mark. What it finds is added
// to v.
func (s *Ledgers) Verify(ctx context.Context, writer string, high format.Sums, v *Verified) error {
	led := newLedger(s, writer)
	c, _, err := led.lastCheckpoint(ctx)
	if err != nil {
		return err
	}
	if c != nil {
		led.load(c)
	}
	last, err := led.verifyGroups(ctx, v)
	if err != nil {
		return err
	}
	end := format.Sums{Number: led.number, Accepted: led.head.Accepted}
	if high.Number > end.Number {
		end = high
	}
	dropped := last.Number == 0 && c != nil && led.emptyLocked() && high.Number <= led.number // everything was finished, and older than queue.keep
	if end.Number > last.Number && !dropped {
		v.damaged(end.Number-last.Number, format.Difference(end.Accepted, last.Accepted), "the end of the groups of %s", writer)
	}
	return led.verifyRecords(ctx, v)
}

// verifyGroups reads a writer's groups and returns the sums up to the last readable one.
func (led *Ledger) verifyGroups(ctx context.Context, v *Verified) (last format.Sums, err error) {
	err = stored.Each(ctx, led.ledgers.store, stream.Log, stream.LogSubject(led.writer), 1, func(m stream.Message) bool {
		v.Bytes += uint64(len(m.Data))
		f, err := format.DecodeFrame(m.Data)
		if err != nil {
			v.damaged(1, 0, "message %d of %s, written %s: %v", m.Seq, led.writer, m.Time.Format(time.RFC3339), err)
			return true
		}
		if last.Number == 0 {
			led.verifyBeginning(f, v)
		} else if f.Number != last.Number+1 || f.Before != last.Accepted {
			v.damaged(f.Number-1-last.Number, format.Difference(f.Before, last.Accepted), "groups of %s between %d and %d, before %s",
				led.writer, last.Number, f.Number, f.Time.Format(time.RFC3339))
		}
		last.Number, last.Accepted = f.Number, f.Before+f.Accepted
		v.Groups++
		v.Events += uint64(len(f.Entries))
		return true
	})
	return last, err
}

// verifyBeginning checks that what is no longer there before the first group was finished.
func (led *Ledger) verifyBeginning(first *format.Frame, v *Verified) {
	for _, pos := range led.positions {
		if pos == nil || pos.w.Floor+1 >= first.Number {
			continue
		}
		w := pos.w
		if lost := w.Lose(first.Number-1, first.Cursor(pos.cursor.name).Before.Due); lost > 0 {
			v.damaged(first.Number-1-pos.w.Floor, lost, "groups of %s before %d, pending for %s", led.writer, first.Number, pos.cursor.name)
		}
	}
}

// verifyRecords reads a writer's records and compares them with its accounts.
func (led *Ledger) verifyRecords(ctx context.Context, v *Verified) error {
	found := map[format.RecordKind]uint64{}
	for _, kind := range format.RecordKinds {
		err := stored.Each(ctx, led.ledgers.store, streamOf(kind), subjectOf(kind, led.writer, stream.Any), 1, func(m stream.Message) bool {
			v.Bytes += uint64(len(m.Data))
			r, err := format.DecodeRecord(m.Data)
			if err != nil {
				v.damaged(0, 0, "record %d of %s, written %s: %v", m.Seq, m.Subject, m.Time.Format(time.RFC3339), err)
				return true
			}
			found[r.Kind] += uint64(len(r.Items))
			return true
		})
		if err != nil {
			return err
		}
	}
	v.Retries += found[format.RetryRecord]
	v.DeadLetters += found[format.DeadLetterRecord]
	var sum format.Account
	for _, pos := range led.positions {
		if pos != nil {
			sum.Retrying += pos.account.Retrying
			sum.Dead += pos.account.Dead
		}
	}
	if missing := format.Difference(sum.Retrying, found[format.RetryRecord]); missing > 0 {
		v.damaged(0, missing, "events of %s that wait for another try", led.writer)
	}
	if missing := format.Difference(sum.Dead, found[format.DeadLetterRecord]); missing > 0 {
		v.damaged(0, missing, "dead letters of %s", led.writer)
	}
	return nil
}
