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
