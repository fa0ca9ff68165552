// Package consent answers one question: may this destination have this event? Signals (what the page states, consent
// cookies, TCF, GPP, US Privacy, GPC, Google consent mode) and the visitor's region become a state per purpose; the states
// and a destination's needs become an outcome with one plain sentence why. What has to be taken out of an event is taken out
// by personal; this package says what that is (personal.go).
//
// It promises: any refusal beats any grant, silence is treated by the strict rule, what cannot be read grants nothing, and
// the same input always gives the same answer. It never does I/O, never logs, and never panics on what a browser sends.
package consent

import (
	"slices"
	"time"

	"headgate/consent/people"
	"headgate/consent/personal"
	"headgate/document"
	"headgate/event"
	"headgate/event/wire"
)

// Policy is the consent section of one configuration, compiled. It is safe for concurrent use. The exported fields are
// set before its first use and left alone afterwards.
type Policy struct {
	// Suppression is the list of those who must not be tracked, consulted when an event arrives and before it is sent; nil
	// suppresses nobody.
	Suppression *people.Suppression
	// PassOn keeps the strings of consent standards with the event, as they arrived, for destinations that take them.
	PassOn bool
	// Personal takes personal data out of events.
	Personal personal.Redactor

	monitor  bool
	first    bool // combine: first
	purposes []purpose
	ranks    map[string]int // family of a signal → its place in `sources`
	regions  regions
	maps     map[string]categoryMap // CMP → the site's own map
	cookies  map[string]*format
	prefixes []prefixed
	mayBe    sieve
	p1Free   map[string]bool // publisher countries where TCF purpose 1 needs no consent
	maxAge   time.Duration
	vendors  []Vendor // that destinations ask for
	asked    []string // their keys
	scrub    personal.Scrubbing

	resolved cache
}

// New compiles a configuration. See Expect for the needs of the destinations.
func New(c Config, needs ...Need) (*Policy, document.Mistakes) {
	var ms document.Mistakes
	p := &Policy{
		monitor: c.Mode.Value == "monitor",
		first:   c.Combine.Value == "first",
		maxAge:  c.MaxAge.Std(),
		p1Free:  map[string]bool{},
	}
	c.check(&ms)
	p.purposes = c.compilePurposes(&ms)
	p.ranks = c.compileSources(&ms)
	p.regions = c.Regions.compile(&ms)
	p.compileCMPs(c.CMP, &ms)
	p.Personal.Profiles = c.compileProfiles(&ms)
	p.scrub = c.compileScrub(&ms)
	for _, country := range c.P1NotRequired {
		p.p1Free[wire.Country(country.Value)] = true
	}
	p.Expect(needs...)
	return p, ms
}

// Expect names the needs of the destinations, before the policy's first use: the permission of the TCF vendors in them is
// looked up when an event arrives. A vendor that is not among them counts as refused wherever there is a TC string.
func (p *Policy) Expect(needs ...Need) {
	for i := range needs {
		if v := needs[i].Vendor; isNamed(&v) && !slices.Contains(p.asked, vendorKey(&v)) {
			p.vendors = append(p.vendors, v)
			p.asked = append(p.asked, vendorKey(&v))
		}
	}
}

// Purposes returns the names of all purposes: the six, then the site's own.
func (p *Policy) Purposes() []string {
	names := make([]string, len(p.purposes))
	for i := range p.purposes {
		names[i] = p.purposes[i].name
	}
	return names
}

// Resolve concludes from all signals of a hit and an event what was granted and what was not, and puts it into e.Consent.
// Dates are compared with the time the hit arrived. The slices of the record are shared and must not be changed.
func (p *Policy) Resolve(h *event.Hit, e *event.Event) event.Record {
	return p.ResolveFor(h, e, p.IDs(e))
}

// IDs are those that an event itself says it is about; none while nobody is suppressed.
func (p *Policy) IDs(e *event.Event) []event.Identifier {
	if p.Suppression.Changes() == 0 {
		return nil
	}
	who := people.WhoOf(e)
	return p.Suppression.Hasher.Append(nil, &who)
}

// ResolveFor is Resolve for an event of which more is known about who it is about than it says itself, such as the browser's
// cookie: it is looked for on the suppression list by these identifiers.
func (p *Policy) ResolveFor(h *event.Hit, e *event.Event, ids []event.Identifier) event.Record {
	in := inputs{country: wire.Country(e.Geo.Country), region: e.Geo.Region, foreign: h.From == event.ForeignPage}
	p.collect(&in, h, e)
	sum := in.sum(p.resolved.seed())
	r := p.resolved.get(sum)
	if r == nil || !r.of(&in) || !r.age.holds(h.Received) {
		r = p.resolve(&in, h.Received)
		p.resolved.put(sum, r)
	}
	record, states := r.record, r.consent
	if p.Suppression.Changes() > 0 { // the usual case costs nothing
		if why := p.Suppression.Match(ids, time.Time{}); why != nil {
			record = p.suppressed(record, why)
			states = consentOf(record.States)
		}
	}
	e.Consent = append(make(event.Map, 0, len(states)), states...)
	e.Signals = r.raw
	return record
}
