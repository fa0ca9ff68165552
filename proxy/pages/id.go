package pages

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"headgate/enrich"
	"headgate/event"
	"headgate/event/wire"
	"headgate/proxy/plan"
	"headgate/proxy/refusal"
	"headgate/sources"
)

// idPage is where a page's script has the visitor's cookies renewed before the tags run:
//
//	GET  /id.js                        as the first script of the page: what Safari removed is there again when the next one runs
//	GET  /id?domain=shop.example       Jitsu's idEndpoint
//	GET  /id                           Snowplow's cookieExtensionService
//	POST /id, POST /rsaRequest         RudderStack's useServerSideCookies
//	GET  /id?url=...&referrer=...      what a link from another domain of the owner carries is taken over
//
// The answer is {"stored":true} when an id is kept, with "link" and "domains" where links to other domains carry it. What the page
// states of consent is understood as in an event (?_c=analytics:1). Nothing is logged, and the id itself is never told: scripts
// cannot read it. As far as origins, limits and preflights go it is a source.
type idPage struct {
	*Pages
	path string // "" is none
}

// rudderPath is where RudderStack's script asks unless it is told another address.
const rudderPath = "/rsaRequest"

// Name is not the name of any protocol.
func (idPage) Name() string { return "id" }

// Speakers are browsers: there is nothing to keep for anybody else.
func (idPage) Speakers() event.Sender { return event.Browser }

// Signed is false: anyone may ask.
func (idPage) Signed() bool { return false }

// Claims takes the paths above, unless a source is configured to have them.
func (page idPage) Claims(method, path string) bool {
	switch {
	case page.path == "":
		return false
	case path == page.path:
		return method == "GET" || method == "POST"
	case path == page.path+".js":
		return method == "GET"
	}
	return path == rudderPath && method == "POST"
}

// AllowHeaders are those of a request with a JSON body, and what RudderStack's script sends with it.
func (idPage) AllowHeaders() []string { return []string{"content-type", "authorization"} }

// A request names a few cookies; more than this is none.
const (
	mostIDBody = 32 << 10 // bytes
	mostIDKeys = 64
)

// Read makes an event of what the page states, which is resolved as any event's and never sent.
func (idPage) Read(h *event.Hit) (sources.Reading, error) {
	e := event.Event{Name: "id", Source: "id", Received: h.Received, Time: h.Received}
	var asked enrich.Renewal
	for rest, keys := h.Query, 0; rest != ""; keys++ {
		if keys == mostIDKeys {
			return sources.Reading{}, fmt.Errorf("%w: a request has at most %d parameters", sources.ErrTooLarge, mostIDKeys)
		}
		var key, value string
		_, key, value, rest = wire.CutPair(rest)
		switch key, value = wire.Unescape(key), wire.Unescape(value); key {
		case "domain":
			asked.Jitsu = true // its own cookie domain is the configuration's
		case "url":
			e.Page.URL = value
		case "referrer":
			e.Page.Referrer = value
		case "":
		default:
			e.Params.Set(key, event.String(value)) // _c, gdpr_consent, gpp and the like
		}
	}
	if len(h.Body) > mostIDBody {
		return sources.Reading{}, fmt.Errorf("%w: a body has at most %d bytes", sources.ErrTooLarge, mostIDBody)
	}
	if len(h.Body) > 0 {
		var body struct {
			Data struct {
				Cookies []enrich.SDKCookie `json:"cookies"`
			} `json:"data"`
		}
		if err := json.Unmarshal(h.Body, &body); err != nil {
			return sources.Reading{}, fmt.Errorf("%w: the body is no JSON object of cookies to set", sources.ErrMalformed)
		}
		if len(body.Data.Cookies) > mostIDKeys {
			return sources.Reading{}, fmt.Errorf("%w: a request has at most %d cookies", sources.ErrTooLarge, mostIDKeys)
		}
		asked.Cookies = body.Data.Cookies
	}
	return sources.Reading{Events: []event.Event{e}, State: asked}, nil
}

// Answer is that of a request whose id is not kept.
func (page idPage) Answer(h *event.Hit, _ sources.Reading) sources.Answer {
	return page.answer(h, false, "", nil)
}

// answer tells the script, but never the id.
func (page idPage) answer(h *event.Hit, stored bool, link string, domains []string) sources.Answer {
	if strings.HasSuffix(h.Path, ".js") && h.Path != page.path {
		return sources.Answer{Status: 200, ContentType: "text/javascript; charset=utf-8", Headers: notStored, Body: []byte("/* cookies are renewed */\n")}
	}
	body := struct {
		Stored  bool     `json:"stored"`
		Link    string   `json:"link,omitempty"`
		Domains []string `json:"domains,omitempty"`
	}{stored, link, domains}
	text, err := json.Marshal(body)
	if err != nil {
		panic("BUG: " + err.Error()) // texts and a boolean
	}
	return sources.Answer{Status: 200, ContentType: "application/json", Headers: notStored, Body: text}
}

// Refuse answers what cannot be read.
func (idPage) Refuse(_ *event.Hit, err error) sources.Answer {
	if errors.Is(err, sources.ErrTooLarge) {
		return refusal.Problem(413, err.Error())
	}
	return refusal.Problem(400, err.Error())
}

// Delay leaves an answer as it is.
func (idPage) Delay(_ *event.Hit, a sources.Answer) sources.Answer { return a }

// Serve renews a browser's cookies: read → enrich → consent → answer. Nothing goes to the log.
func (page idPage) Serve(p *plan.Plan, site *plan.Site, h *event.Hit) (sources.Answer, event.Headers) {
	reading, err := sources.Read(page, h)
	if err != nil {
		page.Counts.Refused(page.Name(), err)
		return page.Refuse(h, err), nil
	}
	e := &reading.Events[0]
	e.Site = site.Name
	visit := p.Enricher.Visit(h)
	visit.Describe(e)
	record := p.Policy.Resolve(h, e)
	if granted, _ := e.Consent.Get(p.Config.Identity.Purpose).Bool(); !granted && !page.Choices.Chosen(&record) {
		return page.answer(h, false, "", nil), nil // nobody has been asked yet: what is there stays
	}
	visit.Identify(e)
	asked, _ := reading.State.(enrich.Renewal)
	cookies := visit.Renew(site.CookieDomain, asked)
	link, domains := visit.LinkParameter()
	return page.answer(h, e.User.ClientID != "" && h.From != event.ForeignPage, link, domains), cookies
}
