package queue

import (
	"time"

	"headgate/queue/format"
)

// recent keeps the newest groups of this writer decoded in memory, so that cursors that keep up decode nothing. All
// cursors share it. It is bounded by the memory that its events take.
type recent struct {
	groups []*recentGroup // consecutive, oldest first
	held   int
	limit  int
}

type recentGroup struct {
	number, seq uint64
	time        time.Time
	held        int // bytes of memory
	within      format.Tally
	entries     []recentEntry
	decoded     bool // every entry that is due to a cursor has its Live form
}

type recentEntry struct {
	live   any
	bytes  []byte // where there is no live form
	roster *format.Roster
	states []format.State
}

// add appends the next group and drops the oldest beyond the limit.
func (r *recent) add(g *recentGroup) {
	r.groups = append(r.groups, g)
	r.held += g.held
	n := 0
	for r.held > r.limit && n < len(r.groups) {
		r.held -= r.groups[n].held
		n++
	}
	r.drop(n)
}

// pass drops the groups before that number, which every cursor has read.
func (r *recent) pass(number uint64) {
	n := 0
	for n < len(r.groups) && r.groups[n].number < number {
		r.held -= r.groups[n].held
		n++
	}
	r.drop(n)
}

func (r *recent) drop(n int) {
	clear(r.groups[:n])
	if r.groups = r.groups[n:]; len(r.groups) == 0 {
		r.groups = nil
	}
}

// get returns a group, nil when it is not here.
func (r *recent) get(number uint64) *recentGroup {
	if len(r.groups) == 0 || number < r.groups[0].number {
		return nil
	}
	if i := number - r.groups[0].number; i < uint64(len(r.groups)) {
		return r.groups[i]
	}
	return nil
}
