package consent

import (
	"fmt"
	"slices"
	"sort"

	"headgate/document"
	"headgate/event"
)

// Profile says what redaction leaves of an event, by class of field. What is not said is left as it is.
type Profile struct {
	At        document.Place `yaml:"-"`
	ID        document.Words `yaml:"id" choices:"keep,rotate,drop" help:"ids, sessions and marketing cookies: keep, rotate (another each day and site) or drop" example:"rotate"`
	ClickIDs  document.Words `yaml:"click_ids" choices:"keep,drop" help:"keep or drop" example:"drop"`
	Contact   document.Words `yaml:"contact" choices:"keep,drop" help:"e-mail, phone, names, address: keep or drop" example:"drop"`
	Address   document.Words `yaml:"address" choices:"keep,truncate,drop" help:"the network address: keep, truncate or drop" example:"drop"`
	UserAgent document.Words `yaml:"user_agent" choices:"keep,family,drop" help:"keep, family (browser, system and kind of device only) or drop" example:"family"`
	Screen    document.Words `yaml:"screen" choices:"keep,drop" help:"screen and viewport: keep or drop" example:"drop"`
	Geo       document.Words `yaml:"geo" choices:"keep,region,country,drop" help:"keep, region, country or drop" example:"country"`
	Referrer  document.Words `yaml:"referrer" choices:"keep,query,origin,drop" help:"keep, query (as page addresses are), origin or drop" example:"origin"`
	Campaign  document.Words `yaml:"campaign" choices:"keep,drop" help:"keep or drop" example:"keep"`
	Query     *Names         `yaml:"query" help:"the keys that stay in the query of an address; all when left out" example:"[utm_source, page]"`
	Params    *Names         `yaml:"params" help:"the parameters that stay; all but identifying ones when left out" example:"[value, currency]"`
	Items     document.Words `yaml:"items" choices:"keep,drop" help:"keep or drop" example:"keep"`
	Only      *Names         `yaml:"only" help:"the fields that stay, whatever else is said; id, name, time and source always do" example:"[page.host]"`
}

// utmKeys are the keys of a query that tell a campaign and nobody apart.
var utmKeys = []string{"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "page"}

func builtInProfiles() map[string]*Profile {
	w := func(s string) document.Words { return document.Words{Value: s} }
	utm, none := words(utmKeys...), Names{}
	host := words("page.host", "geo.country")
	return map[string]*Profile{
		"cookieless": {ID: w("drop"), ClickIDs: w("drop"), Contact: w("drop"), Address: w("drop"), UserAgent: w("family"),
			Screen: w("drop"), Geo: w("region"), Referrer: w("query"), Query: &utm},
		// The French regulator's conditions for a proxy (7 June 2022): no address; coarse location; an id made here that
		// changes with time; no external referrer; no parameters in addresses; a common user agent; no lasting or
		// cross-site id.
		"cnil_proxy": {ID: w("rotate"), ClickIDs: w("drop"), Contact: w("drop"), Address: w("drop"), UserAgent: w("family"),
			Screen: w("drop"), Geo: w("country"), Referrer: w("origin"), Campaign: w("drop"), Query: &none},
		"aggregate": {ID: w("drop"), ClickIDs: w("drop"), Contact: w("drop"), Address: w("drop"), UserAgent: w("drop"),
			Screen: w("drop"), Geo: w("country"), Referrer: w("drop"), Campaign: w("drop"), Query: &none, Items: w("drop"),
			Only: &host},
	}
}

func (c *Config) compileProfiles(ms *document.Mistakes) map[string]*Profile {
	profiles := builtInProfiles()
	for i := range c.Redact {
		e := &c.Redact[i]
		if builtIn := builtInProfiles()[e.Key]; builtIn != nil {
			ms.Add(e.At, fmt.Sprintf("the redaction profile %q is built in", e.Key), "choose another name")
			continue
		}
		e.Value.check(ms)
		profiles[e.Key] = &e.Value
	}
	return profiles
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
			oneOf(ms, s.name, s.value, s.takes...)
		}
	}
	if p.Only != nil {
		for _, w := range *p.Only {
			if !slices.Contains(fieldPaths(), w.Value) {
				ms.Add(w.At, fmt.Sprintf("no field is called %q", w.Value), suggestion(w.Value, fieldPaths()))
			}
		}
	}
}

func (p *Policy) profileNames() []string {
	names := make([]string, 0, len(p.profiles))
	for name := range p.profiles {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func fieldPaths() []string {
	paths := make([]string, len(event.Fields))
	for i := range event.Fields {
		paths[i] = event.Fields[i].Path
	}
	return paths
}
