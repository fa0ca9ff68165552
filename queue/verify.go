package queue

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"headgate/queue/stream"
)

// Verified is what Verify found.
type Verified struct {
	Groups, Events       uint64 // in the log
	Retries, DeadLetters uint64 // events in records
	Bytes                uint64 // of the groups and records read
	Damage               []Damage
}

// Verify reads everything in a log's folder and checks it against its sums, its checkpoints and its high-water mark. No
// process may have the log open.
func Verify(ctx context.Context, o Options) (Verified, error) {
	l := newLog(o)
	defer l.abandon()
	if _, err := os.Stat(l.folder()); err != nil && !l.clustered() {
		return Verified{}, fmt.Errorf("there is no log in %s", o.Dir)
	}
	if err := l.openStore(ctx, true); err != nil {
		return Verified{}, err
	}
	writers, err := l.writers(ctx)
	if err != nil {
		return Verified{}, err
	}
	marked, err := filepath.Glob(filepath.Join(l.folder(), markPrefix+"*"))
	if err != nil {
		return Verified{}, err
	}
	for _, path := range marked {
		if w := stream.DecodeName(strings.TrimPrefix(filepath.Base(path), markPrefix)); !slices.Contains(writers, w) {
			writers = append(writers, w)
		}
	}
	var v Verified
	for _, w := range writers {
		if err := l.verifyWriter(ctx, w, &v); err != nil {
			return v, err
		}
	}
	v.Damage = append(v.Damage, l.damage...)
	return v, nil
}

func (v *Verified) damaged(groups, events uint64, format string, args ...any) {
	v.Damage = append(v.Damage, Damage{fmt.Sprintf(format, args...), groups, events})
}

func (l *Log) verifyWriter(ctx context.Context, writer string, v *Verified) error {
	b := newBook(l, writer)
	c, _, err := b.lastCheckpoint(ctx)
	if err != nil {
		return err
	}
	if c != nil {
		b.take(c)
	}
	last, err := l.verifyGroups(ctx, b, v)
	if err != nil {
		return err
	}
	m, high, err := openMark(l.folder(), writer)
	if err != nil {
		return err
	}
	m.close()
	end := sums{number: b.number, accepted: b.head.accepted}
	if high.number > end.number {
		end = high
	}
	dropped := last.number == 0 && c != nil && b.empty() && high.number <= b.number // all was finished, and its time was over
	if end.number > last.number && !dropped {
		v.damaged(end.number-last.number, less(end.accepted, last.accepted), "the end of the groups of %s", writer)
	}
	return l.verifyRecords(ctx, b, v)
}

// verifyGroups reads a writer's groups and returns the sums up to the last readable one.
func (l *Log) verifyGroups(ctx context.Context, b *book, v *Verified) (last sums, err error) {
	err = each(ctx, l.store, stream.Log, stream.LogSubject(b.writer), 1, func(m stream.Message) bool {
		v.Bytes += uint64(len(m.Data))
		f, err := decodeFrame(m.Data)
		if err != nil {
			v.damaged(1, 0, "message %d of %s, written %s: %v", m.Seq, b.writer, m.Time.Format(time.RFC3339), err)
			return true
		}
		if last.number == 0 {
			b.verifyBeginning(f, v)
		} else if f.number != last.number+1 || f.before != last.accepted {
			v.damaged(f.number-1-last.number, less(f.before, last.accepted), "groups of %s between %d and %d, before %s",
				b.writer, last.number, f.number, f.time.Format(time.RFC3339))
		}
		last.number, last.accepted = f.number, f.before+f.accepted
		v.Groups++
		v.Events += uint64(len(f.entries))
		return true
	})
	return last, err
}

// verifyBeginning checks that what is no longer there before the first group was finished.
func (b *book) verifyBeginning(first *frame, v *Verified) {
	for _, ln := range b.lanes {
		if ln == nil || ln.w.floor+1 >= first.number {
			continue
		}
		w := ln.w
		if lost := w.lose(first.number-1, first.cursor(ln.cursor.name).before.due); lost > 0 {
			v.damaged(first.number-1-ln.w.floor, lost, "groups of %s before %d, pending for %s", b.writer, first.number, ln.cursor.name)
		}
	}
}

// verifyRecords reads a writer's records and compares them with its accounts.
func (l *Log) verifyRecords(ctx context.Context, b *book, v *Verified) error {
	found := map[recordKind]uint64{}
	for _, kind := range recordKinds {
		err := each(ctx, l.store, kind.stream(), kind.subject(b.writer, stream.Any), 1, func(m stream.Message) bool {
			v.Bytes += uint64(len(m.Data))
			r, err := decodeRecord(m.Data)
			if err != nil {
				v.damaged(0, 0, "record %d of %s, written %s: %v", m.Seq, m.Subject, m.Time.Format(time.RFC3339), err)
				return true
			}
			found[r.kind] += uint64(len(r.items))
			return true
		})
		if err != nil {
			return err
		}
	}
	v.Retries += found[retryRecord]
	v.DeadLetters += found[deadRecord]
	var sum account
	for _, ln := range b.lanes {
		if ln != nil {
			sum.Retrying += ln.account.Retrying
			sum.Dead += ln.account.Dead
		}
	}
	if missing := less(sum.Retrying, found[retryRecord]); missing > 0 {
		v.damaged(0, missing, "events of %s that wait for another try", b.writer)
	}
	if missing := less(sum.Dead, found[deadRecord]); missing > 0 {
		v.damaged(0, missing, "dead letters of %s", b.writer)
	}
	return nil
}
