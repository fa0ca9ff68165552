package queue

import (
	"context"
	"fmt"
	"time"

	"headgate/queue/stream"
)

// past is what the records say about an event.
type past struct {
	waits    bool       // it is a retry
	dead     bool       // it is a dead letter
	replayed bool       // it was filtered or denied when accepted, and has been replayed before
	late     recordKind // it was filtered, denied or a duplicate when it was to be sent,
	lateSeq  uint64     // as the record with this sequence says
}

// Replay makes events pending again for this cursor, due now: of those accepted since that time the ones for which pick
// returns true, in the state it returns. Events that are still pending are passed over, and so are duplicates of others, and
// dead letters, which RetryDead is for. An event that was filtered or denied no longer counts as that. It returns how many were put back.
func (c *Cursor) Replay(ctx context.Context, since time.Time, pick func(Stored) (State, bool)) (int, error) {
	n, _, err := c.replay(ctx, since, pick, false)
	return n, err
}

// TryReplay returns how many events Replay would put back, and how many of those the destination has had. It changes nothing.
func (c *Cursor) TryReplay(ctx context.Context, since time.Time, pick func(Stored) (State, bool)) (again, had int, err error) {
	return c.replay(ctx, since, pick, true)
}

func (c *Cursor) replay(ctx context.Context, since time.Time, pick func(Stored) (State, bool), try bool) (again, had int, err error) {
	c.dealing.Lock()
	defer c.dealing.Unlock()
	c.log.mu.Lock()
	lanes := append([]*lane(nil), c.lanes...)
	c.log.mu.Unlock()
	for _, ln := range lanes {
		r := &replayer{lane: ln, pick: pick, try: try}
		err := r.run(ctx, since)
		again, had = again+r.total, had+r.had
		if err != nil {
			return again, had, fmt.Errorf("replay for %s: %w", c.name, err)
		}
	}
	return again, had, nil
}

// replayer puts one lane's events back, some hundred at a time.
type replayer struct {
	lane  *lane
	pick  func(Stored) (State, bool)
	try   bool // nothing is put back, only counted
	pasts map[origin]past

	again  *record                    // what is put back,
	first  *record                    // and of that, what was filtered or denied when accepted, for the first time
	change account                    // how these counts fall
	late   map[uint64]map[origin]bool // and what was left out late, by the record that says so
	bytes  int
	total  int
	had    int // of total: delivered before, or dead letters that were dropped
}

