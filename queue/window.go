package queue

import (
	"slices"
	"sort"
)

// window is how far one cursor has come in one writer's groups: everything up to the floor is finished, everything after
// read has not been read, and the spans between them are finished or not.
type window struct {
	floor    uint64 // the last group of the finished beginning
	floorSeq uint64 // its sequence in the stream
	floorDue uint64 // how many events were due up to the floor, since the writer's first group
	read     uint64 // the last group that was returned or passed over
	readDue  uint64 // how many were due up to there

	spans    []span // from floor+1 to read, without holes, in order
	later    []span // finished before a restart, beyond read
	doneDue  uint64 // due events of finished spans above the floor, later's too
	unmerged int    // spans finished since the last merge
}

// span is a stretch of groups with a common outcome.
type span struct {
	from, to uint64
	seq      uint64 // of the last group in the stream
	due      uint64
	done     bool
}

// startWindow begins after the floor; ahead are the spans above it that are finished already.
func startWindow(floor, floorSeq, floorDue uint64, ahead []span) window {
	w := window{floor: floor, floorSeq: floorSeq, floorDue: floorDue, read: floor, readDue: floorDue}
	for _, s := range ahead {
		if s.from > floor && s.from <= s.to {
			s.done = true
			w.later = append(w.later, s)
			w.doneDue += s.due
		}
	}
	slices.SortFunc(w.later, func(a, b span) int {
		if a.from < b.from {
			return -1
		}
		return 1
	})
	w.skip()
	return w
}

// skip passes over what was finished before a restart, once reading has reached it.
func (w *window) skip() {
	for len(w.later) > 0 && w.later[0].from <= w.read+1 {
		s := w.later[0]
		w.later = w.later[1:]
		w.read, w.readDue = s.to, w.readDue+s.due
		w.spans = append(w.spans, s)
	}
	w.raiseFloor()
}

// open notes the next group as read. Without anything due it is finished at once.
func (w *window) open(number, seq, due uint64) {
	w.read, w.readDue = number, w.readDue+due
	if last := len(w.spans) - 1; due == 0 && last >= 0 && w.spans[last].done {
		w.spans[last].to, w.spans[last].seq = number, seq
	} else {
		w.spans = append(w.spans, span{number, number, seq, due, due == 0})
	}
	w.skip()
}

// lose passes over groups that are missing from the stream, up to and with number; dueUntil is how many were due up to
// there since the writer's first group. It returns how many due events are lost.
func (w *window) lose(number, dueUntil uint64) uint64 {
	known := w.readDue
	for len(w.later) > 0 && w.later[0].to <= number {
		known += w.later[0].due // finished before they went missing: nothing lost there
		w.doneDue -= w.later[0].due
		w.later = w.later[1:]
	}
	gap, lost := less(dueUntil, w.readDue), less(dueUntil, known)
	seq := w.floorSeq
	if len(w.spans) > 0 {
		seq = w.spans[len(w.spans)-1].seq
	}
	w.spans = append(w.spans, span{w.read + 1, number, seq, gap, true})
	w.doneDue += gap
	w.read, w.readDue = number, w.readDue+gap
	w.skip()
	return lost
}

// less is a-b, or 0 when damage made them disagree.
func less(a, b uint64) uint64 {
	if a < b {
		return 0
	}
	return a - b
}

// finish notes that a group that was read is finished.
func (w *window) finish(number uint64) {
	i := sort.Search(len(w.spans), func(i int) bool { return w.spans[i].to >= number })
	if i == len(w.spans) || w.spans[i].from != number || w.spans[i].done {
		return
	}
	w.spans[i].done = true
	w.doneDue += w.spans[i].due
	w.unmerged++
	w.raiseFloor()
	if w.unmerged > 64 && w.unmerged > len(w.spans)/2 {
		w.merge()
	}
}

// raiseFloor moves the floor over what is finished.
func (w *window) raiseFloor() {
	n := 0
	for n < len(w.spans) && w.spans[n].done {
		s := w.spans[n]
		w.floor, w.floorSeq, w.floorDue = s.to, s.seq, w.floorDue+s.due
		w.doneDue -= s.due
		n++
	}
	if w.spans = w.spans[n:]; len(w.spans) == 0 {
		w.spans = nil
	}
}

// merge joins neighbouring spans that are finished, so that their number is bounded by that of the unfinished ones.
func (w *window) merge() {
	out := w.spans[:0]
	for _, s := range w.spans {
		if last := len(out) - 1; last >= 0 && s.done && out[last].done {
			out[last].to, out[last].seq = s.to, s.seq
			out[last].due += s.due
		} else {
			out = append(out, s)
		}
	}
	w.spans, w.unmerged = out, 0
}

// ahead returns the finished spans above the floor.
func (w *window) ahead() []span {
	w.merge()
	var out []span
	for _, s := range w.spans {
		if s.done {
			out = append(out, s)
		}
	}
	return append(out, w.later...)
}

// pending is how many due events are not finished, of those due since the writer's first group.
func (w *window) pending(due uint64) uint64 { return less(due, w.floorDue+w.doneDue) }

// finished reports whether a group is finished.
func (w *window) finished(number uint64) bool {
	if number <= w.floor {
		return true
	}
	for _, spans := range [...][]span{w.spans, w.later} {
		i := sort.Search(len(spans), func(i int) bool { return spans[i].to >= number })
		if i < len(spans) && spans[i].from <= number {
			return spans[i].done
		}
	}
	return false
}
