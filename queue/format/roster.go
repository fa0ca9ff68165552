package format

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
	slots []int       // of each name: the index of its counts in a Tally
	place map[int]int // from slot to the place in names
}

// Names are the cursors' names, in order. They must not be changed.
func (r *Roster) Names() []string { return r.names }

// Place returns the place of a cursor in the roster, -1 when it is not there.
func (r *Roster) Place(slot int) int {
	if i, ok := r.place[slot]; ok {
		return i
	}
	return -1
}

// NewRoster lists cursors by name and slot.
func NewRoster(names []string, slots []int) *Roster {
	r := &Roster{names: names, slots: slots, place: make(map[int]int, len(slots))}
	for i, s := range slots {
		r.place[s] = i
	}
	return r
}

// Counts are what was decided for one cursor, over some events. What is neither due nor denied was filtered.
type Counts struct {
	Due      uint64 // delivered in full or redacted
	Redacted uint64 // of Due
	Denied   uint64
}

// Add adds d.
func (c *Counts) Add(d Counts) {
	c.Due += d.Due
	c.Redacted += d.Redacted
	c.Denied += d.Denied
}

func (c *Counts) count(s State) {
	switch s {
	case Due:
		c.Due++
	case DueRedacted:
		c.Due++
		c.Redacted++
	case Denied:
		c.Denied++
	}
}

// Tally counts events, in all and for each cursor by its slot.
type Tally struct {
	Accepted uint64
	Of       []Counts
}

// Slot returns the counts of a cursor, zero when it has none yet.
func (t *Tally) Slot(i int) Counts {
	if i < len(t.Of) {
		return t.Of[i]
	}
	return Counts{}
}

// At returns the counts of a cursor to write to.
func (t *Tally) At(i int) *Counts {
	for len(t.Of) <= i {
		t.Of = append(t.Of, Counts{})
	}
	return &t.Of[i]
}

// Add adds d.
func (t *Tally) Add(d Tally) {
	t.Accepted += d.Accepted
	for i, c := range d.Of {
		t.At(i).Add(c)
	}
}

// Clone returns a copy that shares nothing with t.
func (t *Tally) Clone() Tally { return Tally{t.Accepted, append([]Counts(nil), t.Of...)} }

// count counts one event; r may be nil.
func (t *Tally) count(r *Roster, states []State) {
	t.Accepted++
	if r == nil {
		return
	}
	for i, s := range states {
		t.At(r.slots[i]).count(s)
	}
}
