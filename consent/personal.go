package consent

import (
	"fmt"
	"slices"

	"headgate/consent/personal"
	"headgate/consent/personal/patterns"
	"headgate/document"
	"headgate/event"
)

// What proxy keeps from one step of an event to the next, and what it counts.
type (
	// Origin is an event as it arrived.
	Origin = personal.Origin
	// Scrubbed is the page that was scrubbed last.
	Scrubbed = personal.Scrubbed
	// Findings counts personal data by kind.
	Findings = patterns.Findings
	// Kind is a kind of personal data.
	Kind = patterns.Kind
)

// Counted is what insight has of an event that it counts with its visitor.
func Counted() *personal.Profile { return personal.Counted() }

// Arrival is an event of a hit, and what it is asked for.
type Arrival struct {
	Hit   *event.Hit
	Event *event.Event
	IDs   []event.Identifier // who it is about; see IDs
	Needs []*Need            // of the destinations
	From  *Origin            // the event as it arrived
	Page  *Scrubbed          // of the event before it
}

// Decided is what consent says about an event.
type Decided struct {
	Record   event.Record
	Outcomes []event.Outcome // by Needs: may that destination have it?
	Found    Findings        // personal data that was taken out
}

// Decide is all that consent has to do with an event on its way to the log: it resolves the signals, judges by them who may have
// the event, and takes personal data out of the places where a site does not expect any, so that no rule can copy it. The event
// and its origin are changed; the memory of the outcomes in d is used again.
func (p *Policy) Decide(a *Arrival, d *Decided) {
	d.Record = p.ResolveFor(a.Hit, a.Event, a.IDs)
	d.Outcomes = d.Outcomes[:0]
	for _, n := range a.Needs {
		d.Outcomes = append(d.Outcomes, p.Judge(&d.Record, n))
	}
	granted, _ := a.Event.Consent.Get(Ads).Bool()
	a.From.Clicks = granted || p.monitor
	d.Found = p.scrub.Event(a.Event, a.From, a.Page)
}

// Redact returns a copy of an event without what a profile takes out; the original stays as it is. Origin is how the event came,
// nil when that is no longer known. An unknown profile leaves what aggregate does.
func (p *Policy) Redact(e *event.Event, profile string, from *Origin) event.Event {
	return p.Personal.Redact(e, p.Personal.Profile(profile), from)
}

// Impersonal returns what a vendor said of some events as a log may hold it: without what identifies the visitor.
func Impersonal(words string, about []*event.Event) string { return personal.Impersonal(words, about) }

// Profile is a redaction profile as it is written: what stays of an event, by class of field. What is left out stays as it is.
type Profile struct {
	At        document.Place     `yaml:"-"`
	ID        document.Words     `yaml:"id" choices:"keep,rotate,drop" help:"ids, sessions and marketing cookies: keep, rotate (another each day and site) or drop" example:"rotate"`
	ClickIDs  document.Words     `yaml:"click_ids" choices:"keep,drop" help:"keep or drop" example:"drop"`
	Contact   document.Words     `yaml:"contact" choices:"keep,drop" help:"e-mail, phone, names, address: keep or drop" example:"drop"`
	Address   document.Words     `yaml:"address" choices:"keep,truncate,drop" help:"the network address: keep, truncate or drop" example:"drop"`
	UserAgent document.Words     `yaml:"user_agent" choices:"keep,family,drop" help:"keep, family (browser, system and kind of device only) or drop" example:"family"`
	Screen    document.Words     `yaml:"screen" choices:"keep,drop" help:"screen and viewport: keep or drop" example:"drop"`
	Geo       document.Words     `yaml:"geo" choices:"keep,region,country,drop" help:"keep, region, country or drop" example:"country"`
	Referrer  document.Words     `yaml:"referrer" choices:"keep,query,origin,drop" help:"keep, query (as page addresses are), origin or drop" example:"origin"`
	Campaign  document.Words     `yaml:"campaign" choices:"keep,drop" help:"keep or drop" example:"keep"`
	Query     *document.WordList `yaml:"query" help:"the keys that stay in the query of an address; all when left out" example:"[utm_source, page]"`
	Params    *document.WordList `yaml:"params" help:"the parameters that stay; all but identifying ones when left out" example:"[value, currency]"`
	Items     document.Words     `yaml:"items" choices:"keep,drop" help:"keep or drop" example:"keep"`
	Only      *document.WordList `yaml:"only" help:"the fields that stay, whatever else is said; id, name, time and source always do" example:"[page.host]"`
}

func (p *Profile) compile() *personal.Profile {
	how := func(w document.Words) personal.How { return personal.How(w.Value) }
	return &personal.Profile{ID: how(p.ID), ClickIDs: how(p.ClickIDs), Contact: how(p.Contact), Address: how(p.Address),
		UserAgent: how(p.UserAgent), Screen: how(p.Screen), Geo: how(p.Geo), Referrer: how(p.Referrer), Campaign: how(p.Campaign),
		Items: how(p.Items), Query: allowed(p.Query), Params: allowed(p.Params), Only: allowed(p.Only)}
}

func allowed(ns *document.WordList) personal.Allowed {
	if ns == nil {
		return nil
	}
	return ns.Values()
}

func (p *Profile) check(ms *document.Mistakes) {
	for _, s := range []struct {
		name  string
		value document.Words
		takes []string
	}{
		{"id", p.ID, []string{"keep", "rotate", "drop"}},
		{"click_ids", p.ClickIDs, []string{"keep", "drop"}},
		{"contact", p.Contact, []string{"keep", "drop"}},
		{"address", p.Address, []string{"keep", "truncate", "drop"}},
		{"user_agent", p.UserAgent, []string{"keep", "family", "drop"}},
		{"screen", p.Screen, []string{"keep", "drop"}},
		{"geo", p.Geo, []string{"keep", "region", "country", "drop"}},
		{"referrer", p.Referrer, []string{"keep", "query", "origin", "drop"}},
		{"campaign", p.Campaign, []string{"keep", "drop"}},
		{"items", p.Items, []string{"keep", "drop"}},
	} {
		if s.value.Value != "" {
			s.value.CheckOneOf(ms, s.name, s.takes...)
		}
	}
	if p.Only != nil {
		for _, w := range *p.Only {
			if !slices.Contains(fieldPaths(), w.Value) {
				ms.Add(w.At, fmt.Sprintf("no field is called %q", w.Value), document.Suggestion(w.Value, fieldPaths()))
			}
		}
	}
}

func fieldPaths() []string {
	paths := make([]string, len(event.Fields))
	for i := range event.Fields {
		paths[i] = event.Fields[i].Path
	}
	return paths
}
