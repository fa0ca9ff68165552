package ledger

import (
	"context"
	"fmt"
	"time"

	"headgate/queue/format"
	"headgate/queue/recent"
	"headgate/queue/stream"
)

// Group is some events that are due for one cursor. It belongs to the caller until Settle or Release.
type Group struct {
	Items []Item
	Time  time.Time // when they were accepted, or, of retries, when they last failed

	position    *position
	number, seq uint64    // of a fresh group
	retry       *retryRef // of retries
	settling    *op       // a Settle that is under way; used by the caller
	settled     bool      // guarded by Ledgers.mu
}

// Item is one event of a Group. Either Live or Bytes is set.
type Item struct {
	Live    any          // what Append was given
	Bytes   []byte       // as Append was given them
	State   format.State // Due or DueRedacted
	Attempt int          // how often a delivery was attempted before: 0 for a fresh one
	Since   time.Time    // of the first failure
	Why     string       // of the last failure

	origin format.Origin
}

// Index is the event's place in the group that it was accepted with.
func (it *Item) Index() int { return it.origin.Index }

// Group is the number of the group that the event was accepted with. With Index and the name of the group's writer it
// identifies the event for good.
func (it *Item) Group() uint64 { return it.origin.Number }

// frameItems are the frame's events that are due for a cursor.
func frameItems(f *format.Frame, cursor string) []Item {
	items := make([]Item, 0, f.Cursor(cursor).Within.Due)
	for i := range f.Entries {
		if s := f.State(i, cursor); s.Due() {
			items = append(items, Item{Bytes: f.Entries[i].Bytes, State: s, origin: format.Origin{Number: f.Number, Index: i}})
		}
	}
	return items
}

// recentItems are the group's events that are due for a cursor.
func recentItems(g *recent.Group, slot int, due uint64) []Item {
	items := make([]Item, 0, due)
	for i := range g.Entries {
		e := &g.Entries[i]
		place := e.Roster.Place(slot)
		if place < 0 || !e.States[place].Due() {
			continue
		}
		items = append(items, Item{Live: e.Live, State: e.States[place], origin: format.Origin{Number: g.Number, Index: i}})
	}
	return items
}

// Outcome is what happens to an item that was not delivered.
type Outcome uint8

// The outcomes.
const (
	Retry     Outcome = iota // again, not before After from now
	Reject                   // a dead letter: the vendor will never take it
	Filter                   // left out at the last moment, by the destination's choice of events
	Deny                     // consent was withdrawn meanwhile
	Duplicate                // the cursor has had the same event; it counts as filtered
)

// Left is an item that was not delivered.
type Left struct {
	Item    int // its place in Group.Items
	Outcome Outcome
	After   time.Duration // of Retry; items with the same value are stored together
	Why     string        // of Retry and Reject: the vendor's words, shown to people
}

const longestWhy = 1 << 10

// Settle finishes the group: what left does not name was delivered. With something left, it returns when that is stored;
// if that fails, the group still belongs to the caller, who can settle it again. Without, it never fails. After a crash, groups
// that were settled within about a twentieth of a second before it are returned by Next again, as a whole.
func (g *Group) Settle(ctx context.Context, left ...Left) error {
	led := g.position.ledger
	led.ledgers.mu.Lock()
	if g.settled || g.position.gone {
		led.ledgers.mu.Unlock()
		return nil
	}
	if len(left) == 0 {
		g.finishLocked()
		led.ledgers.mu.Unlock()
		return nil
	}
	o := g.settling
	led.ledgers.mu.Unlock()
	if o == nil {
		var err error
		if o, err = g.prepare(ctx, left); err != nil {
			return err
		}
		g.settling = o
		err = led.do(ctx, o)
		return g.after(ctx, err)
	}
	return g.after(ctx, o.wait(ctx)) // an earlier call did not wait for it
}

// after forgets an attempt to settle that has failed, so that there can be another. One that was only not waited for continues.
func (g *Group) after(ctx context.Context, err error) error {
	if err != nil && ctx.Err() == nil {
		g.settling = nil
	}
	return err
}

// finishLocked notes in the position that the group is finished.
func (g *Group) finishLocked() {
	pos := g.position
	if g.retry != nil {
		pos.account.Retrying -= uint64(g.retry.items)
		pos.ledger.retryDone = append(pos.ledger.retryDone, g.retry.seq)
	} else {
		pos.w.Finish(g.number)
	}
	g.settled = true
	pos.ledger.touchLocked()
}

