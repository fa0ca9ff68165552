package consent

import (
	"slices"
	"strings"
	"time"

	"headgate/consent/google"
	"headgate/consent/region"
	"headgate/consent/signals"
	"headgate/event"
)

// conclude combines readings; age is when their ages are such that the same is concluded again.
func (p *Policy) conclude(readings []signals.Reading, country, region string, now time.Time) (record event.Record, age span) {
	age = p.setAside(readings, now)
	for i := range readings {
		readings[i].At = uint8(min(i+1, 255))
	}
	c := conclusion{policy: p, rule: p.rule(readings, country, region), readings: readings}
	c.setAside()
	record = event.Record{Country: country, Region: region, Rule: c.rule.Name, Model: c.rule.Model, Monitor: p.monitor}
	record.States = c.states()
	record.Conflict = c.conflict()
	record.Signals = make([]event.Signal, len(readings))
	for i := range readings {
		record.Signals[i] = readings[i].Signal(&p.signals)
	}
	return record, age
}

// rule finds the region's rule. Where a consent tool or the page believes the visitor to be only ever tightens it.
func (p *Policy) rule(readings []signals.Reading, country, region string) *region.Rule {
	rule := p.regions.Find(country, region)
	for i := range readings {
		if place := readings[i].Place; place != "" && !readings[i].IsAside() {
			country, part, _ := strings.Cut(place, "-")
			if other := p.regions.Find(country, part); other != &p.regions.Unknown && other.Stricter(rule) {
				rule = other
			}
		}
	}
	return rule
}

// conclusion combines the readings into a state per purpose.
type conclusion struct {
	policy   *Policy
	rule     *region.Rule
	readings []signals.Reading
	// publisher is set while the publisher's own part of a TC string is read instead of the rest.
	publisher bool
}

// setAside marks the opt-outs that the region does not honor.
func (c *conclusion) setAside() {
	for i := range c.readings {
		if r := &c.readings[i]; r.OptOut && r.Denies() != 0 && !c.rule.Honors(r.Family) {
			r.Aside.Kind = event.AsideNotHonored
		}
	}
}

// states returns the state of every purpose, then of the vendors that destinations ask for, then, where a TC string has a
// part for the publisher itself, what that part leaves of every purpose.
func (c *conclusion) states() []event.State {
	p := c.policy
	states := c.purposes()
	tcs := c.tcReadings()
	if len(tcs) == 0 || len(p.vendors) == 0 {
		return states
	}
	states = slices.Grow(states, len(p.vendors))
	for i := range p.vendors {
		v := &p.vendors[i]
		if v.Publisher {
			if slices.ContainsFunc(tcs, func(r *signals.Reading) bool { return r.TC.Publisher.Present }) {
				states = append(states, c.publisherStates()...)
			}
		} else if s, ok := vendorState(v, c, p.asked[i], tcs); ok {
			states = append(states, s)
		}
	}
	return states
}

func (c *conclusion) publisherStates() []event.State {
	own := conclusion{policy: c.policy, rule: c.rule, readings: c.readings, publisher: true}
	states := own.purposes()
	for i := range states {
		states[i].Purpose = publisherPrefix + states[i].Purpose
	}
	return states
}

// tcReadings returns the TC strings that were read whole. What one of them refuses counts, also of one that grants nothing.
func (c *conclusion) tcReadings() (out []*signals.Reading) {
	for i := range c.readings {
		if r := &c.readings[i]; r.TC != nil && !r.IsAside() && r.Fault.Kind != event.AsideUnreadable {
			out = append(out, r)
		}
	}
	return out
}

func (c *conclusion) purposes() []event.State {
	p := c.policy
	states := make([]event.State, len(p.signals.Purposes))
	for i := range p.signals.Purposes {
		s := &states[i]
		s.Purpose = p.signals.Purposes[i].Name
		switch {
		case i == signals.AtNecessary:
			s.State, s.Basis, s.Cause.Kind = granted, byPolicy, event.Always
		case c.objected(i, s):
		case c.said(i, s), c.composed(i, s):
		case i == signals.AtSharing:
			// Nobody was asked about sharing itself: it follows ads.
			s.State, s.Basis, s.Source, s.Cause = states[signals.AtAds].State, states[signals.AtAds].Basis, states[signals.AtAds].Source, states[signals.AtAds].Cause
		default:
			c.fill(s)
		}
		if s.Basis != bySignal && i != signals.AtNecessary && s.Cause.Note == event.NoNote {
			c.note(i, s)
		}
	}
	if follows := &states[signals.AtPersonalizedAds]; states[signals.AtAds].State == denied && follows.State == granted {
		follows.State, follows.Basis, follows.Source, follows.Cause = denied, states[signals.AtAds].Basis, states[signals.AtAds].Source, states[signals.AtAds].Cause
	}
	return states
}

