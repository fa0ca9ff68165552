package enrich

import (
	"strings"

	"headgate/enrich/session"
	"headgate/enrich/signature"
	"headgate/event"
	"headgate/event/wire"
)

// Visit is one hit while its events are enriched: what they share is read once. It belongs to one goroutine.
type Visit struct {
	en    *Enricher
	hit   *event.Hit
	agent *agent
	jar   jar

	address  string // the hit's, as text
	geo      event.Geo
	located  bool // geo was looked up
	given    bool // the jar's cookies belong to an event
	language string
	referer  string
	browser  string // the user agent
	hints    hints
	prefetch bool
	fetched  bool // it says how the request came about: Sec-Fetch-Site and the like

	signed  bool // there are headers of a signature
	checked bool // result is that of the signature
	result  signature.Result
	doubted doubt // what speaks against a person's browser

	strangers []*event.Event // events that a server sent for a visitor elsewhere
	lent      []*event.Event // events whose client id or session is the cookies'
	stored    stored         // what our cookie holds, or is to hold
	granted   bool           // an event may have an id
	refused   bool           // an event may not

	clicks    []click // what our cookie of clicks holds, or is to hold
	clicked   bool    // there is a new one
	credited  bool    // an event may have clicks
	clickless bool    // an event may not

	// Of what is off unless the configuration has it.
	linked   bool          // stored came with a link
	session  session.State // of our cookie, with the hit's events
	followed bool          // an event belongs to it
	consents consents      // of the purposes of kept cookies
	fbc, fbp string        // Meta's cookies as the browser is to have them
}

// Visit begins the enrichment of a hit's events. Client has been called on the hit, and its source has read it.
func (en *Enricher) Visit(h *event.Hit) Visit {
	v := Visit{en: en, hit: h}
	if h.Sender == event.Server {
		return v // nothing of its connection is the visitor's
	}
	cookies := h.Cookie
	h.Anonymous = h.Anonymous || en.identity.anonymous
	if h.Anonymous {
		cookies = ""
	}
	v.jar = openJar(cookies, en.identity.cookie, en.identity.clicks)
	for i := range h.Headers {
		switch name, value := h.Headers[i].Name, h.Headers[i].Value; name {
		case "user-agent":
			v.browser = value
		case "accept-language":
			v.language = firstLanguage(value)
		case "referer":
			v.referer = value
		case "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest":
			v.fetched = true
		case "sec-purpose", "purpose", "x-purpose", "x-sec-purpose", "x-moz", "next-router-prefetch":
			v.prefetch = v.prefetch || loadsAhead(value)
		case "signature-input", "signature-agent":
			v.signed = true
		default:
			if strings.HasPrefix(name, "sec-ch-ua") {
				v.hints.note(name, value)
			}
		}
	}
	v.agent = en.agents.read(v.browser)
	v.stored = en.identity.known(v.jar.own, v.jar.client, cookies, h.Received)
	if v.jar.address != "" {
		v.noteAddress()
	}
	if en.identity.keeper != nil {
		v.noteKept()
	}
	return v
}

// firstLanguage returns the language that a browser prefers.
func firstLanguage(accept string) string {
	first, _, _ := strings.Cut(accept, ",")
	first, _, _ = strings.Cut(first, ";")
	first = strings.TrimSpace(first)
	if first == "*" || len(first) > 35 {
		return ""
	}
	return first
}

// Describe fills in all that does not depend on consent, and the id that the browser's cookies hold, which consent's
// suppression list may know and Identify takes back where it is refused.
func (v *Visit) Describe(e *event.Event) {
	if v.relayed(e) {
		v.strangers = append(v.strangers, e)
		v.describeRelayed(e)
	} else {
		v.describeDirect(e)
	}
	describePerson(&e.User)
	if e.Page.URL == "" && isBrowser(v.browser) && strings.Contains(v.referer, "://") {
		e.Page.URL = v.referer // of a request that a page makes, the referring page is that page
	}
	if e.Page.URL != "" {
		if v.en.identity.link != nil {
			v.arrive(e)
		}
		page := wire.CutURL(e.Page.URL)
		describePage(&e.Page, &page)
		describeCampaign(e, &page)
	}
	v.describeReferrer(e)
	v.land(e)
	describeCookies(e, v.cookies())
	describeMeta(e, v.domain, v.hit.Received.UnixMilli())
	v.lend(e)
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
	return e.Device.UserAgent != "" && !isBrowser(v.browser)
}

// describeRelayed takes what the event states, and what follows from that.
func (v *Visit) describeRelayed(e *event.Event) {
	d := &e.Device
	if a, ok := parseAddress(d.IP); ok {
		d.IP = a.String()
		if e.Geo.Country == "" && v.en.database != nil {
			e.Geo = v.en.database.find(a)
		}
	} else {
		d.IP = ""
	}
	if e.Geo.Country = wire.Country(e.Geo.Country); e.Geo.Country == "" {
		e.Geo = event.Geo{} // a location without a country is ignored
	}
	e.Geo.EU = inUnion(e.Geo.Country)
	var a *agent
	if d.UserAgent != "" {
		a = v.en.agents.read(d.UserAgent)
		a.fill(d)
		v.markBot(e, a)
	}
	v.describeRelayedTraffic(e, a)
}

// describeDirect takes what the request says: what a browser says of its address and location is ignored.
func (v *Visit) describeDirect(e *event.Event) {
	if v.address == "" && v.hit.Address.IsValid() && !v.hit.Anonymous {
		v.address = v.hit.Address.String()
	}
	d := &e.Device
	stated := d.Bot
	d.IP = v.address
	e.Geo = v.place()
	a := v.agent
	if v.browser != "" {
		d.UserAgent = v.browser
	} else if d.UserAgent != "" {
		a = v.en.agents.read(d.UserAgent)
	}
	if d.Language == "" {
		d.Language = v.language
	}
	a.fill(d)
	hs, ok := v.en.statedHints(e)
	if !ok {
		hs = v.hints
	}
	v.en.agents.apply(&hs, d)
	v.markBot(e, a)
	v.classify(e, a, stated)
	if v.en.botPolicy == keepBots || d.Bot {
		return
	}
	switch {
	case v.prefetch:
		d.Bot, d.BotName = true, "prefetch"
	case d.UserAgent == "" && v.hit.Sender == event.Browser:
		d.Bot, d.BotName = true, "no user agent"
	}
}

// markBot notes that an event comes from a bot. An HTTP client is one only where nothing but browsers may send: elsewhere it is
// the site's own server.
func (v *Visit) markBot(e *event.Event, a *agent) {
	if a.bot == "" || v.en.botPolicy == keepBots || a.library && v.hit.Sender != event.Browser {
		return
	}
	e.Device.Bot, e.Device.BotName, e.Device.Type = true, a.bot, "bot"
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
		domain = cookieDomain(host)
		en.domains.Add(strings.Clone(host), strings.Clone(domain))
	}
	return domain
}
