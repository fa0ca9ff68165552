package consent

import (
	"slices"
	"strings"
	"time"

	"headgate/consent/signals"
	"headgate/event"
	"headgate/event/trace"
	"headgate/event/wire"
	"headgate/event/wording"
)

// WhatIf says for each purpose that was not granted what a destination with this need would have got if it had been. Only
// what would have changed is listed; when it takes several purposes at once, they stand together: "ads and sharing".
func (p *Policy) WhatIf(r *event.Record, n *Need) []trace.WhatIf {
	now := p.Judge(r, n)
	if now.Reason == event.Delivered || now.Reason == event.Suppressed || now.Reason == event.Withdrawn {
		return nil
	}
	var out []trace.WhatIf
	var missing []string
	for _, purpose := range slices.Concat(n.Purposes, n.AnyOf) {
		if at := stateOf(r, n, purpose); at >= 0 && r.States[at].State == granted {
			continue
		}
		if !slices.Contains(missing, purpose) {
			missing = append(missing, purpose)
			if o, changes := alternative(n, r, &now, purpose); changes {
				out = append(out, o)
			}
		}
	}
	delivered := slices.ContainsFunc(out, func(a trace.WhatIf) bool { return a.Outcome.Reason == event.Delivered })
	if len(missing) > 1 && !delivered {
		if o, changes := alternative(n, r, &now, missing...); changes {
			out = append(out, o)
		}
	}
	return out
}

// alternative is what would have been decided if purposes had been granted; changes reports whether that is anything else.
func alternative(n *Need, r *event.Record, now *event.Outcome, purposes ...string) (a trace.WhatIf, changes bool) {
	other := granting(r, purposes...)
	o := judge(other, n)
	return trace.WhatIf{Granted: strings.Join(purposes, " and "), Outcome: o, Because: wording.Sentence(&o, other)}, o.Reason != now.Reason || o.Action != now.Action
}

// granting returns a record in which purposes were granted by choice. Sharing, when nobody was asked about it, goes along
// with ads.
func granting(r *event.Record, purposes ...string) *event.Record {
	out := *r
	out.States = slices.Clone(r.States)
	var before event.State
	for i := range out.States {
		s := &out.States[i]
		name := strings.TrimPrefix(s.Purpose, publisherPrefix)
		follows := name == Sharing && slices.Contains(purposes, Ads) && s.Source == before.Source && s.Cause == before.Cause && s.Basis == before.Basis
		if name == Ads {
			before = *s
		}
		if slices.Contains(purposes, name) || follows {
			s.State, s.Basis, s.Source, s.Cause = granted, byChoice, "a choice that was not made", event.Cause{}
		}
	}
	return &out
}

// Reconsider decides a stored record again under this policy: for replaying real decisions against a configuration that
// is not live yet. Signals that were stored whole are read anew; of those stored by their hash, what they said counts as it
// was understood then. What was concluded about vendors stays. received is when the event arrived.
func (p *Policy) Reconsider(r *event.Record, received time.Time) event.Record {
	in := signals.Inputs{Country: wire.Country(r.Country), Region: r.Region}
	var kept []signals.Reading
	for i := range r.Signals {
		if s := &r.Signals[i]; !p.signals.Again(&in, s) {
			kept = append(kept, p.signals.Remembered(r, s))
		}
	}
	readings := append(p.signals.Read(&in), kept...)
	p.signals.Order(readings)
	out, _ := p.conclude(readings, in.Country, in.Region, received)
	for i := range r.States {
		s := r.States[i]
		s.Source, s.Cause = wording.Source(r, &r.States[i]), event.Cause{} // its signals have other places now
		switch {
		case strings.Contains(s.Purpose, ":"):
			out.States = append(out.States, s)
		case strings.HasPrefix(s.Source, event.SuppressionSource), strings.HasPrefix(s.Source, event.WithdrawalSource):
			if k := p.signals.Index(s.Purpose); k >= 0 {
				out.States[k] = s
			}
		}
	}
	return out
}

// StatesOf is what an event says of its consent when a record holds for it.
func (p *Policy) StatesOf(r *event.Record) event.Map { return consentOf(r.States) }
