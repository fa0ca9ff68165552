package queue

import (
	"context"
	"fmt"
	"time"

	"headgate/queue/stream"
)

// Fate is what becomes of an item that was not delivered.
type Fate uint8

// The fates.
const (
	Retry     Fate = iota // again, not before After from now
	Reject                // a dead letter: they will never take it
	Filter                // left out at the last moment by the destination's own choice
	Deny                  // consent was withdrawn meanwhile
	Duplicate             // the cursor has had the same event; it counts as filtered
)

// Left is an item that was not delivered.
type Left struct {
	Item  int // its place in Group.Items
	Fate  Fate
	After time.Duration // of Retry; items with the same are stored together
	Why   string        // of Retry and Reject: the vendor's words, shown to people
}

const longestWhy = 1 << 10

// Settle finishes the group: what left does not name was delivered. With something left, it returns when that is stored;
// if it fails the group is still the holder's, to settle again. Without, it never fails. After a crash, groups that were
// settled in the last twentieth of a second or so before it are handed out again as a whole.
func (g *Group) Settle(ctx context.Context, left ...Left) error {
	b := g.lane.book
	b.log.mu.Lock()
	if g.settled || g.lane.gone {
		b.log.mu.Unlock()
		return nil
	}
	if len(left) == 0 {
		g.finish()
		b.log.mu.Unlock()
		return nil
	}
	o := g.settling
	b.log.mu.Unlock()
	if o == nil {
		var err error
		if o, err = g.prepare(ctx, left); err != nil {
			return err
		}
		g.settling = o
		err = b.do(ctx, o)
		return g.after(ctx, err)
	}
	return g.after(ctx, o.wait(ctx)) // an earlier call was cut short
}

// after forgets an attempt to settle that has failed, so that there can be another; one that merely was not waited for goes on.
func (g *Group) after(ctx context.Context, err error) error {
	if err != nil && ctx.Err() == nil {
		g.settling = nil
	}
	return err
}

// finish takes the group off its lane. The caller holds the log's mutex.
func (g *Group) finish() {
	ln := g.lane
	if g.retry != nil {
		ln.account.Retrying -= uint64(g.retry.items)
		ln.book.retryDone = append(ln.book.retryDone, g.retry.seq)
	} else {
		ln.w.finish(g.number)
	}
	g.settled = true
	ln.book.touch()
}

// prepare makes the records of what is left.
func (g *Group) prepare(ctx context.Context, left []Left) (*op, error) {
	now := g.lane.book.log.now()
	var records []*record
	find := func(kind recordKind, due time.Time) *record {
		for _, r := range records {
			if r.kind == kind && r.due.Equal(due) {
				return r
			}
		}
		r := &record{kind: kind, when: now, due: due}
		records = append(records, r)
		return r
	}
	named := make([]bool, len(g.Items))
	for _, x := range left {
		if named[x.Item] {
			panic("BUG: one item of a group has two fates")
		}
		named[x.Item] = true
		it, err := g.leftItem(ctx, x, now)
		if err != nil {
			return nil, err
		}
		var r *record
		switch x.Fate {
		case Retry:
			r = find(retryRecord, now.Add(x.After))
		case Reject:
			r = find(deadRecord, time.Time{})
		case Filter:
			r = find(filteredRecord, time.Time{})
		case Deny:
			r = find(deniedRecord, time.Time{})
		case Duplicate:
			r = find(duplicateRecord, time.Time{})
		default:
			panic("BUG: no such fate")
		}
		r.items = append(r.items, it)
	}
	ln := g.lane
	apply := func(seqs []uint64) {
		g.finish()
		ln.receive(records, seqs)
	}
	return &op{lane: ln, records: records, apply: apply, done: make(chan error, 1)}, nil
}

// receive counts records that were stored, and notes when retries are due. The caller holds the log's mutex.
func (ln *lane) receive(records []*record, seqs []uint64) {
	for i, r := range records {
		ln.account.note(r.kind, uint64(len(r.items)))
		if r.kind == retryRecord {
			ln.retries.push(retryRef{r.due, seqs[i], len(r.items)})
			ln.cursor.nudge()
		}
	}
}

func (g *Group) leftItem(ctx context.Context, x Left, now time.Time) (recordItem, error) {
	it := &g.Items[x.Item]
	out := recordItem{origin: it.origin, state: it.State}
	if x.Fate >= Filter { // it is not sent again
		return out, nil
	}
	if it.Bytes == nil {
		if err := g.loadBytes(ctx); err != nil {
			return out, err
		}
	}
	out.bytes, out.attempt, out.since = it.Bytes, it.Attempt+1, it.Since
	if out.since.IsZero() {
		out.since = now
	}
	out.why = x.Why
	if len(out.why) > longestWhy {
		out.why = out.why[:longestWhy]
	}
	return out, nil
}

// loadBytes reads the events' stored form, which a group out of memory does not have with it.
func (g *Group) loadBytes(ctx context.Context) error {
	l := g.lane.book.log
	m, err := l.store.Get(ctx, stream.Log, g.seq)
	if err != nil {
		return fmt.Errorf("read group %d again: %w", g.number, err)
	}
	f, err := decodeFrame(m.Data)
	if err != nil {
		return fmt.Errorf("read group %d again: %w", g.number, err)
	}
	for i := range g.Items {
		if k := g.Items[i].index; k < len(f.entries) {
			g.Items[i].Bytes = f.entries[k].bytes
		}
	}
	return nil
}

// Release gives the group back untouched; Next returns it again after that time. It is for a destination that is down, so
// that its events wait in the log.
func (g *Group) Release(after time.Duration) {
	ln := g.lane
	l := ln.book.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if g.settled || ln.gone || g.settling != nil {
		return
	}
	g.settled = true
	ln.back.push(putBack{due: l.now().Add(after), number: g.number, seq: g.seq, retry: g.retry})
	ln.cursor.nudge()
}

// nudge has a sleeping Next look again. The caller holds the log's mutex.
func (c *Cursor) nudge() {
	if c.waiting {
		c.waiting = false
		signal(c.wake)
	}
}