func (r *replayer) run(ctx context.Context, since time.Time) (err error) {
	ln := r.lane
	if r.pasts, err = ln.pasts(ctx); err != nil {
		return err
	}
	r.reset()
	var failed error
	err = ln.book.log.scan(ctx, stream.LogSubject(ln.book.writer), since, func(_ stream.Message, f *frame) bool {
		r.group(f)
		if len(r.again.items) >= groupEvents || r.bytes >= groupBytes {
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
	now := r.lane.book.log.now()
	r.again = &record{kind: retryRecord, when: now, due: now}
	r.first = &record{kind: replayedRecord, when: now}
	r.change, r.late, r.bytes = account{}, map[uint64]map[origin]bool{}, 0
}

// pasts gathers what the records say about this lane's events.
func (ln *lane) pasts(ctx context.Context) (map[origin]past, error) {
	l := ln.book.log
	l.mu.Lock()
	retryDone, deadDone := set(ln.book.retryDone), set(ln.book.deadDone)
	l.mu.Unlock()
	out := map[origin]past{}
	for _, kind := range recordKinds {
		done := deadDone
		if kind == retryRecord {
			done = retryDone
		}
		err := each(ctx, l.store, kind.stream(), kind.subject(ln.book.writer, ln.cursor.name), 1, func(m stream.Message) bool {
			r, err := decodeRecord(m.Data)
			if err != nil || done[m.Seq] {
				return true
			}
			for i := range r.items {
				p := out[r.items[i].origin]
				switch r.kind {
				case retryRecord:
					p.waits = true
				case deadRecord:
					p.dead = true
				case replayedRecord:
					p.replayed = true
				default:
					p.late, p.lateSeq = r.kind, m.Seq
				}
				out[r.items[i].origin] = p
			}
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func set(seqs []uint64) map[uint64]bool {
	m := make(map[uint64]bool, len(seqs))
	for _, s := range seqs {
		m[s] = true
	}
	return m
}

// group takes up the picked events of one group.
func (r *replayer) group(f *frame) {
	ln := r.lane
	if !ln.finished(f.number) {
		return
	}
	for i := range f.entries {
		e := &f.entries[i]
		from := origin{f.number, i}
		p := r.pasts[from]
		if p.waits || p.dead || p.late == duplicateRecord {
			continue
		}
		state, ok := r.pick(Stored{ln.book.writer, f.number, i, f.time, e.bytes, f.rosters[e.roster], e.states})
		if !ok {
			continue
		}
		was := f.state(i, ln.cursor.name)
		switch {
		case p.late != 0:
			if r.late[p.lateSeq] == nil {
				r.late[p.lateSeq] = map[origin]bool{}
			}
			r.late[p.lateSeq][from] = true
		case p.replayed || was.Due():
			r.had++
		case was == Denied:
			r.change.Undenied++
			r.first.items = append(r.first.items, recordItem{origin: from, state: was})
		default:
			r.change.Unfiltered++
			r.first.items = append(r.first.items, recordItem{origin: from, state: was})
		}
		r.again.items = append(r.again.items, recordItem{origin: from, state: state, bytes: e.bytes})
		r.bytes += len(e.bytes)
	}
}

// flush stores what was taken up. The records that said that events were left out late are written anew without them.
func (r *replayer) flush(ctx context.Context, last bool) error {
	if r.try {
		r.total += len(r.again.items)
		r.reset()
		return nil
	}
	ln := r.lane
	o := &op{lane: ln, lasting: last, done: make(chan error, 1)}
	if len(r.again.items) > 0 {
		o.records = append(o.records, r.again)
	}
	if len(r.first.items) > 0 {
		o.records = append(o.records, r.first)
	}
	var old account
	var done []uint64
	for seq, which := range r.late {
		rec, rest, err := r.without(ctx, seq, which)
		if err != nil {
			return err
		}
		old.note(rec.kind, uint64(len(rec.items)))
		if len(rest.items) > 0 {
			o.records = append(o.records, rest)
		}
		done = append(done, seq)
	}
	change, records := r.change, o.records
	o.apply = func(seqs []uint64) {
		a := &ln.account
		a.Filtered -= old.Filtered
		a.Denied -= old.Denied
		a.Unfiltered += change.Unfiltered
		a.Undenied += change.Undenied
		ln.book.deadDone = append(ln.book.deadDone, done...)
		ln.receive(records, seqs)
	}
	if err := ln.book.do(ctx, o); err != nil {
		return err
	}
	r.moved(done, o)
	r.total += len(r.again.items)
	r.reset()
	return nil
}

// without reads a record of events left out late, and returns it as it is and without some of them.
func (r *replayer) without(ctx context.Context, seq uint64, which map[origin]bool) (*record, *record, error) {
	m, err := r.lane.book.log.store.Get(ctx, stream.DeadLetters, seq)
	if err != nil {
		return nil, nil, err
	}
	rec, err := decodeRecord(m.Data)
	if err != nil {
		return nil, nil, err
	}
	rest := &record{kind: rec.kind, when: rec.when}
	for _, it := range rec.items {
		if !which[it.origin] {
			rest.items = append(rest.items, it)
		}
	}
	return rec, rest, nil
}

// moved notes where the rest of records that were written anew lies now.
func (r *replayer) moved(done []uint64, o *op) {
	if len(done) == 0 {
		return
	}
	for i, rec := range o.records {
		if rec.kind != filteredRecord && rec.kind != deniedRecord {
			continue
		}
		for _, it := range rec.items {
			p := r.pasts[it.origin]
			p.lateSeq = o.seqs[i]
			r.pasts[it.origin] = p
		}
	}
}
