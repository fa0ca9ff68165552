package enrich

import (
	"strings"

	"headgate/enrich/address"
	"headgate/enrich/agent"
	"headgate/enrich/campaign"
	"headgate/enrich/person"
	"headgate/enrich/place"
	"headgate/event"
	"headgate/event/wire"
)

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
	v.jar = openJar(cookies, en.identity.Cookie, en.identity.clicks)
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
				v.hints.Note(name, value)
			}
		}
	}
	v.agent = en.agents.Read(v.browser)
	v.stored = en.identity.Known(v.jar.own, v.jar.client, cookies, h.Received)
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
	person.Describe(&e.User)
	if e.Page.URL == "" && agent.IsBrowser(v.browser) && strings.Contains(v.referer, "://") {
		e.Page.URL = v.referer // of a request that a page makes, the referring page is that page
	}
	if e.Page.URL != "" {
		if v.en.identity.link != nil {
			v.arrive(e)
		}
		page := wire.CutURL(e.Page.URL)
		describePage(&e.Page, &page)
		campaign.Describe(e, &page)
	}
	campaign.DescribeLanding(e)
	v.describeReferrer(e)
	v.land(e)
	describeCookies(e, v.cookies())
	describeMeta(e, v.domain, v.hit.Received.UnixMilli())
	v.lend(e)
}

// describeRelayed takes what the event states, and what follows from that.
func (v *Visit) describeRelayed(e *event.Event) {
	d := &e.Device
	if a, ok := address.Parse(d.IP); ok {
		d.IP = a.String()
		if e.Geo.Country == "" && v.en.database != nil {
			e.Geo = v.en.database.Find(a)
		}
	} else {
		d.IP = ""
	}
	if e.Geo.Country = wire.Country(e.Geo.Country); e.Geo.Country == "" {
		e.Geo = event.Geo{} // a location without a country is ignored
	}
	e.Geo.EU = place.InUnion(e.Geo.Country)
	var a *agent.Agent
	if d.UserAgent != "" {
		a = v.en.agents.Read(d.UserAgent)
		a.Fill(d)
		v.markBot(e, a)
	}
	v.describeRelayedTraffic(e, a)
}

// describeDirect takes what the request says: what a browser says of its address and location is ignored.
func (v *Visit) describeDirect(e *event.Event) {
	if v.address == "" && v.hit.Address.IsValid() && !v.hit.Anonymous {
		v.address = v.hit.Texts(64).Address(v.hit.Address)
	}
	d := &e.Device
	stated := d.Bot
	d.IP = v.address
	e.Geo = v.place()
	a := v.agent
	if v.browser != "" {
		d.UserAgent = v.browser
	} else if d.UserAgent != "" {
		a = v.en.agents.Read(d.UserAgent)
	}
	if d.Language == "" {
		d.Language = v.language
	}
	a.Fill(d)
	hs, ok := agent.StatedHints(v.en.Blocks, e)
	if !ok {
		hs = v.hints
	}
	v.en.agents.Apply(&hs, d)
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
func (v *Visit) markBot(e *event.Event, a *agent.Agent) {
	if a.Bot == "" || v.en.botPolicy == keepBots || a.Library && v.hit.Sender != event.Browser {
		return
	}
	e.Device.Bot, e.Device.BotName, e.Device.Type = true, a.Bot, "bot"
}
