package consent

import (
	"strings"

	"headgate/consent/people"
	"headgate/event"
	"headgate/event/wording"
)

// suppressed returns the record as it is for someone who must not be tracked.
func (p *Policy) suppressed(r event.Record, why *people.Stopped) event.Record {
	states := make([]event.State, 0, len(r.States))
	for _, s := range r.States {
		if Stops(why.Purposes, s.Purpose) {
			s.State, s.Basis, s.Source, s.Cause = denied, byPolicy, "", why.Cause
		}
		states = append(states, s)
	}
	r.States = states
	return r
}

// Stops reports whether a purpose is among those that someone has withdrawn: all but what is necessary when none is named, and with
// ads what rests on it.
func Stops(withdrawn []string, purpose string) bool {
	if purpose == Necessary {
		return false
	}
	purpose = strings.TrimPrefix(purpose, publisherPrefix)
	if len(withdrawn) == 0 {
		return true
	}
	for _, p := range withdrawn {
		if p == purpose || p == Ads && (purpose == PersonalizedAds || purpose == Sharing) {
			return true
		}
	}
	return false
}

// Still decides again, right before an event is sent, what Judge decided when it arrived: the list may have grown since. It
// may only tighten; with an unchanged list it is Judge. A suppressed or withdrawn event is not even sent redacted.
func (p *Policy) Still(d *event.Decision, n *Need) event.Outcome {
	if p.Suppression.Changes() > 0 { // the usual case costs nothing
		if why := p.Suppression.Match(p.Suppression.Hasher.OfDecision(d), d.Event.Received); why != nil {
			tightened := p.suppressed(d.Consent, why)
			out := p.Judge(&tightened, n)
			out.Because = wording.Sentence(&out, &tightened) // the event's own record says nothing of it
			return out
		}
	}
	return p.Judge(&d.Consent, n)
}
