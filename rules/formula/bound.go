package formula

import (
	"slices"

	"headgate/event"
)

// bound is what is known of a condition by the purposes of consent in it.
type bound struct {
	needs   []string // it holds only where all of these are granted
	without []string // it holds, and does not fail, wherever one of these is not granted
	sure    bool     // it never fails, whatever the event holds
}

// purposeBound is that of consent.<purpose>.
func purposeBound(purpose string) bound { return bound{needs: []string{purpose}, sure: true} }

func (b bound) not() bound {
	if !b.sure { // a failing condition does not hold, and neither does what is said of it
		return bound{}
	}
	return bound{needs: b.without, without: b.needs, sure: true}
}

func (b bound) and(other bound) bound {
	return bound{needs: slices.Concat(b.needs, other.needs), without: shared(b.without, other.without), sure: b.sure && other.sure}
}

// or is the bound of "b or other". The right side is evaluated when the left one does not hold, and does not help when the
// left one failed.
func (b bound) or(other bound) bound {
	out := bound{needs: shared(b.needs, other.needs), without: b.without, sure: b.sure && other.sure}
	if b.sure {
		out.without = slices.Concat(b.without, other.without)
	}
	return out
}

// equal is the bound of "b == value".
func (b bound) equal(value event.Value) bound {
	switch is, ok := value.Bool(); {
	case !ok || !b.sure:
		return bound{}
	case is:
		return b
	}
	return b.not()
}

func shared(a, b []string) (both []string) {
	for _, s := range a {
		if slices.Contains(b, s) {
			both = append(both, s)
		}
	}
	return both
}
