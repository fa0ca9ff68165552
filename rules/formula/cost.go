package formula

import (
	"headgate/event"
)

// What a formula may cost.
const (
	maxLength     = 4000    // characters of one formula
	maxNodes      = 500     // names, values and operators of one formula
	maxNesting    = 2       // all(), map() and the like inside each other
	MaxText       = 1 << 20 // bytes of a text that a formula builds
	maxRange      = 10_000  // elements of 1..n
	BytesPerSteps = 16      // bytes of a text that is built, or of a long one that is read, for one step
	longText      = 256     // bytes from which on reading a text costs steps
)

// Spend takes steps from what the formula may still do, and reports whether it may continue.
func (m *Machine) Spend(offset, steps int) bool {
	m.steps -= steps
	if m.steps < 0 {
		m.Fail(offset, "the formula does too much work for one event", "")
	}
	return m.failure == nil
}

// Room reports whether a text of n bytes may be built.
func (m *Machine) Room(at, n int) bool {
	if n > MaxText {
		m.Fail(at, "the text becomes longer than 1 MiB", "")
		return false
	}
	return m.Spend(at, 1+n/BytesPerSteps)
}

// Read charges for a text that is about to be read, if it is a long one.
func (m *Machine) Read(offset int, s string) bool {
	return len(s) < longText || m.Spend(offset, len(s)/BytesPerSteps)
}

// compares charges for a comparison with v, if v is a long text or holds more than itself.
func (m *Machine) compares(offset int, v event.Value) bool {
	switch v.Kind() {
	case event.List, event.Object:
		return m.Spend(offset, m.Weight(v))
	case event.Text:
		return m.Read(offset, v.Text())
	}
	return true
}

// Weight is what it costs to build something with v in it, counted no further than what the formula may still do.
func (m *Machine) Weight(v event.Value) int { return weight(v, m.steps) }

// weight is how many steps it costs to build something with v in it: its elements, and its text by length. It stops
// counting a little above limit.
func weight(v event.Value, limit int) int {
	w := 1
	switch v.Kind() {
	case event.Text:
		w += len(v.Text()) / BytesPerSteps
	case event.List:
		for _, e := range v.List() {
			if w += weight(e, limit-w); w > limit {
				return w
			}
		}
	case event.Object:
		for _, p := range v.Object() {
			if w += weight(p.Value, limit-w); w > limit {
				return w
			}
		}
	}
	return w
}
