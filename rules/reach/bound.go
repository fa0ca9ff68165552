// Package reach says what is known of a formula without running it: which fields of events it may read, and where it can hold by what was
// consented to. It answers for data and for conditions; it knows no formula.
package reach

import (
	"slices"

	"headgate/event"
)

// Bound is what is known of a condition by the purposes of consent in it.
type Bound struct {
	needs   []string // it holds only where all of these are granted
	Without []string // it holds, and does not fail, wherever one of these is not granted
	sure    bool     // it never fails, whatever the event holds
}

// OfPurpose is the bound of consent.<purpose>.
func OfPurpose(purpose string) Bound { return Bound{needs: []string{purpose}, sure: true} }

// Not is the bound of "not b".
func (b Bound) Not() Bound {
	if !b.sure { // a failing condition does not hold, and neither does what is said of it
		return Bound{}
	}
	return Bound{needs: b.Without, Without: b.needs, sure: true}
}

// And is the bound of "b and other".
func (b Bound) And(other Bound) Bound {
	return Bound{needs: slices.Concat(b.needs, other.needs), Without: shared(b.Without, other.Without), sure: b.sure && other.sure}
}

// Or is the bound of "b or other". The right side is evaluated when the left one does not hold, and does not help when the
// left one failed.
func (b Bound) Or(other Bound) Bound {
	out := Bound{needs: shared(b.needs, other.needs), Without: b.Without, sure: b.sure && other.sure}
	if b.sure {
		out.Without = slices.Concat(b.Without, other.Without)
	}
	return out
}

// Equal is the bound of "b == value".
func (b Bound) Equal(value event.Value) Bound {
	switch is, ok := value.Bool(); {
	case !ok || !b.sure:
		return Bound{}
	case is:
		return b
	}
	return b.Not()
}

func shared(a, b []string) (both []string) {
	for _, s := range a {
		if slices.Contains(b, s) {
			both = append(both, s)
		}
	}
	return both
}
