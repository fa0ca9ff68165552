package count

import "slices"

// Mode is how the steps of a funnel follow each other.
type Mode uint8

// The modes.
const (
	Ordered Mode = iota // in order, with anything between
	Strict              // in order, with nothing between
	Any                 // in any order
)

// Step is one step of a funnel.
type Step struct {
	Is       func(r *Row) bool
	Optional bool // who did not do it can still do the next ones
}

// Funnel counts how far visitors, or their sessions, came through steps. Of all attempts of a visitor the one counts that came
// furthest; of equal ones the earliest. An attempt begins with an event that is the first step and ends Within milliseconds after
// it, or with an excluded event.
type Funnel struct {
	Steps    []Step
	Within   int64
	Gap      int64 // of sessions
	Mode     Mode
	Sessions bool                       // a session is counted instead of a visitor
	Excluded func(r *Row) bool          // nil: nothing ends an attempt
	Key      func(r *Row) uint32        // by what the first event of an attempt is broken down; nil: by nothing
	Label    func(r *Row) uint32        // what an event is called among what was done instead
	Took     func(rows []Row, at []int) // nil, or called with the rows of the steps of an attempt that counts, -1 where one was passed over

	Reached []Reached
	Groups  map[uint32][]Group

	at, best []int // rows by step, -1 where it was not reached
}

// Reached is what is known of one step.
type Reached struct {
	Visitors int
	Value    Money
	Millis   []int32        // since the step before that was reached
	Instead  map[uint32]int // by what those did next who came to this step and no further
	Dropped  []uint64       // some of those visitors
}

// Group is a step among those whose first event has one key.
type Group struct {
	Visitors int
	Value    Money
}

// mostDropped is how many visitors are named who came no further.
const mostDropped = 20

// Add counts a visitor.
func (f *Funnel) Add(rows []Row) {
	if f.Reached == nil {
		f.Reached = make([]Reached, len(f.Steps))
		f.Groups = map[uint32][]Group{}
		f.at, f.best = make([]int, len(f.Steps)), make([]int, len(f.Steps))
	}
	if !f.Sessions {
		f.unit(rows)
		return
	}
	for session := range Sessions(rows, f.Gap) {
		f.unit(session)
	}
}

// unit counts one visitor or session.
func (f *Funnel) unit(rows []Row) {
	furthest := -1
	for i := range rows {
		if f.starts(&rows[i]) {
			if last := f.attempt(rows, i); last > furthest {
				furthest = last
				copy(f.best, f.at)
			}
			if furthest == len(f.Steps)-1 {
				break
			}
		}
	}
	if furthest >= 0 {
		f.take(rows, furthest)
	}
}

// starts reports whether an event can begin an attempt.
func (f *Funnel) starts(r *Row) bool {
	if f.Mode == Any {
		return slices.ContainsFunc(f.Steps, func(s Step) bool { return s.Is(r) })
	}
	for _, s := range f.Steps {
		if s.Is(r) {
			return true
		}
		if !s.Optional {
			return false
		}
	}
	return false
}

// attempt follows one attempt and returns its furthest step, -1 for none. at has its rows.
func (f *Funnel) attempt(rows []Row, start int) int {
	for k := range f.at {
		f.at[k] = -1
	}
	if f.Mode == Any {
		return f.anyOrder(rows, start)
	}
	furthest, next := -1, 0
	for i := start; i < len(rows) && next < len(f.Steps); i++ {
		r := &rows[i]
		if r.Time-rows[start].Time > f.Within || f.Excluded != nil && f.Excluded(r) {
			break
		}
		k := f.fits(r, next)
		if k < 0 {
			if f.Mode == Strict {
				break
			}
			continue
		}
		f.at[k] = i
		furthest, next = k, k+1
	}
	return furthest
}

// fits returns the first step from next on that an event is, passing over optional ones only; -1 when there is none.
func (f *Funnel) fits(r *Row, next int) int {
	for k := next; k < len(f.Steps); k++ {
		if f.Steps[k].Is(r) {
			return k
		}
		if !f.Steps[k].Optional {
			break
		}
	}
	return -1
}

// anyOrder gives each step the first event that it is and no earlier step has. The furthest step is the last before one that
// is missing and not optional.
func (f *Funnel) anyOrder(rows []Row, start int) int {
	end := start
	for end < len(rows) && rows[end].Time-rows[start].Time <= f.Within && (f.Excluded == nil || !f.Excluded(&rows[end])) {
		end++
	}
	furthest := -1
	for k := range f.Steps {
		for i := start; i < end; i++ {
			if f.Steps[k].Is(&rows[i]) && !slices.Contains(f.at[:k], i) {
				f.at[k], furthest = i, k
				break
			}
		}
		if f.at[k] < 0 && !f.Steps[k].Optional {
			break
		}
	}
	return furthest
}

// take counts the best attempt.
func (f *Funnel) take(rows []Row, furthest int) {
	if f.Took != nil {
		f.Took(rows, f.best[:furthest+1])
	}
	first, before, last := -1, -1, -1
	for k, i := range f.best[:furthest+1] {
		if i < 0 {
			continue
		}
		if first < 0 {
			first = i
		}
		r := &f.Reached[k]
		r.Visitors++
		r.Value.Add(&rows[i])
		if before >= 0 {
			r.Millis = append(r.Millis, int32(min(max(0, rows[i].Time-rows[before].Time), 1<<31-1)))
		}
		before, last = i, max(last, i)
		if f.Key != nil {
			f.group(f.Key(&rows[first]), k, &rows[i])
		}
	}
	if furthest == len(f.Steps)-1 {
		return
	}
	r := &f.Reached[furthest]
	if len(r.Dropped) < mostDropped {
		r.Dropped = append(r.Dropped, rows[0].Visitor)
	}
	if r.Instead == nil {
		r.Instead = map[uint32]int{}
	}
	instead := uint32(0) // nothing
	if last+1 < len(rows) && rows[last+1].Time-rows[last].Time <= f.Gap && f.Label != nil {
		instead = f.Label(&rows[last+1])
	}
	r.Instead[instead]++
}

func (f *Funnel) group(key uint32, step int, r *Row) {
	g := f.Groups[key]
	if g == nil {
		g = make([]Group, len(f.Steps))
		f.Groups[key] = g
	}
	g[step].Visitors++
	g[step].Value.Add(r)
}

// Median returns the median of times in milliseconds, none of them negative, as seconds, and false when there are none.
func Median(millis []int32) (float64, bool) {
	if len(millis) == 0 {
		return 0, false
	}
	n := len(millis)
	return float64(int64(ranked(millis, (n-1)/2))+int64(ranked(millis, n/2))) / 2000, true
}

// ranked returns the number that would be at a place of the sorted list. Sorting a million took longer than counting them.
func ranked(list []int32, place int) int32 {
	counts := make([]int, 1<<16)
	for _, n := range list {
		counts[n>>16]++
	}
	high := int32(0)
	for ; place >= counts[high]; high++ {
		place -= counts[high]
	}
	clear(counts)
	for _, n := range list {
		if n>>16 == high {
			counts[n&0xffff]++
		}
	}
	low := int32(0)
	for ; place >= counts[low]; low++ {
		place -= counts[low]
	}
	return high<<16 | low
}
