package rules

import (
	"headgate/event"
)

// What a formula may cost.
const (
	maxLength     = 4000    // characters of one formula
	maxNodes      = 500     // names, values and operators of one formula
	maxNesting    = 2       // all(), map() and the like inside each other
	maxSteps      = 100_000 // elements visited and values built in one run
	maxText       = 1 << 20 // bytes of a text that a formula builds
	maxRange      = 10_000  // elements of 1..n
	bytesPerSteps = 16      // so many bytes of a text built, or of a long one read, cost one step
	longText      = 256     // bytes from which on reading a text costs steps
)

// spend takes steps from what the formula may still do, and reports whether it may go on.
func (m *Machine) spend(offset, steps int) bool {
	m.steps -= steps
	if m.steps < 0 {
		m.fail(offset, "the formula does too much work for one event", "")
	}
	return m.failure == nil
}

// room reports whether a text of so many bytes may be built.
func (m *Machine) room(at, n int) bool {
	if n > maxText {
		m.fail(at, "the text gets longer than 1 MiB", "")
		return false
	}
	return m.spend(at, 1+n/bytesPerSteps)
}

// read charges for a text that is about to be read, if it is a long one.
func (m *Machine) read(offset int, s string) bool {
	return len(s) < longText || m.spend(offset, len(s)/bytesPerSteps)
}

// compares charges for a comparison with v, if v is a long text or holds more than itself.
func (m *Machine) compares(offset int, v event.Value) bool {
	switch v.Kind() {
	case event.List, event.Object:
		return m.spend(offset, weight(v, m.steps))
	case event.Text:
		return m.read(offset, v.Text())
	}
	return true
}

// weight is how many steps it costs to build something with v in it: its elements, and its text by length. It stops
// counting a little above limit.
func weight(v event.Value, limit int) int {
	w := 1
	switch v.Kind() {
	case event.Text:
		w += len(v.Text()) / bytesPerSteps
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
