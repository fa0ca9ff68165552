package consent

import (
	"slices"
	"strings"
	"time"

	"headgate/consent/google"
	"headgate/event"
)

// conclude combines readings; age is when their ages are such that the same is concluded again.
func (p *Policy) conclude(readings []reading, country, region string, now time.Time) (record event.Record, age span) {
	age = p.setAside(readings, now)
	for i := range readings {
		readings[i].at = uint8(min(i+1, 255))
	}
	c := conclusion{policy: p, rule: p.rule(readings, country, region), readings: readings}
	c.setAside()
	record = event.Record{Country: country, Region: region, Rule: c.rule.name, Model: c.rule.model, Monitor: p.monitor}
	record.States = c.states()
	record.Conflict = c.conflict()
	record.Signals = make([]event.Signal, len(readings))
	for i := range readings {
		record.Signals[i] = readings[i].signal(p)
	}
	return record, age
}

// rule finds the region's rule. Where a consent tool or the page believes the visitor to be only ever tightens it.
func (p *Policy) rule(readings []reading, country, region string) *regionRule {
	rule := p.regions.find(country, region)
	for i := range readings {
		if place := readings[i].place; place != "" && readings[i].aside == "" {
			country, part, _ := strings.Cut(place, "-")
			if other := p.regions.find(country, part); other != &p.regions.unknown && other.stricter(rule) {
				rule = other
			}
		}
	}
	return rule
}

// conclusion combines the readings into a state per purpose.
type conclusion struct {
	policy   *Policy
	rule     *regionRule
	readings []reading
	// publisher is set while the publisher's own part of a TC string is read instead of the rest.
	publisher bool
}

// setAside marks the opt-outs that the region does not honor.
func (c *conclusion) setAside() {
	for i := range c.readings {
		if r := &c.readings[i]; r.optOut && r.denies() != 0 && !c.rule.honor[r.family] {
			r.aside = "not honored in " + c.rule.title()
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
			if slices.ContainsFunc(tcs, func(r *reading) bool { return r.tc.Publisher.Present }) {
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
func (c *conclusion) tcReadings() (out []*reading) {
	for i := range c.readings {
		if r := &c.readings[i]; r.tc != nil && r.aside == "" && !strings.HasPrefix(r.fault, event.Unreadable) {
			out = append(out, r)
		}
	}
	return out
}

func (c *conclusion) purposes() []event.State {
	p := c.policy
	states := make([]event.State, len(p.purposes))
	for i := range p.purposes {
		s := &states[i]
		s.Purpose = p.purposes[i].name
		switch {
		case i == necessary:
			s.State, s.Basis, s.Cause.Kind = granted, byPolicy, event.Always
		case c.objected(i, s):
		case c.said(i, s), c.composed(i, s):
		case i == sharing:
			// Nobody was asked about sharing itself: it follows ads.
			s.State, s.Basis, s.Source, s.Cause = states[ads].State, states[ads].Basis, states[ads].Source, states[ads].Cause
		default:
			c.fill(s)
		}
		if s.Basis != bySignal && i != necessary && s.Cause.Note == event.NoNote {
			c.note(i, s)
		}
	}
	if follows := &states[personalizedAds]; states[ads].State == denied && follows.State == granted {
		follows.State, follows.Basis, follows.Source, follows.Cause = denied, states[ads].Basis, states[ads].Source, states[ads].Cause
	}
	return states
}

// objected looks for an opt-out that the region honours.
func (c *conclusion) objected(i int, s *event.State) bool {
	purpose := &c.policy.purposes[i]
	if c.rule.targeted && !purpose.targeted {
		return false
	}
	for k := range c.readings {
		r := &c.readings[k]
		if r.optOut && r.denies().has(i) {
			s.State, s.Basis, s.Cause = denied, bySignal, c.saying(r, i, false)
			return true
		}
	}
	return false
}

// said combines what was said about a purpose; it reports false when that leaves it unknown.
func (c *conclusion) said(i int, s *event.State) bool {
	var no, yes, presetNo, presetYes *reading
	note := func(slot **reading, r *reading) {
		if *slot == nil {
			*slot = r
		}
	}
	for k := range c.readings {
		r := &c.readings[k]
		if r.optOut || r.aside != "" {
			continue
		}
		grants, denies := r.grants(), r.denies()
		if c.publisher && r.tc != nil && r.tc.Publisher.Present {
			grants, denies = c.policy.tcfGrants(r.tc.Publisher.Consents, r.tc)
			if r.fault != "" {
				grants = 0
			}
		}
		preset := r.presets.has(i)
		answered := yes != nil || no != nil
		switch {
		case c.policy.first && answered && !preset:
		case denies.has(i) && preset:
			note(&presetNo, r)
		case denies.has(i):
			note(&no, r)
		case grants.has(i) && preset:
			note(&presetYes, r)
		case grants.has(i):
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
	purpose := &c.policy.purposes[i]
	for k := 0; k < len(c.readings); {
		family := c.readings[k].family
		var types google.Type
		var names []string
		for ; k < len(c.readings) && c.readings[k].family == family; k++ {
			r := &c.readings[k]
			part := r.types.granted &^ r.types.presets & purpose.google
			if r.aside != "" || r.fault != "" || part&^types == 0 {
				continue
			}
			types |= part
			names = append(names, string(append(google.AppendNames(append([]byte(r.name), " ("...), part), ')')))
		}
		if types != 0 && purpose.missing(types) == 0 {
			s.State, s.Basis, s.Source = granted, byChoice, strings.Join(names, " and ")
			return true
		}
	}
	return false
}

func (c *conclusion) settle(i int, s *event.State, no, yes, presetNo, presetYes *reading) bool {
	switch {
	case no != nil:
		s.State, s.Basis, s.Cause = denied, byChoice, c.saying(no, i, false)
	case presetNo != nil:
		s.State, s.Basis, s.Cause = denied, byDefault, c.saying(presetNo, i, false)
	case yes != nil:
		s.State, s.Basis, s.Cause = granted, byChoice, c.saying(yes, i, true)
	case presetYes != nil && c.rule.model == optIn:
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
func (c *conclusion) saying(r *reading, i int, yes bool) event.Cause {
	return event.Cause{Kind: event.BySaying, Signal: c.cite(r, i, yes)}
}

// fill settles what no signal mentions by the region's model.
func (c *conclusion) fill(s *event.State) {
	s.State, s.Basis, s.Cause.Kind = granted, byPolicy, event.ByRule
	if c.rule.model == optIn {
		s.State = denied
	}
}
