package enrich

import (
	"slices"
	"strings"

	"headgate/enrich/agent"
	"headgate/enrich/cookie"
	"headgate/enrich/identity"
	"headgate/enrich/keeper"
	"headgate/enrich/place"
	"headgate/enrich/session"
	"headgate/enrich/signature"
	"headgate/enrich/traffic"
	"headgate/event"
	"headgate/event/keys"
)

// Visit is one hit while its events are enriched: what they share is read once. It belongs to one goroutine.
type Visit struct {
	en    *Enricher
	hit   *event.Hit
	agent *agent.Agent
	jar   jar

	address  string // the hit's, as text
	geo      event.Geo
	located  bool // geo was looked up
	given    bool // the jar's cookies belong to an event
	language string
	referer  string
	browser  string // the user agent
	hints    agent.Hints
	prefetch bool
	fetched  bool // it says how the request came about: Sec-Fetch-Site and the like

	signed  bool // there are headers of a signature
	checked bool // result is that of the signature
	result  signature.Result
	doubted traffic.Doubt // what speaks against a person's browser

	strangers []*event.Event  // events that a server sent for a visitor elsewhere
	lent      []*event.Event  // events whose client id or session is the cookies'
	stored    identity.Stored // what our cookie holds, or is to hold
	granted   bool            // an event may have an id
	refused   bool            // an event may not

	clicks    []click  // what our cookie of clicks holds, or is to hold
	landed    [1]click // room for what most landing pages bring
	clicked   bool     // there is a new one
	credited  bool     // an event may have clicks
	clickless bool     // an event may not

	// Of what is off unless the configuration has it.
	linked   bool          // stored came with a link
	session  session.State // of our cookie, with the hit's events
	followed bool          // an event belongs to it
	consents consents      // of the purposes of kept cookies
	fbc, fbp string        // Meta's cookies as the browser is to have them
}

// relayed reports whether an event was sent on behalf of a visitor elsewhere, so that the connection's address and user agent
// are not the visitor's: by a server of the site, or by someone unknown who is no browser and states a user agent.
func (v *Visit) relayed(e *event.Event) bool {
	switch v.hit.Sender {
	case event.Server:
		return true
	case event.Browser:
		return false
	}
	return e.Device.UserAgent != "" && !agent.IsBrowser(v.browser)
}

// cookies returns the marketing cookies for one more event. Each event has its own: a rule may change them.
func (v *Visit) cookies() event.Map {
	if !v.given {
		v.given = true
		return v.jar.marketing
	}
	return v.jar.marketing.Clone()
}

// domain is the cookieDomain of the host that the hit came to.
func (v *Visit) domain() string { return v.en.domainOf(v.hit.Host) }

// domainOf is the cookieDomain of a host. Sites have few hosts, so that most are known.
func (en *Enricher) domainOf(host string) string {
	domain, ok := en.domains.Get(host)
	if !ok {
		domain = cookie.Domain(host)
		en.domains.Add(strings.Clone(host), strings.Clone(domain))
	}
	return domain
}

// place returns where the hit came from.
func (v *Visit) place() event.Geo {
	if v.located {
		return v.geo
	}
	v.located = true
	if v.hit.Trusted {
		v.geo = v.en.geo.Read(v.hit.Headers)
	}
	if db := v.en.database; db != nil && (v.geo.Country == "" || v.geo.City == "") {
		if found := db.Find(v.hit.Address); v.geo.Country == "" || v.geo.Country == found.Country {
			v.geo = place.Filled(v.geo, found)
		}
	}
	v.geo.EU = place.InUnion(v.geo.Country)
	return v.geo
}

func setCookie(text string) event.Header { return event.Header{Name: "Set-Cookie", Value: text} }

// click is one click id that a browser arrived with.
type click struct {
	id    *keys.ClickID
	at    int64 // unix seconds
	value string
}

// consents is what the events of a hit say of the purposes that kept cookies need.
type consents struct {
	asked   bool
	refused []string
}

// note takes the resolved consent of one event. One refusal beats every grant.
func (c *consents) note(e *event.Event) {
	c.asked = true
	for _, purpose := range keeper.Purposes() {
		if granted, _ := e.Consent.Get(purpose).Bool(); !granted && !slices.Contains(c.refused, purpose) {
			c.refused = append(c.refused, purpose)
		}
	}
}

func (c *consents) granted() []string {
	return slices.DeleteFunc(keeper.Purposes(), func(purpose string) bool { return slices.Contains(c.refused, purpose) })
}

// reach returns the domain of the cookies that an answer sets, and whether they are for HTTPS only.
func (v *Visit) reach(site string) (domain string, secure bool) {
	if site == "" {
		site = v.domain()
	}
	return site, v.hit.Scheme == "https"
}
