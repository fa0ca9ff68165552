package count

// DropOff counts how many of those who came to a step of a funnel went on to the next one, in the window that ends now and in those
// before it, which say what is usual. Windows are counted alike, each for itself. Who came to a step within Patience of a window's end
// is not counted: they may still go on.
type DropOff struct {
	Funnel           *Funnel // its Took is set here
	Now              int64
	Window, Patience int64

	Present, Usual map[uint32][]Passage // by the funnel's Key, of each step; All has everybody
	windows        map[uint32][]Passage // those of the window at hand
	end            int64
}

// Passage is how many came to the step before, and how many of them went on to this one. Optional steps are passed over.
type Passage struct{ Came, Went int }

// All is the key of everybody.
const All = ^uint32(0)

// Add counts a visitor.
func (d *DropOff) Add(rows []Row) {
	if d.Present == nil {
		d.Present, d.Usual = map[uint32][]Passage{}, map[uint32][]Passage{}
		d.Funnel.Took = d.took
	}
	for len(rows) > 0 {
		first := rows[0].Time
		back := max(0, (d.Now-first)/d.Window) // how many windows ago
		d.end = d.Now - back*d.Window
		d.windows = d.Usual
		if back == 0 {
			d.windows = d.Present
		}
		n := 0
		for n < len(rows) && rows[n].Time <= d.end {
			n++
		}
		if n == 0 { // its clock is ahead
			return
		}
		d.Funnel.Add(rows[:n])
		rows = rows[n:]
	}
}

// took is called with the rows of the steps of an attempt, -1 where it did not reach one.
func (d *DropOff) took(rows []Row, at []int) {
	before := -1
	for k, step := range d.Funnel.Steps {
		if step.Optional {
			continue
		}
		reached := k < len(at) && at[k] >= 0
		if before >= 0 && rows[at[before]].Time <= d.end-d.Patience {
			keys := []uint32{All}
			if d.Funnel.Key != nil {
				keys = append(keys, d.Funnel.Key(&rows[at[before]]))
			}
			for _, key := range keys {
				d.count(key, k, reached)
			}
		}
		if !reached {
			return
		}
		before = k
	}
}

func (d *DropOff) count(key uint32, step int, reached bool) {
	all := d.windows[key]
	if all == nil {
		all = make([]Passage, len(d.Funnel.Steps))
		d.windows[key] = all
	}
	all[step].Came++
	if reached {
		all[step].Went++
	}
}
