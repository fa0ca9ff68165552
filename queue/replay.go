package queue

import (
	"context"
	"fmt"
	"time"
)

// past is what the records say about an event.
type past struct {
	waits    bool       // it is a retry or a dead letter
	replayed bool       // it was filtered or denied when accepted, and has been replayed before
	late     recordKind // it was filtered or denied when it was to be sent,
	lateSeq  uint64     // as the record with this sequence says
}

// Replay makes events pending again for this cursor, due now: of those accepted since that time the ones for which pick
// returns true, in the state it returns. Events that are still pending are passed over, and dead letters, which RetryDead is
// for. An event that was filtered or denied no longer counts as that. It returns how many were put back.
func (c *Cursor) Replay(ctx context.Context, since time.Time, pick func(Stored) (State, bool)) (int, error) {
	c.dealing.Lock()
	defer c.dealing.Unlock()
	c.log.mu.Lock()
	lanes := append([]*lane(nil), c.lanes...)
	c.log.mu.Unlock()
	total := 0
	for _, ln := range lanes {
		n, err := ln.replay(ctx, since, pick)
		total += n
		if err != nil {
			return total, fmt.Errorf("replay for %s: %w", c.name, err)
		}
	}
	return total, nil
}

func (ln *lane) replay(ctx context.Context, since time.Time, pick func(Stored) (State, bool)) (int, error) {
	l := ln.book.log
	pasts, err := ln.pasts(ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	var failed error
	err = l.scan(ctx, logSubject(ln.book.writer), since, func(m message, f *frame) bool {
		n, err := ln.replayGroup(ctx, f, pasts, pick)
		total += n
		failed = err
		return err == nil
	})
	if failed != nil {
		err = failed
	}
	return total, err
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
		err := l.store.each(ctx, kind.stream(), recordSubject(kind, ln.book.writer, ln.cursor.name), 1, func(m message) bool {
			r, err := decodeRecord(m.data)
			if err != nil || done[m.seq] {
				return true
			}
			for i := range r.items {
				p := out[r.items[i].origin]
				switch r.kind {
				case retryRecord, deadRecord:
					p.waits = true
				case replayedRecord:
					p.replayed = true
				default:
					p.late, p.lateSeq = r.kind, m.seq
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

// replayGroup puts the picked events of one group back.
func (ln *lane) replayGroup(ctx context.Context, f *frame, pasts map[origin]past, pick func(Stored) (State, bool)) (int, error) {
	l := ln.book.log
	l.mu.Lock()
	finished := ln.w.finished(f.number)
	l.mu.Unlock()
	if !finished {
		return 0, nil
	}
	now := l.now()
	again := &record{kind: retryRecord, when: now, due: now}
	first := &record{kind: replayedRecord, when: now}
	var change account
	late := map[uint64]map[origin]bool{}
	for i := range f.entries {
		e := &f.entries[i]
		from := origin{f.number, i}
		p := pasts[from]
		if p.waits {
			continue
		}
		state, ok := pick(Stored{ln.book.writer, f.number, i, f.time, e.bytes, f.rosters[e.roster], e.states})
		if !ok {
			continue
		}
		was := f.state(i, ln.cursor.name)
		switch {
		case p.late != 0:
			if late[p.lateSeq] == nil {
				late[p.lateSeq] = map[origin]bool{}
			}
			late[p.lateSeq][from] = true
		case p.replayed || was.Due():
		default:
			first.items = append(first.items, recordItem{origin: from, state: was})
			if was == Denied {
				change.Undenied++
			} else {
				change.Unfiltered++
			}
		}
		again.items = append(again.items, recordItem{origin: from, state: state, bytes: e.bytes})
	}
	if len(again.items) == 0 {
		return 0, nil
	}
	records := []*record{again}
	if len(first.items) > 0 {
		records = append(records, first)
	}
	return len(again.items), ln.putAgain(ctx, records, change, late)
}

// putAgain stores what is to be replayed. The records that said that events were left out late are written anew without
// them.
func (ln *lane) putAgain(ctx context.Context, records []*record, change account, late map[uint64]map[origin]bool) error {
	var old account
	var done []uint64
	for seq, which := range late {
		m, err := ln.book.log.store.sureGet(ctx, deadStream, seq)
		if err != nil {
			return err
		}
		r, err := decodeRecord(m.data)
		if err != nil {
			return err
		}
		old.note(r.kind, uint64(len(r.items)))
		rest := &record{kind: r.kind, when: r.when}
		for _, it := range r.items {
			if !which[it.origin] {
				rest.items = append(rest.items, it)
			}
		}
		if len(rest.items) > 0 {
			records = append(records, rest)
		}
		done = append(done, seq)
	}
	o := &op{lane: ln, records: records, done: make(chan error, 1)}
	o.apply = func(seqs []uint64) {
		a := &ln.account
		a.Filtered -= old.Filtered
		a.Denied -= old.Denied
		a.Unfiltered += change.Unfiltered
		a.Undenied += change.Undenied
		ln.book.deadDone = append(ln.book.deadDone, done...)
		ln.receive(records, seqs)
	}
	return ln.book.do(ctx, o)
}
