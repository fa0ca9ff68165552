// Package consent answers one question: may this destination have this event? Signals (what the page states, consent
// cookies, TCF, GPP, US Privacy, GPC, Google consent mode) and the visitor's region become a state per purpose; the states
// and a destination's needs become an outcome with one plain sentence why. Signals are read by signals, people are known by people,
// what has to be taken out of an event is taken out by personal; this package decides what each of them means.
//
// It promises: any refusal beats any grant, silence is treated by the strict rule, what cannot be read grants nothing, and
// the same input always gives the same answer. It never does I/O, never logs, and never panics on what a browser sends.
package consent

import (
	"slices"
	"sync"
	"time"

	"headgate/consent/people"
	"headgate/consent/signals"
	"headgate/document"
	"headgate/event"
	"headgate/event/wire"
)

// New compiles a configuration. See Expect for the needs of the destinations.
func New(c Config, needs ...Need) (*Policy, document.Mistakes) {
	var ms document.Mistakes
	p := &Policy{
		monitor: c.Mode.Value == "monitor",
		first:   c.Combine.Value == "first",
		maxAge:  c.MaxAge.Std(),
		maxDays: days(c.MaxAge.Std()),
	}
	c.check(&ms)
	p.signals.P1Free = map[string]bool{}
	p.signals.Purposes = c.compilePurposes(&ms)
	p.signals.Ranks = c.compileSources(&ms)
	p.regions = c.Regions.Compile(&ms)
	c.compileCMPs(&p.signals, p.suggest, &ms)
	p.Personal.Profiles = c.compileProfiles(&ms)
	p.scrub = c.compileScrub(&ms)
	for _, country := range c.P1NotRequired {
		p.signals.P1Free[wire.Country(country.Value)] = true
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
	in := signals.Inputs{Country: wire.Country(e.Geo.Country), Region: e.Geo.Region, Foreign: h.From == event.ForeignPage}
	p.signals.Collect(&in, h, e, p.Personal.Blocks)
	sum := in.Sum(p.resolved.seed())
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
	e.Consent = append(make(event.Map, 0, len(states)), states...) // the event's own: others must not see what is done to it
	e.Signals = r.raw
	return record
}

// UnreadCookies calls found with the name of each cookie of a header that looks like the answer of a consent tool and that is
// not read.
func (p *Policy) UnreadCookies(header string, found func(name string)) {
	p.signals.UnreadCookies(header, found)
}

// desk is where a conclusion is worked out. Desks are reused: of what one holds, a conclusion keeps only the list of inputs.
type desk struct {
	in       signals.Inputs
	readings []signals.Reading
}

var desks = sync.Pool{New: func() any { return new(desk) }}

// resolve concludes from inputs, of which it keeps a copy.
func (p *Policy) resolve(from *signals.Inputs, now time.Time) *resolution {
	d := desks.Get().(*desk)
	defer d.clear()
	d.in = from.Clone()
	in := &d.in
	d.readings = p.signals.ReadInto(d.readings[:0], in)
	record, age := p.conclude(d.readings, in.Country, in.Region, now)
	r := &resolution{list: in.All(), country: in.Country, region: in.Region, crowded: in.Crowded, foreign: in.Foreign,
		record: record, consent: consentOf(record.States), age: age}
	if p.PassOn {
		r.raw = in.Raw()
	}
	return r
}

func (d *desk) clear() {
	clear(d.readings)
	d.in = signals.Inputs{}
	desks.Put(d)
}
