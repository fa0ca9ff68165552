package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"

	"headgate/queue/format"
	"headgate/queue/stored"
	"headgate/queue/stream"
)

// Count returns how many events were accepted since that time, as far as their groups are still there.
func (s *Ledgers) Count(ctx context.Context, since time.Time) (n uint64, err error) {
	for _, led := range s.list() {
		err = stored.Scan(ctx, s.store, stream.LogSubject(led.writer), since, func(_ stream.Message, first *format.Frame) bool {
			s.mu.Lock()
			n += format.Difference(led.head.Accepted, first.Before)
			s.mu.Unlock()
			return false
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// ScanFinished calls fn with the events accepted since that time, oldest first, and with those of the cursors to which the event
// was due and that have finished its group, until fn returns false. Events without such a cursor are skipped. by is valid until fn
// returns.
func (s *Ledgers) ScanFinished(ctx context.Context, since time.Time, cursors []*Cursor, fn func(e stored.Event, by []*Cursor) bool) error {
	var finished, by []*Cursor
	return stored.Scan(ctx, s.store, stream.LogSubject(stream.Any), since, func(m stream.Message, f *format.Frame) bool {
		writer := stream.LastName(m.Subject)
		if finished = finishedBy(finished[:0], cursors, writer, f.Number); len(finished) == 0 {
			return true
		}
		for i := range f.Entries {
			by = by[:0]
			for _, c := range finished {
				if f.State(i, c.name).Due() {
					by = append(by, c)
				}
			}
			if len(by) > 0 && !fn(stored.EventIn(f, writer, i), by) {
				return false
			}
		}
		return true
	})
}

// finishedBy appends those of the cursors that have finished a group.
func finishedBy(to, cursors []*Cursor, writer string, number uint64) []*Cursor {
	for _, c := range cursors {
		if pos := c.positionOf(writer); pos != nil && pos.finished(number) {
			to = append(to, c)
		}
	}
	return to
}

// finished reports whether the cursor has finished a group.
func (pos *position) finished(number uint64) bool {
	pos.ledger.ledgers.mu.Lock()
	defer pos.ledger.ledgers.mu.Unlock()
	return pos.w.Finished(number)
}

// past is what the records say about an event.
type past struct {
	waits    bool              // it is a retry
	dead     bool              // it is a dead letter
	replayed bool              // it was filtered or denied when accepted, and has been replayed before
	late     format.RecordKind // it was filtered, denied or a duplicate when it was to be sent,
	lateSeq  uint64            // as the record with this sequence says
}

// pasts gathers what the records say about this position's events.
func (pos *position) pasts(ctx context.Context) (map[format.Origin]past, error) {
	st := pos.ledger.ledgers
	st.mu.Lock()
	retryDone, deadDone := set(pos.ledger.retryDone), set(pos.ledger.deadDone)
	st.mu.Unlock()
	out := map[format.Origin]past{}
	for _, kind := range format.RecordKinds {
		done := deadDone
		if kind == format.RetryRecord {
			done = retryDone
		}
		err := stored.Each(ctx, st.store, streamOf(kind), subjectOf(kind, pos.ledger.writer, pos.cursor.name), 1, func(m stream.Message) bool {
			r, err := format.DecodeRecord(m.Data)
			if err != nil || done[m.Seq] {
				return true
			}
			for i := range r.Items {
				p := out[r.Items[i].Origin]
				switch r.Kind {
				case format.RetryRecord:
					p.waits = true
				case format.DeadLetterRecord:
					p.dead = true
				case format.ReplayedRecord:
					p.replayed = true
				default:
					p.late, p.lateSeq = r.Kind, m.Seq
				}
				out[r.Items[i].Origin] = p
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

// Standing is how far a stored event has come at one destination.
type Standing uint8

// The standings.
const (
	Delivered          Standing = iota // it was due and is finished
	DeliveredOrDropped                 // the same, or it is among the dead letters that were dropped: which those were is not kept
	Waiting                            // it is still to be delivered
	Rejected                           // it is a dead letter
	LeftOut                            // it was filtered or denied when it was accepted
	LateFiltered                       // it was due, but filtered when it was to be sent
	LateDenied                         // it was due, but denied when it was to be sent
	LateDuplicate                      // it was due, but the cursor had had the same event
	Elsewhere                          // it is in the ledger of another process, which knows
)

// Standings returns how far each of some events of Scan has come for this cursor.
func (c *Cursor) Standings(ctx context.Context, events []stored.Event) ([]Standing, error) {
	out := make([]Standing, len(events))
	look := c.Look()
	for i := range events {
		var err error
		if out[i], err = look(ctx, &events[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Look returns a function that says how far events of Scan have come for this cursor. What it has read it keeps: use it for one
// question.
func (c *Cursor) Look() func(ctx context.Context, e *stored.Event) (Standing, error) {
	type known struct {
		pos   *position
		pasts map[format.Origin]past
	}
	writers := map[string]known{}
	return func(ctx context.Context, e *stored.Event) (Standing, error) {
		w, asked := writers[e.Writer]
		if !asked {
			if w.pos = c.positionOf(e.Writer); w.pos != nil {
				var err error
				if w.pasts, err = w.pos.pasts(ctx); err != nil {
					return 0, fmt.Errorf("how far %s has come: %w", c.name, err)
				}
			}
			writers[e.Writer] = w
		}
		if w.pos == nil {
			return Elsewhere, nil
		}
		var p past
		if len(w.pasts) > 0 {
			p = w.pasts[format.Origin{Number: e.Group, Index: e.Index}]
		}
		return w.pos.standing(e, p), nil
	}
}

func (pos *position) standing(e *stored.Event, p past) Standing {
	was := format.Filtered
	if at := slices.Index(e.Names, pos.cursor.name); at >= 0 {
		was = e.States[at]
	}
	switch {
	case p.dead:
		return Rejected
	case p.waits:
		return Waiting
	case p.late == format.FilteredRecord:
		return LateFiltered
	case p.late == format.DeniedRecord:
		return LateDenied
	case p.late == format.DuplicateRecord:
		return LateDuplicate
	case !was.Due() && !p.replayed:
		return LeftOut
	}
	pos.ledger.ledgers.mu.Lock()
	defer pos.ledger.ledgers.mu.Unlock()
	switch {
	case was.Due() && !pos.w.Finished(e.Group):
		return Waiting
	case pos.account.Dropped > 0:
		return DeliveredOrDropped
	}
	return Delivered
}
