package queue

import (
	"context"
	"fmt"
	"os"
	"time"
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
	var err error
	if l.lock, err = lockFolder(l.folder()); err != nil {
		return Verified{}, err
	}
	if l.store, err = openStore(ctx, l.o); err != nil {
		return Verified{}, err
	}
	writers, err := l.writers(ctx)
	if err != nil {
		return Verified{}, err
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
	var last sums // up to the last readable group
	err := l.store.each(ctx, logStream, logSubject(writer), 1, func(m message) bool {
		v.Bytes += uint64(len(m.data))
		f, err := decodeFrame(m.data)
		if err != nil {
			v.damaged(1, 0, "message %d of %s, written %s: %v", m.seq, writer, m.time.Format(time.RFC3339), err)
			return true
		}
		if last.number > 0 && (f.number != last.number+1 || f.before != last.accepted) {
			v.damaged(f.number-1-last.number, less(f.before, last.accepted), "groups of %s between %d and %d, before %s",
				writer, last.number, f.number, f.time.Format(time.RFC3339))
		}
		last.number, last.accepted = f.number, f.before+f.accepted
		v.Groups++
		v.Events += uint64(len(f.entries))
		return true
	})
	if err != nil {
		return err
	}
	if err := l.verifyEnd(ctx, writer, last, v); err != nil {
		return err
	}
	for _, kind := range recordKinds {
		if err := l.verifyRecords(ctx, writer, kind, v); err != nil {
			return err
		}
	}
	return nil
}

// verifyEnd compares the log's end with what is known of it from elsewhere.
func (l *Log) verifyEnd(ctx context.Context, writer string, last sums, v *Verified) error {
	b := newBook(l, writer)
	c, _, err := b.lastCheckpoint(ctx)
	if err != nil {
		return err
	}
	var end sums
	if c != nil {
		b.take(c)
		if last.number > 0 || !b.empty() { // else all of it was finished and dropped
			end = sums{number: c.Number, accepted: c.Accepted}
		}
	}
	m, high, err := openMark(l.folder(), writer)
	if err != nil {
		return err
	}
	m.close()
	if high.number > end.number && last.number > 0 {
		end = high
	}
	if end.number > last.number {
		v.damaged(end.number-last.number, less(end.accepted, last.accepted), "the end of the groups of %s", writer)
	}
	return nil
}

func (l *Log) verifyRecords(ctx context.Context, writer string, kind recordKind, v *Verified) error {
	return l.store.each(ctx, kind.stream(), recordSubject(kind, writer, everyone), 1, func(m message) bool {
		v.Bytes += uint64(len(m.data))
		r, err := decodeRecord(m.data)
		switch {
		case err != nil:
			v.damaged(0, 0, "record %d of %s, written %s: %v", m.seq, m.subject, m.time.Format(time.RFC3339), err)
		case r.kind == retryRecord:
			v.Retries += uint64(len(r.items))
		case r.kind == deadRecord:
			v.DeadLetters += uint64(len(r.items))
		}
		return true
	})
}
