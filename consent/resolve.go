package consent

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"headgate/consent/google"
	"headgate/event"
)

// What is said of purposes in records, for short.
const (
	granted = event.Granted
	denied  = event.Denied

	byChoice  = event.ByChoice
	bySignal  = event.BySignal
	byDefault = event.ByDefault
	byPolicy  = event.ByPolicy
)

// resolution is what was concluded from some inputs, and when that holds.
type resolution struct {
	list            []input
	country, region string
	crowded         bool
	foreign         bool

	record  event.Record
	sealed  bool // many events have come with it: the log need not write it anew for each
	consent event.Map
	raw     event.Map // to be passed on
	age     span
}

func (r *resolution) of(in *inputs) bool {
	return r.country == in.country && r.region == in.region && r.crowded == in.crowded && r.foreign == in.foreign && slices.Equal(r.list, in.all())
}

// seal returns the resolution with its form in the log ready.
func (r *resolution) seal() *resolution {
	sealed := *r
	sealed.record.Seal()
	sealed.sealed = true
	return &sealed
}

// desk is where a conclusion is worked out. It is used again: of what lies on it, a conclusion keeps only the list of inputs.
type desk struct {
	in       inputs
	readings []reading
}

var desks = sync.Pool{New: func() any { return new(desk) }}

// resolve concludes from inputs, of which it keeps a copy.
func (p *Policy) resolve(from *inputs, now time.Time) *resolution {
	d := desks.Get().(*desk)
	defer d.clear()
	d.in = from.clone()
	in := &d.in
	d.readings = p.readInto(d.readings[:0], in)
	record, age := p.conclude(d.readings, in.country, in.region, now)
	r := &resolution{list: in.all(), country: in.country, region: in.region, crowded: in.crowded, foreign: in.foreign,
		record: record, consent: consentOf(record.States), age: age}
	if p.PassOn {
		r.raw = in.raw()
	}
	return r
}

func (d *desk) clear() {
	clear(d.readings)
	d.in = inputs{}
	desks.Put(d)
}

// conclude combines readings; age is when their ages are such that the same is concluded again.
func (p *Policy) conclude(readings []reading, country, region string, now time.Time) (record event.Record, age span) {
	age = p.setAside(readings, now)
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
			r.aside = "not honored in " + c.where()
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
		} else if s, ok := v.state(c, p.asked[i], tcs); ok {
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
		if r := &c.readings[i]; r.tc != nil && r.aside == "" && !strings.HasPrefix(r.fault, "unreadable") {
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
			s.State, s.Basis, s.Source = granted, byPolicy, "always"
		case c.objected(i, s):
		case c.said(i, s), c.composed(i, s):
		case i == sharing:
			// Nobody was asked about sharing itself: it goes as ads goes.
			s.State, s.Basis, s.Source = states[ads].State, states[ads].Basis, states[ads].Source
		default:
			c.fill(s)
		}
		if s.Basis != bySignal && i != necessary && !strings.Contains(s.Source, "; ") {
			c.note(i, s)
		}
	}
	if follows := &states[personalizedAds]; states[ads].State == denied && follows.State == granted {
		follows.State, follows.Basis, follows.Source = denied, states[ads].Basis, states[ads].Source
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
			s.State, s.Basis, s.Source = denied, bySignal, c.cited(r, i, false)
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
// Their refusals have been heard: a denied part denies the whole.
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
		s.State, s.Basis, s.Source = denied, byChoice, c.cited(no, i, false)
	case presetNo != nil:
		s.State, s.Basis, s.Source = denied, byDefault, c.cited(presetNo, i, false)
	case yes != nil:
		s.State, s.Basis, s.Source = granted, byChoice, c.cited(yes, i, true)
	case presetYes != nil && c.rule.model == optIn:
		s.State, s.Basis, s.Source = denied, byPolicy, c.where()+"; "+c.cited(presetYes, i, true)+event.ByDefaultOnly
	case presetYes != nil:
		s.State, s.Basis, s.Source = granted, byDefault, c.cited(presetYes, i, true)
	default:
		return false
	}
	return true
}

// fill settles what nobody has spoken about by the region's model.
func (c *conclusion) fill(s *event.State) {
	s.State, s.Basis, s.Source = granted, byPolicy, c.where()
	if c.rule.model == optIn {
		s.State = denied
	}
}

// note adds to the source of a state what was seen that would have decided otherwise, and why it did not.
func (c *conclusion) note(i int, s *event.State) {
	var why string
	switch {
	case s.State == granted:
		why = c.unheeded(i, s.Basis)
	case s.Basis == byPolicy:
		why = c.insufficient(i)
	}
	if why != "" {
		s.Source += "; " + why
	}
}

// named cites a signal as the subject of a sentence.
func (c *conclusion) named(r *reading, i int, yes bool) string {
	name := c.cited(r, i, yes)
	if !r.when.IsZero() {
		name += ","
	}
	return name
}

// unheeded names a refusal that does not bind, or, where silence grants, an answer that cannot be used.
func (c *conclusion) unheeded(i int, basis string) string {
	for k := range c.readings {
		r := &c.readings[k]
		switch {
		case r.denied.has(i) && r.aside != "":
			return c.named(r, i, false) + " denies it but is set aside: " + r.aside
		case r.denied.has(i) && r.optOut:
			return c.named(r, i, false) + " is limited to targeted advertising in " + c.where()
		case r.denied.has(i) && c.policy.first:
			return c.named(r, i, false) + " denies it but a source listed before it counts"
		case r.family == familyDNT && r.value == "1":
			return r.name + " asks not to be tracked but is set aside: " + r.aside
		}
	}
	if basis == byChoice {
		return ""
	}
	for k := range c.readings {
		if r := &c.readings[k]; r.fault != "" {
			return r.name + " grants nothing: " + r.fault
		}
	}
	return ""
}

// insufficient names an answer that would have granted but is set aside, or that grants a part only. Those that cannot be
// read or are too old have reasons of their own.
func (c *conclusion) insufficient(i int) string {
	purpose := &c.policy.purposes[i]
	for k := range c.readings {
		r := &c.readings[k]
		why := cmp.Or(r.aside, r.fault)
		switch part := r.types.granted & purpose.google; {
		case strings.HasPrefix(why, event.Unreadable), strings.HasPrefix(why, event.OlderThan):
		case why != "" && r.granted.has(i):
			return c.named(r, i, true) + " grants it but is set aside: " + why
		case why == "" && part != 0 && purpose.missing(part) != 0:
			b := append(google.AppendNames(append([]byte(r.name), " grants "...), part), " but says nothing of "...)
			return string(google.AppendNames(b, purpose.missing(part)))
		}
	}
	return ""
}

func (c *conclusion) where() string {
	if c.rule == &c.policy.regions.unknown {
		return "unknown region (" + c.rule.model + ")"
	}
	return c.rule.name + " (" + c.rule.model + ")"
}

// conflict describes the first purpose that two used signals disagree about.
func (c *conclusion) conflict() string {
	for i := range c.policy.purposes {
		if i == necessary {
			continue
		}
		var yes, no *reading
		for k := range c.readings {
			r := &c.readings[k]
			if r.grants().has(i) && yes == nil {
				yes = r
			}
			if r.denies().has(i) && no == nil {
				no = r
			}
		}
		if yes != nil && no != nil {
			return c.policy.purposes[i].name + ": granted by " + yes.name + ", denied by " + no.name
		}
	}
	return ""
}
