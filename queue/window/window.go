// Package window keeps count of which groups of a writer a cursor has finished. It is arithmetic: it reads nothing, and its
// caller guards it.
package window

import (
	"slices"
	"sort"

	"headgate/queue/format"
)

// Window is how far one cursor has come in one writer's groups: everything up to Floor is finished, everything after Read has
// not been read, and the groups between them are finished or not. Start makes one; its fields are for reading.
type Window struct {
	Floor    uint64 // the last group of the finished beginning
	FloorSeq uint64 // its sequence in the log
	FloorDue uint64 // how many events were due up to the floor, since the writer's first group
	Read     uint64 // the last group that was returned or passed over
	readDue  uint64 // how many were due up to there

	spans    []Span // from floor+1 to read, without holes, in order
	later    []Span // finished before a restart, beyond read
	doneDue  uint64 // due events of finished spans above the floor, later's too
	unmerged int    // spans finished since the last merge
}

// Span is a stretch of groups with a common outcome.
type Span struct {
	From, To uint64
	Seq      uint64 // of the last group in the log
	Due      uint64 // events
	done     bool
}

// Start begins after the floor; ahead are the spans above it that are finished already.
func Start(floor, floorSeq, floorDue uint64, ahead []Span) Window {
	w := Window{Floor: floor, FloorSeq: floorSeq, FloorDue: floorDue, Read: floor, readDue: floorDue}
	for _, s := range ahead {
		if s.From > floor && s.From <= s.To {
			s.done = true
			w.later = append(w.later, s)
			w.doneDue += s.Due
		}
	}
	slices.SortFunc(w.later, func(a, b Span) int {
		if a.From < b.From {
			return -1
		}
		return 1
	})
	w.skip()
	return w
}

// skip passes over what was finished before a restart, once reading has reached it.
func (w *Window) skip() {
	for len(w.later) > 0 && w.later[0].From <= w.Read+1 {
		s := w.later[0]
		w.later = w.later[1:]
		w.Read, w.readDue = s.To, w.readDue+s.Due
		w.spans = append(w.spans, s)
	}
	w.raiseFloor()
}

// Open notes the next group as read. Without anything due it is finished at once.
func (w *Window) Open(number, seq, due uint64) {
	w.Read, w.readDue = number, w.readDue+due
	if last := len(w.spans) - 1; due == 0 && last >= 0 && w.spans[last].done {
		w.spans[last].To, w.spans[last].Seq = number, seq
	} else {
		w.spans = append(w.spans, Span{number, number, seq, due, due == 0})
	}
	w.skip()
}

// Lose passes over groups that are missing from the stream, up to and with number; dueUntil is how many were due up to
// there since the writer's first group. It returns how many due events are lost.
func (w *Window) Lose(number, dueUntil uint64) uint64 {
	known := w.readDue
	for len(w.later) > 0 && w.later[0].To <= number {
		known += w.later[0].Due // finished before they went missing: nothing lost there
		w.doneDue -= w.later[0].Due
		w.later = w.later[1:]
	}
	gap, lost := format.Difference(dueUntil, w.readDue), format.Difference(dueUntil, known)
	seq := w.FloorSeq
	if len(w.spans) > 0 {
		seq = w.spans[len(w.spans)-1].Seq
	}
	w.spans = append(w.spans, Span{w.Read + 1, number, seq, gap, true})
	w.doneDue += gap
	w.Read, w.readDue = number, w.readDue+gap
	w.skip()
	return lost
}

// Finish notes that a group that was read is finished.
func (w *Window) Finish(number uint64) {
	i := sort.Search(len(w.spans), func(i int) bool { return w.spans[i].To >= number })
	if i == len(w.spans) || w.spans[i].From != number || w.spans[i].done {
		return
	}
	w.spans[i].done = true
	w.doneDue += w.spans[i].Due
	w.unmerged++
	w.raiseFloor()
	if w.unmerged > 64 && w.unmerged > len(w.spans)/2 {
		w.merge()
	}
}

// raiseFloor moves the floor over what is finished.
func (w *Window) raiseFloor() {
	n := 0
	for n < len(w.spans) && w.spans[n].done {
		s := w.spans[n]
		w.Floor, w.FloorSeq, w.FloorDue = s.To, s.Seq, w.FloorDue+s.Due
		w.doneDue -= s.Due
		n++
	}
	if w.spans = w.spans[n:]; len(w.spans) == 0 {
		w.spans = nil
	}
}

// merge joins neighbouring spans that are finished, so that their number is bounded by that of the unfinished ones.
func (w *Window) merge() {
	out := w.spans[:0]
	for _, s := range w.spans {
		if last := len(out) - 1; last >= 0 && s.done && out[last].done {
			out[last].To, out[last].Seq = s.To, s.Seq
			out[last].Due += s.Due
		} else {
			out = append(out, s)
		}
	}
	w.spans, w.unmerged = out, 0
}

// Ahead returns the finished spans above the floor.
func (w *Window) Ahead() []Span {
	w.merge()
	var out []Span
	for _, s := range w.spans {
		if s.done {
			out = append(out, s)
		}
	}
	return append(out, w.later...)
}

// Pending is how many due events are not finished, of those due since the writer's first group.
func (w *Window) Pending(due uint64) uint64 { return format.Difference(due, w.FloorDue+w.doneDue) }

// Finished reports whether a group is finished.
func (w *Window) Finished(number uint64) bool {
	if number <= w.Floor {
		return true
	}
	for _, spans := range [...][]Span{w.spans, w.later} {
		i := sort.Search(len(spans), func(i int) bool { return spans[i].To >= number })
		if i < len(spans) && spans[i].From <= number {
			return spans[i].done
		}
	}
	return false
}

// UnfinishedAfter reports whether a group after that number was read and is not finished.
func (w *Window) UnfinishedAfter(number uint64) bool {
	return slices.ContainsFunc(w.spans, func(s Span) bool { return s.To > number && !s.done })
}