// objected looks for an opt-out that the region honours.
func (c *conclusion) objected(i int, s *event.State) bool {
	purpose := &c.policy.signals.Purposes[i]
	if c.rule.Targeted && !purpose.Targeted {
		return false
	}
	for k := range c.readings {
		r := &c.readings[k]
		if r.OptOut && r.Denies().Has(i) {
			s.State, s.Basis, s.Cause = denied, bySignal, c.saying(r, i, false)
			return true
		}
	}
	return false
}

// said combines what was said about a purpose; it reports false when that leaves it unknown.
func (c *conclusion) said(i int, s *event.State) bool {
	var no, yes, presetNo, presetYes *signals.Reading
	note := func(slot **signals.Reading, r *signals.Reading) {
		if *slot == nil {
			*slot = r
		}
	}
	for k := range c.readings {
		r := &c.readings[k]
		if r.OptOut || r.IsAside() {
			continue
		}
		grants, denies := r.Grants(), r.Denies()
		if c.publisher && r.TC != nil && r.TC.Publisher.Present {
			grants, denies = c.policy.signals.TCFGrants(r.TC.Publisher.Consents, r.TC)
			if r.IsFaulty() {
				grants = 0
			}
		}
		preset := r.Presets.Has(i)
		answered := yes != nil || no != nil
		switch {
		case c.policy.first && answered && !preset:
		case denies.Has(i) && preset:
			note(&presetNo, r)
		case denies.Has(i):
			note(&no, r)
		case grants.Has(i) && preset:
			note(&presetYes, r)
		case grants.Has(i):
			note(&yes, r)
		}
	}
	if c.policy.first && (yes != nil || no != nil) {
		presetNo, presetYes = nil, nil
	}
	return c.settle(i, s, no, yes, presetNo, presetYes)
}

// composed puts together what several signals of one family say of the parts of a purpose, where none of them speaks of all.
// Their refusals have been applied already: a denied part denies the whole.
func (c *conclusion) composed(i int, s *event.State) bool {
	purpose := &c.policy.signals.Purposes[i]
	for k := 0; k < len(c.readings); {
		family := c.readings[k].Family
		var types google.Type
		var names []string
		for ; k < len(c.readings) && c.readings[k].Family == family; k++ {
			r := &c.readings[k]
			part := r.Types.Granted &^ r.Types.Presets & purpose.Google
			if r.IsAside() || r.IsFaulty() || part&^types == 0 {
				continue
			}
			types |= part
			names = append(names, string(append(google.AppendNames(append([]byte(r.Name), " ("...), part), ')')))
		}
		if types != 0 && purpose.Missing(types) == 0 {
			s.State, s.Basis, s.Source = granted, byChoice, strings.Join(names, " and ")
			return true
		}
	}
	return false
}

func (c *conclusion) settle(i int, s *event.State, no, yes, presetNo, presetYes *signals.Reading) bool {
	switch {
	case no != nil:
		s.State, s.Basis, s.Cause = denied, byChoice, c.saying(no, i, false)
	case presetNo != nil:
		s.State, s.Basis, s.Cause = denied, byDefault, c.saying(presetNo, i, false)
	case yes != nil:
		s.State, s.Basis, s.Cause = granted, byChoice, c.saying(yes, i, true)
	case presetYes != nil && c.rule.Model == region.OptIn:
		s.State, s.Basis = denied, byPolicy
		s.Cause = event.Cause{Kind: event.ByRule, Note: event.DefaultOnly, Noted: c.cite(presetYes, i, true)}
	case presetYes != nil:
		s.State, s.Basis, s.Cause = granted, byDefault, c.saying(presetYes, i, true)
	default:
		return false
	}
	return true
}

// saying is the cause of a state that a signal brought about.
func (c *conclusion) saying(r *signals.Reading, i int, yes bool) event.Cause {
	return event.Cause{Kind: event.BySaying, Signal: c.cite(r, i, yes)}
}

// fill settles what no signal mentions by the region's model.
func (c *conclusion) fill(s *event.State) {
	s.State, s.Basis, s.Cause.Kind = granted, byPolicy, event.ByRule
	if c.rule.Model == region.OptIn {
		s.State = denied
	}
}
