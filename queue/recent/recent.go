// Package recent keeps the newest groups in memory, so that destinations that keep up read and decode nothing.
package recent

import (
	"time"

	"headgate/queue/format"
)

// Groups are the newest groups of one writer, shared by all cursors. They are bounded by the memory that their events take. The
// caller guards them.
type Groups struct {
	Limit  int      // bytes of memory
	groups []*Group // consecutive, oldest first
	held   int      // bytes of memory
}

// Group is a group as it was accepted. It must not be changed.
type Group struct {
	Number, Seq uint64 // of its writer, and in the log
	Time        time.Time
	Held        int // bytes of memory
	Within      format.Tally
	Entries     []Entry
	Decoded     bool // every entry that is due to a cursor has its Live form; otherwise there are no Entries
}

// Entry is an event of a Group, or of one that is being written.
type Entry struct {
	Live   any    // its decoded form
	Bytes  []byte // where there is no live form
	Roster *format.Roster
	States []format.State
}

// Add appends the next group and drops the oldest beyond the limit.
func (r *Groups) Add(g *Group) {
	r.groups = append(r.groups, g)
	r.held += g.Held
	n := 0
	for r.held > r.Limit && n < len(r.groups) {
		r.held -= r.groups[n].Held
		n++
	}
	r.drop(n)
}

// Pass drops the groups before that number, which every cursor has read.
func (r *Groups) Pass(number uint64) {
	n := 0
	for n < len(r.groups) && r.groups[n].Number < number {
		r.held -= r.groups[n].Held
		n++
	}
	r.drop(n)
}

func (r *Groups) drop(n int) {
	clear(r.groups[:n])
	if r.groups = r.groups[n:]; len(r.groups) == 0 {
		r.groups = nil
	}
}

// Clear drops all groups.
func (r *Groups) Clear() { r.groups, r.held = nil, 0 }

// Get returns a group, nil when it is not here.
func (r *Groups) Get(number uint64) *Group {
	if len(r.groups) == 0 || number < r.groups[0].Number {
		return nil
	}
	if i := number - r.groups[0].Number; i < uint64(len(r.groups)) {
		return r.groups[i]
	}
	return nil
}
