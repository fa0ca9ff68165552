package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"headgate/queue/format"
	"headgate/queue/stream"
)

// Stored is one event in the log. Events that are due to no cursor are not stored.
type Stored struct {
	Writer string // who accepted it
	Group  uint64 // its group's number, counted by writer
	Index  int    // its place in the group
	Time   time.Time
	Bytes  []byte
	Live   any      // its decoded form, where a Follower has it in memory: then Bytes are nil
	Names  []string // the destinations of its plan,
	States []State  // and what was decided for each
}

// storedIn is one of the entries of a frame.
func storedIn(f *format.Frame, writer string, index int) Stored {
	e := &f.Entries[index]
	return Stored{Writer: writer, Group: f.Number, Index: index, Time: f.Time, Bytes: e.Bytes, Names: f.Rosters[e.Roster], States: e.States}
}

// Scan calls fn with the stored events accepted since that time (the zero time: all), oldest first, until fn returns false.
func (l *Log) Scan(ctx context.Context, since time.Time, fn func(Stored) bool) error {
	return l.scan(ctx, stream.LogSubject(stream.Any), since, func(m stream.Message, f *format.Frame) bool {
		for i := range f.Entries {
			if !fn(storedIn(f, stream.LastName(m.Subject), i)) {
				return false
			}
		}
		return true
	})
}

// Count returns how many events were accepted since that time, as far as their groups are still there.
func (l *Log) Count(ctx context.Context, since time.Time) (n uint64, err error) {
	l.mu.Lock()
	ledgers := l.ledgers
	l.mu.Unlock()
	for _, led := range ledgers {
		err = l.scan(ctx, stream.LogSubject(led.writer), since, func(_ stream.Message, first *format.Frame) bool {
			l.mu.Lock()
			n += format.Difference(led.head.Accepted, first.Before)
			l.mu.Unlock()
			return false
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// scan calls fn with the readable groups of a subject since that time.
func (s *state) scan(ctx context.Context, subject string, since time.Time, fn func(stream.Message, *format.Frame) bool) error {
	from := uint64(1)
	if !since.IsZero() {
		var err error
		if from, err = s.store.FirstSince(ctx, stream.Log, since); errors.Is(err, stream.ErrNone) {
			return nil
		} else if err != nil {
			return fmt.Errorf("look for %s in the log: %w", since.Format(time.RFC3339), err)
		}
	}
	err := each(ctx, s.store, stream.Log, subject, from, func(m stream.Message) bool {
		f, err := format.DecodeFrame(m.Data)
		return err != nil || f.Time.Before(since) || fn(m, f)
	})
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	return nil
}

// ScanFinished calls fn with the events accepted since that time, oldest first, and with those of the cursors to which the event
// was due and that have finished its group, until fn returns false. Events without such a cursor are skipped. by is valid until fn
// returns.
func (l *Log) ScanFinished(ctx context.Context, since time.Time, cursors []*Cursor, fn func(s Stored, by []*Cursor) bool) error {
	var finished, by []*Cursor
	return l.scan(ctx, stream.LogSubject(stream.Any), since, func(m stream.Message, f *format.Frame) bool {
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
			if len(by) > 0 && !fn(storedIn(f, writer, i), by) {
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
	pos.ledger.state.mu.Lock()
	defer pos.ledger.state.mu.Unlock()
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
	st := pos.ledger.state
	st.mu.Lock()
	retryDone, deadDone := set(pos.ledger.retryDone), set(pos.ledger.deadDone)
	st.mu.Unlock()
	out := map[format.Origin]past{}
	for _, kind := range format.RecordKinds {
		done := deadDone
		if kind == format.RetryRecord {
			done = retryDone
		}
		err := each(ctx, st.store, streamOf(kind), subjectOf(kind, pos.ledger.writer, pos.cursor.name), 1, func(m stream.Message) bool {
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
func (c *Cursor) Standings(ctx context.Context, events []Stored) ([]Standing, error) {
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
func (c *Cursor) Look() func(ctx context.Context, e *Stored) (Standing, error) {
	type known struct {
		pos   *position
		pasts map[format.Origin]past
	}
	writers := map[string]known{}
	return func(ctx context.Context, e *Stored) (Standing, error) {
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

func (pos *position) standing(e *Stored, p past) Standing {
	was := Filtered
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
	pos.ledger.state.mu.Lock()
	defer pos.ledger.state.mu.Unlock()
	switch {
	case was.Due() && !pos.w.Finished(e.Group):
		return Waiting
	case pos.account.Dropped > 0:
		return DeliveredOrDropped
	}
	return Delivered
}