// prepare makes the records of what is left.
func (g *Group) prepare(ctx context.Context, left []Left) (*op, error) {
	now := g.position.ledger.ledgers.now()
	var records []*format.Record
	find := func(kind format.RecordKind, due time.Time) *format.Record {
		for _, r := range records {
			if r.Kind == kind && r.Due.Equal(due) {
				return r
			}
		}
		r := &format.Record{Kind: kind, When: now, Due: due}
		records = append(records, r)
		return r
	}
	named := make([]bool, len(g.Items))
	for _, x := range left {
		if named[x.Item] {
			panic("BUG: one item of a group has two outcomes")
		}
		named[x.Item] = true
		it, err := g.leftItem(ctx, x, now)
		if err != nil {
			return nil, err
		}
		var r *format.Record
		switch x.Outcome {
		case Retry:
			r = find(format.RetryRecord, now.Add(x.After))
		case Reject:
			r = find(format.DeadLetterRecord, time.Time{})
		case Filter:
			r = find(format.FilteredRecord, time.Time{})
		case Deny:
			r = find(format.DeniedRecord, time.Time{})
		case Duplicate:
			r = find(format.DuplicateRecord, time.Time{})
		default:
			panic("BUG: no such outcome")
		}
		r.Items = append(r.Items, it)
	}
	pos := g.position
	apply := func(seqs []uint64) {
		g.finishLocked()
		pos.receiveLocked(records, seqs)
	}
	return &op{position: pos, records: records, apply: apply, done: make(chan error, 1)}, nil
}

func (g *Group) leftItem(ctx context.Context, x Left, now time.Time) (format.RecordItem, error) {
	it := &g.Items[x.Item]
	out := format.RecordItem{Origin: it.origin, State: it.State}
	if x.Outcome >= Filter { // it is not sent again
		return out, nil
	}
	if it.Bytes == nil {
		if err := g.loadBytes(ctx); err != nil {
			return out, err
		}
	}
	out.Bytes, out.Attempt, out.Since = it.Bytes, it.Attempt+1, it.Since
	if out.Since.IsZero() {
		out.Since = now
	}
	out.Why = x.Why
	if len(out.Why) > longestWhy {
		out.Why = out.Why[:longestWhy]
	}
	return out, nil
}

// loadBytes reads the events' stored form, which a group that came from memory does not have.
func (g *Group) loadBytes(ctx context.Context) error {
	list, err := g.Load(ctx)
	for i := range list {
		g.Items[i].Bytes = list[i]
	}
	return err
}

// Forget drops what the items hold: it is in the log, from where Load reads it.
func (g *Group) Forget() {
	for i := range g.Items {
		g.Items[i].Live, g.Items[i].Bytes = nil, nil
	}
}

// Load reads the events' stored form from the log, by their places in Items. The group does not keep it. It is for a fresh group.
func (g *Group) Load(ctx context.Context) ([][]byte, error) {
	m, err := g.position.ledger.ledgers.store.Get(ctx, stream.Log, g.seq)
	if err != nil {
		return nil, fmt.Errorf("read group %d again: %w", g.number, err)
	}
	f, err := format.DecodeFrame(m.Data)
	if err != nil {
		return nil, fmt.Errorf("read group %d again: %w", g.number, err)
	}
	list := make([][]byte, len(g.Items))
	for i := range g.Items {
		k := g.Items[i].origin.Index
		if k >= len(f.Entries) {
			return nil, fmt.Errorf("read group %d again: it has %d events", g.number, len(f.Entries))
		}
		list[i] = f.Entries[k].Bytes
	}
	return list, nil
}

// Release gives the group back untouched; Next returns it again after that time. It is for a destination that is unavailable, so
// that its events wait in the log.
func (g *Group) Release(after time.Duration) {
	pos := g.position
	s := pos.ledger.ledgers
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.settled || pos.gone || g.settling != nil {
		return
	}
	g.settled = true
	due := s.now().Add(after)
	if after == 0 {
		due = time.Unix(0, int64(g.number)) // long past: groups that are due at once come in their order
	}
	pos.released.Add(releasedGroup{due: due, number: g.number, seq: g.seq, retry: g.retry})
	pos.cursor.wakeLocked()
}

// Fresh reports whether the group comes from the log itself: not a retry, and not a dead letter or a delivered event that
// an operator sends again.
func (g *Group) Fresh() bool { return g.number != 0 }

// Number counts the groups of a writer, from 1. It is 0 for a group that is not fresh.
func (g *Group) Number() uint64 { return g.number }

// Writer is the process that accepted the events: an instance's name, the same after a restart.
func (g *Group) Writer() string { return g.position.ledger.writer }

// Again identifies the record of retries that the group comes from, which is returned as a whole until it is settled. It is 0
// for a fresh group.
func (g *Group) Again() uint64 {
	if g.retry == nil {
		return 0
	}
	return g.retry.seq
}

// SettleTogether finishes groups of which every event was delivered, at one moment: after a crash either all of them are returned
// by Next again, or none.
func SettleTogether(groups []*Group) {
	if len(groups) == 0 {
		return
	}
	s := groups[0].position.ledger.ledgers
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range groups {
		if !g.settled && !g.position.gone {
			g.finishLocked()
		}
	}
}
