package count

import "iter"

// Sessions splits a visitor's rows where nothing happened for longer than gap milliseconds. Neither midnight nor a new campaign
// ends a session.
func Sessions(rows []Row, gap int64) iter.Seq[[]Row] {
	return func(yield func([]Row) bool) {
		from := 0
		for i := 1; i <= len(rows); i++ {
			if i == len(rows) || rows[i].Time-rows[i-1].Time > gap {
				if !yield(rows[from:i]) {
					return
				}
				from = i
			}
		}
	}
}

// Touch is how a session came about.
type Touch struct{ Source, Medium, Campaign uint32 }

// Touches knows how sessions came about.
type Touches struct {
	Direct Touch
	// ByReferrer is what a session is counted under that no campaign brought, by the class of its referrer.
	ByReferrer map[uint32]Touch
}

// NewTouches makes the symbols of touches that no campaign names.
func NewTouches(s *Symbols) *Touches {
	t := &Touches{Direct: Touch{s.ID("(direct)"), s.ID("(none)"), 0}, ByReferrer: map[uint32]Touch{}}
	for class, medium := range map[string]string{"search": "organic", "social": "social", "email": "email", "video": "referral", "ai": "referral", "other": "referral"} {
		t.ByReferrer[s.ID(class)] = Touch{s.ID(class), s.ID(medium), 0}
	}
	return t
}

// Of returns the touch of a session: the campaign of the first event that names one, else the referrer of the first that has a
// referrer from outside, else direct.
func (t *Touches) Of(session []Row) Touch {
	found := t.Direct
	for i := range session {
		r := &session[i]
		if r.Source != 0 || r.Medium != 0 || r.Campaign != 0 {
			return Touch{r.Source, r.Medium, r.Campaign}
		}
		if found == t.Direct && r.Referrer != 0 {
			if by, ok := t.ByReferrer[r.Referrer]; ok {
				found = by
			}
		}
	}
	return found
}
