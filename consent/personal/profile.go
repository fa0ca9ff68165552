package personal

import (
	"slices"

	"headgate/event/keys"
)

// Profile says what Redact leaves of an event, by class of field. The zero Profile leaves everything.
type Profile struct {
	ID        How // ids, sessions and marketing cookies: Keep, Rotate or Drop
	ClickIDs  How // Keep or Drop
	Contact   How // Keep or Drop
	Address   How // the network address: Keep, Truncate or Drop
	UserAgent How // Keep, Family or Drop
	Screen    How // screen and viewport: Keep or Drop
	Geo       How // Keep, Region, Country or Drop
	Referrer  How // Keep, Query, SchemeHost or Drop
	Campaign  How // Keep or Drop
	Items     How // Keep or Drop

	Query  Allowed // the keys in the query of an address
	Params Allowed
	Only   Allowed // paths of fields; id, name, time and the like always stay
}

// How is how much of a class of fields stays, in the words of the configuration. The empty one keeps all.
type How string

// What may be said of a class of fields.
const (
	Keep       How = "keep"
	Drop       How = "drop"
	Rotate     How = "rotate"   // another id each day and site
	Truncate   How = "truncate" // the network of an address
	Family     How = "family"   // browser, system and kind of device only
	Region     How = "region"
	Country    How = "country"
	Query      How = "query"  // only the keys that are allowed in the query of an address
	SchemeHost How = "origin" // https://www.example.com/
)

// Allowed are the names that stay; nil allows all of them, an empty list none.
type Allowed []string

func (a Allowed) has(name string) bool { return a == nil || slices.Contains(a, name) }

// utmKeys are the keys of a query that name a campaign and identify nobody.
var utmKeys = Allowed{"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "page"}

// BuiltIn returns the profiles that every configuration has, by name.
func BuiltIn() map[string]*Profile {
	return map[string]*Profile{
		"cookieless": {ID: Drop, ClickIDs: Drop, Contact: Drop, Address: Drop, UserAgent: Family, Screen: Drop, Geo: Region,
			Referrer: Query, Query: utmKeys},
		// The French regulator's conditions for a proxy (7 June 2022): no address; coarse location; an id made here that
		// changes with time; no external referrer; no parameters in addresses; a common user agent; no lasting or
		// cross-site id.
		"cnil_proxy": {ID: Rotate, ClickIDs: Drop, Contact: Drop, Address: Drop, UserAgent: Family, Screen: Drop, Geo: Country,
			Referrer: SchemeHost, Campaign: Drop, Query: Allowed{}},
		"aggregate": {ID: Drop, ClickIDs: Drop, Contact: Drop, Address: Drop, UserAgent: Drop, Screen: Drop, Geo: Country,
			Referrer: Drop, Campaign: Drop, Query: Allowed{}, Items: Drop, Only: Allowed{"page.host", "geo.country"}},
	}
}

// Counted is what insight has of an event that it counts with its visitor: which browser, what it did and where it came from.
func Counted() *Profile {
	return &Profile{Contact: Drop, Address: Drop, UserAgent: Family, Screen: Drop, Geo: Country, Referrer: SchemeHost, Query: Allowed{},
		Params: Allowed{"value", "currency", "transaction_id", "search_term"},
		Only: Allowed{"user.client_id", "page.path", "page.referrer_class", "campaign.source", "campaign.medium", "campaign.name", "campaign.click_ids",
			"geo.country", "device.type", "device.bot", "traffic.class", "params", "items"}}
}

// gone are the meanings of the keys that go.
func (p *Profile) gone() (m keys.Meaning) {
	if p.ID == Drop || p.ID == Rotate {
		m |= keys.ID
	}
	if p.Contact == Drop {
		m |= keys.Contact
	}
	if p.ClickIDs == Drop {
		m |= keys.Click
	}
	if p.Address == Drop {
		m |= keys.Address
	}
	if p.UserAgent == Drop || p.UserAgent == Family {
		m |= keys.Agent
	}
	return m
}

// lookedFor are the meanings of the keys whose values are looked for in other texts: those that go, and the address where
// it is truncated although its key stays.
func (p *Profile) lookedFor() keys.Meaning {
	if p.Address == Truncate {
		return p.gone() | keys.Address
	}
	return p.gone()
}
