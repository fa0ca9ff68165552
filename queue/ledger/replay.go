package ledger

import (
	"context"
	"fmt"
	"time"

	"headgate/queue/format"
	"headgate/queue/stored"
	"headgate/queue/stream"
)

// Replay makes events pending again for this cursor, due now: of those accepted since that time the ones for which pick
// returns true, in the state it returns. Events that are still pending are passed over, and so are duplicates of others, and
// dead letters, which RetryDeadLetters is for. An event that was filtered or denied no longer counts as that. It returns how many were put back.
func (c *Cursor) Replay(ctx context.Context, since time.Time, pick func(stored.Event) (format.State, bool)) (int, error) {
	n, _, err := c.replay(ctx, since, pick, false)
	return n, err
}

// TryReplay returns how many events Replay would make pending, and how many of those the destination has had. It changes nothing.
func (c *Cursor) TryReplay(ctx context.Context, since time.Time, pick func(stored.Event) (format.State, bool)) (again, had int, err error) {
	return c.replay(ctx, since, pick, true)
}

func (c *Cursor) replay(ctx context.Context, since time.Time, pick func(stored.Event) (format.State, bool), try bool) (again, had int, err error) {
	c.moving.Lock()
	defer c.moving.Unlock()
	c.ledgers.mu.Lock()
	positions := append([]*position(nil), c.positions...)
	c.ledgers.mu.Unlock()
	for _, pos := range positions {
		r := &replayer{position: pos, pick: pick, try: try}
		err := r.run(ctx, since)
		again, had = again+r.total, had+r.had
		if err != nil {
			return again, had, fmt.Errorf("replay for %s: %w", c.name, err)
		}
	}
	return again, had, nil
}

const (
	replayEvents = 256 // events that are made pending together, at most
	replayBytes  = 512 << 10
)

// replayer makes one position's events pending again, some hundred at a time.
type replayer struct {
	position *position
	pick     func(stored.Event) (format.State, bool)
	try      bool // only count
	pasts    map[format.Origin]past

	again  *format.Record                    // what becomes pending,
	first  *format.Record                    // of that, what was filtered or denied when accepted and is replayed for the first time,
	change format.Account                    // how that changes the counts,
	late   map[uint64]map[format.Origin]bool // and what was left out late, by the sequence of the record that says so
	bytes  int
	total  int
	had    int // of total: delivered before, or dead letters that were dropped
}

func (r *replayer) run(ctx context.Context, since time.Time) (err error) {
	pos := r.position
	if r.pasts, err = pos.pasts(ctx); err != nil {
		return err
	}
	r.reset()
	var failed error
	err = stored.Scan(ctx, pos.ledger.ledgers.store, stream.LogSubject(pos.ledger.writer), since, func(_ stream.Message, f *format.Frame) bool {
		r.group(f)
		if len(r.again.Items) >= replayEvents || r.bytes >= replayBytes {
			failed = r.flush(ctx, false)
		}
		return failed == nil
	})
	if failed == nil {
		failed = err
	}
	if failed == nil {
		failed = r.flush(ctx, true)
	}
	return failed
}

func (r *replayer) reset() {
	now := r.position.ledger.ledgers.now()
	r.again = &format.Record{Kind: format.RetryRecord, When: now, Due: now}
	r.first = &format.Record{Kind: format.ReplayedRecord, When: now}
	r.change, r.late, r.bytes = format.Account{}, map[uint64]map[format.Origin]bool{}, 0
}

// group collects the picked events of one group.
func (r *replayer) group(f *format.Frame) {
	pos := r.position
	if !pos.finished(f.Number) {
		return
	}
	for i := range f.Entries {
		e := &f.Entries[i]
		from := format.Origin{Number: f.Number, Index: i}
		p := r.pasts[from]
		if p.waits || p.dead || p.late == format.DuplicateRecord {
			continue
		}
		state, ok := r.pick(stored.EventIn(f, pos.ledger.writer, i))
		if !ok {
			continue
		}
		was := f.State(i, pos.cursor.name)
		switch {
		case p.late != 0:
			if r.late[p.lateSeq] == nil {
				r.late[p.lateSeq] = map[format.Origin]bool{}
			}
			r.late[p.lateSeq][from] = true
		case p.replayed || was.Due():
			r.had++
		case was == format.Denied:
			r.change.Undenied++
			r.first.Items = append(r.first.Items, format.RecordItem{Origin: from, State: was})
		default:
			r.change.Unfiltered++
			r.first.Items = append(r.first.Items, format.RecordItem{Origin: from, State: was})
		}
		r.again.Items = append(r.again.Items, format.RecordItem{Origin: from, State: state, Bytes: e.Bytes})
		r.bytes += len(e.Bytes)
	}
}

// flush stores what was collected. The records that say that these events were left out late are rewritten without them.
func (r *replayer) flush(ctx context.Context, last bool) error {
	if r.try {
		r.total += len(r.again.Items)
		r.reset()
		return nil
	}
	pos := r.position
	o := &op{position: pos, lasting: last, done: make(chan error, 1)}
	if len(r.again.Items) > 0 {
		o.records = append(o.records, r.again)
	}
	if len(r.first.Items) > 0 {
		o.records = append(o.records, r.first)
	}
	var old format.Account
	var done []uint64
	for seq, which := range r.late {
		rec, rest, err := r.without(ctx, seq, which)
		if err != nil {
			return err
		}
		old.Add(rec.Kind, uint64(len(rec.Items)))
		if len(rest.Items) > 0 {
			o.records = append(o.records, rest)
		}
		done = append(done, seq)
	}
	change, records := r.change, o.records
	o.apply = func(seqs []uint64) {
		a := &pos.account
		a.Filtered -= old.Filtered
		a.Denied -= old.Denied
		a.Unfiltered += change.Unfiltered
		a.Undenied += change.Undenied
		pos.ledger.deadDone = append(pos.ledger.deadDone, done...)
		pos.receiveLocked(records, seqs)
	}
	if err := pos.ledger.do(ctx, o); err != nil {
		return err
	}
	r.moved(done, o)
	r.total += len(r.again.Items)
	r.reset()
	return nil
}

// without reads a record of events left out late, and returns it as it is and without some of them.
func (r *replayer) without(ctx context.Context, seq uint64, which map[format.Origin]bool) (*format.Record, *format.Record, error) {
	m, err := r.position.ledger.ledgers.store.Get(ctx, stream.DeadLetters, seq)
	if err != nil {
		return nil, nil, err
	}
	rec, err := format.DecodeRecord(m.Data)
	if err != nil {
		return nil, nil, err
	}
	rest := &format.Record{Kind: rec.Kind, When: rec.When}
	for _, it := range rec.Items {
		if !which[it.Origin] {
			rest.Items = append(rest.Items, it)
		}
	}
	return rec, rest, nil
}

// moved notes the sequences of the rewritten records.
func (r *replayer) moved(done []uint64, o *op) {
	if len(done) == 0 {
		return
	}
	for i, rec := range o.records {
		if rec.Kind != format.FilteredRecord && rec.Kind != format.DeniedRecord {
			continue
		}
		for _, it := range rec.Items {
			p := r.pasts[it.Origin]
			p.lateSeq = o.seqs[i]
			r.pasts[it.Origin] = p
		}
	}
}
