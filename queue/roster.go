package queue

// State is what was decided about one event for one cursor when it was accepted.
type State uint8

// The states. They are written to disk; their values never change.
const (
	Due         State = iota // to be delivered in full
	DueRedacted              // to be delivered without what consent forbids
	Filtered                 // left out by a rule, the destination's choice of events or the bot filter
	Denied                   // consent refused
)

// Due reports whether the event is to be delivered.
func (s State) Due() bool { return s <= DueRedacted }

var stateNames = [...]string{"due", "due_redacted", "filtered", "denied"}

func (s State) String() string { return stateNames[s&3] }

// Roster is an immutable list of cursor names: the destinations of one plan, in its order.
type Roster struct {
	names []string
	slots []int       // of each name: where its counts stand in a tally
	place map[int]int // from slot to the place in names
}

// Names are the cursors' names, in order. They must not be changed.
func (r *Roster) Names() []string { return r.names }

// at returns the place of a cursor in the roster, -1 when it is not there.
func (r *Roster) at(slot int) int {
	if i, ok := r.place[slot]; ok {
		return i
	}
	return -1
}

func newRoster(names []string, slots []int) *Roster {
	r := &Roster{names: names, slots: slots, place: make(map[int]int, len(slots))}
	for i, s := range slots {
		r.place[s] = i
	}
	return r
}

// counts are what was decided for one cursor, over some events. What is neither due nor denied was filtered.
type counts struct {
	due      uint64 // delivered in full or redacted
	redacted uint64 // of due
	denied   uint64
}

func (c *counts) add(d counts) {
	c.due += d.due
	c.redacted += d.redacted
	c.denied += d.denied
}

func (c *counts) note(s State) {
	switch s {
	case Due:
		c.due++
	case DueRedacted:
		c.due++
		c.redacted++
	case Denied:
		c.denied++
	}
}

// tally counts events, in all and for each cursor by its slot.
type tally struct {
	accepted uint64
	of       []counts
}

// slot returns the counts of a cursor, zero when it has none yet.
func (t *tally) slot(i int) counts {
	if i < len(t.of) {
		return t.of[i]
	}
	return counts{}
}

// at returns the counts of a cursor to write to.
func (t *tally) at(i int) *counts {
	for len(t.of) <= i {
		t.of = append(t.of, counts{})
	}
	return &t.of[i]
}

func (t *tally) add(d tally) {
	t.accepted += d.accepted
	for i, c := range d.of {
		t.at(i).add(c)
	}
}

func (t *tally) clone() tally { return tally{t.accepted, append([]counts(nil), t.of...)} }

// note counts one entry.
func (t *tally) note(e *Entry) {
	t.accepted++
	if e.Roster == nil {
		return
	}
	for i, s := range e.States {
		t.at(e.Roster.slots[i]).note(s)
	}
}
