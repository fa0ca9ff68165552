package enrich

import (
	"strconv"
	"strings"
	"time"

	"headgate/enrich/agent"
	"headgate/enrich/campaign"
	"headgate/enrich/cookie"
	"headgate/enrich/identity"
	"headgate/enrich/linker"
	"headgate/event"
	"headgate/event/keys"
	"headgate/event/wire"
)

// arrive takes the parameters of a decorated link out of an event's page, and takes over the id that they carry. See package
// linker for how nobody can give a visitor an id of their choice: the hit comes from a page of the site, the page before it was
// one of the configured domains', and the browser has no id yet. What consent says is asked later: Identify takes the id back
// where it is refused.
func (v *Visit) arrive(e *event.Event) {
	l := v.en.identity.link
	var values []string
	e.Page.URL, values = linker.Cut(e.Page.URL, linker.Parameter)
	e.Page.Query, _ = linker.Cut(e.Page.Query, linker.Parameter)
	e.Page.Referrer, _ = linker.Cut(e.Page.Referrer, linker.Parameter)
	_, google := linker.Cut(e.Page.URL, linker.GoogleParameter) // Google's own scripts read it later, so that it stays
	if values[0] != "" {
		v.hit.Stated = append(v.hit.Stated, event.Stated{Meaning: keys.ID, Value: values[0]}) // redaction looks for it elsewhere
	}
	if values[0] == "" && google[0] == "" || !v.reached(l, e) {
		return
	}
	if id, err := l.Open(values[0], v.browser, v.hit.Received); err == nil && identity.IsID(id) {
		v.takeOver(id)
		return
	}
	g, ok := linker.ReadGoogle(wire.Unescape(google[0]))
	if !ok || !g.Fresh(v.browser, []string{e.Device.Language, v.language}, v.hit.Received) {
		return
	}
	if click := googleClick(g.Value("_gcl_aw")); click != "" {
		campaign.SetClickID(e, "gclid", click)
	}
	if id, err := l.OpenCompanion(g.Value("_fplc"), v.browser, v.hit.Received); err == nil && identity.IsID(id) && v.takeOver(id) {
		return
	}
	if id := g.Client(); id != "" && v.takeOver(id) && e.Session.ID == "" && e.User.ClientID == "" {
		v.jar.client = id
		v.jar.session, v.jar.sessions = wire.GoogleSession(g.Session())
	}
}

// reached reports whether a link may carry an id into this browser.
func (v *Visit) reached(l *link, e *event.Event) bool {
	if v.hit.From != event.OwnPage || v.hit.Anonymous || !agent.IsBrowser(v.browser) {
		return false
	}
	from := wire.CutURL(e.Page.Referrer)
	return from.Authority != "" && l.domains.Have(strings.TrimSuffix(from.Host(), "."))
}

// takeOver makes an id the browser's, unless it has one: our cookie's, or one to adopt that is older than the link. What a tag of
// the page has just minted, while the link was there, gives way.
func (v *Visit) takeOver(id string) bool {
	if v.linked {
		return v.stored.ID == id
	}
	if _, had := v.en.identity.Parse(v.jar.own, v.jar.client); had || v.stored.ID != "" && !v.justMinted() {
		return false
	}
	v.stored, v.linked = identity.Stored{ID: id, Since: v.hit.Received.Unix()}, true
	return true
}

// justMinted reports whether the id that would be adopted has Google's form, and was made since the link was.
func (v *Visit) justMinted() bool {
	since, err := strconv.ParseInt(v.stored.ID[strings.LastIndexByte(v.stored.ID, '.')+1:], 10, 64)
	return err == nil && v.hit.Received.Sub(time.Unix(since, 0)) <= linker.Valid
}

// LinkParameter returns what a page adds to its links to other domains of the owner, _hgl=<value>, and those domains, after the
// hit's events were identified. There is none without an id, without consent, or for a page of somebody else.
func (v *Visit) LinkParameter() (parameter string, domains []string) {
	l := v.en.identity.link
	if l == nil || v.refused || !v.granted || v.hit.From != event.OwnPage || v.stored.ID == "" {
		return "", nil
	}
	return linker.Parameter + "=" + l.Seal(v.stored.ID, v.browser, v.hit.Received), l.domains
}

// companionCookie is what Google's tag writes into its links where the client id is in FPID, which no script can read.
const companionCookie = "FPLC"

// appendCompanion appends the Set-Cookie header for the companion of FPID, which scripts can read and nobody can open but us.
func (v *Visit) appendCompanion(headers event.Headers, domain string, secure bool) event.Headers {
	id := &v.en.identity
	if id.link == nil || !id.FPID {
		return headers
	}
	_, had := v.hit.CookieValue(companionCookie)
	switch {
	case v.refused && had:
		headers = append(headers, setCookie(cookie.ForScripts(companionCookie, "", 0, domain, secure)))
	case !v.refused && v.granted && !had && v.hit.From == event.OwnPage:
		value := id.link.Seal(v.stored.ID, v.browser, v.hit.Received)
		headers = append(headers, setCookie(cookie.ForScripts(companionCookie, value, linker.Companion, domain, secure)))
	}
	return headers
}
