package event

import "unsafe"

// Changed is a field that rules changed, with what it held before.
type Changed struct {
	Path string
	Rule string // the last that changed it
	Old  Value  // null where nothing was said
}

// Size is how many bytes of memory c takes.
func (c *Changed) Size() int {
	return int(unsafe.Sizeof(*c)) + len(c.Path) + len(c.Rule) + c.Old.size()
}

// Received returns the event of a stored decision as it came to the rules, as far as consent let it be kept; nil when that is
// not known, since an older version wrote the decision. The event can be changed without changing d.
func (d *Decision) Received() *Event {
	if !d.ChangesKept {
		return nil
	}
	e := d.Event.Clone()
	Undo(e, d.Changed)
	return e
}

// Undo puts back what rules changed, the last change first. Maps that e shares with other events must be its own.
func Undo(e *Event, changed []Changed) {
	for i := len(changed) - 1; i >= 0; i-- {
		old := changed[i].Old
		if old.Kind() == Object {
			old = ObjectOf(old.Object().Clone())
		}
		_ = e.SetPath(changed[i].Path, old) // it stood there, so it fits
	}
}

// RuleTraces are the rules that changed an event, in the order in which they first did, with the old and the new values.
func (d *Decision) RuleTraces() (traces []RuleTrace) {
	at := map[string]int{}
	for i := range d.Changed {
		c := &d.Changed[i]
		place, known := at[c.Rule]
		if !known {
			place = len(traces)
			at[c.Rule] = place
			traces = append(traces, RuleTrace{Name: c.Rule, Matched: true})
		}
		t := &traces[place]
		t.Changes = append(t.Changes, Change{Path: c.Path, Old: c.Old, New: d.Event.GetPath(c.Path)})
	}
	return traces
}
