package enrich

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"headgate/enrich/campaign"
	"headgate/enrich/cookie"
	"headgate/enrich/identity"
	"headgate/event"
	"headgate/event/keys"
	"headgate/event/wire"
)

// What Meta's own library, the Parameter Builder, makes of cookies: https://github.com/facebook/capi-param-builder. It differs
// from us in one thing: it believes the first entry of X-Forwarded-For.

// metaLifetime is the life of both cookies.
const metaLifetime = 90 * 24 * time.Hour

// describeMeta makes e.Cookies' _fbc what Meta's own library would make it: a new click on an ad replaces what an older
// one left, and a cookie that is none of Meta's is ignored. The page's click id keeps its case.
func describeMeta(e *event.Event, domain func() string, now int64) {
	kept, there := e.Cookies.Find("_fbc")
	click := e.Campaign.ClickIDs.Text("fbclid")
	payload, valid := fbcPayload(kept.Text())
	switch {
	case click == "" && (valid || !there), click != "" && valid && payload == click:
		return
	case click == "":
		e.Cookies.Delete("_fbc")
		return
	}
	e.Cookies.Set("_fbc", event.String(metaValue(domain(), now, click)))
}

// metaValue returns fb.<dots of the domain>.<unix ms>.<payload>.
func metaValue(domain string, now int64, payload string) string {
	out := make([]byte, 0, len(payload)+24)
	out = append(out, "fb."...)
	out = strconv.AppendInt(out, int64(strings.Count(domain, ".")), 10)
	out = append(out, '.')
	out = strconv.AppendInt(out, now, 10)
	out = append(out, '.')
	return string(append(out, payload...))
}

// fbcPayload returns the click id of a _fbc cookie, or the number of a _fbp: fb.<dots of the domain>.<unix ms>.<payload>
// [.<appendix of two known or eight characters>].
func fbcPayload(value string) (payload string, valid bool) {
	rest, ok := strings.CutPrefix(value, "fb.")
	dots, rest, _ := strings.Cut(rest, ".")
	made, rest, _ := strings.Cut(rest, ".")
	payload, appendix, more := strings.Cut(rest, ".")
	if !ok || !wire.IsDigits(dots) || !wire.IsDigits(made) || payload == "" {
		return "", false
	}
	if more && len(appendix) != 8 && !slices.Contains(languages, appendix) || strings.Contains(appendix, ".") {
		return "", false
	}
	return wire.UnescapePercent(payload), true
}

// bare reports whether a valid value has no appendix.
func bare(value string) bool { return strings.Count(value, ".") == 3 }

// setMeta gives an event, whose visitor granted ads, the cookies as they are to be, and notes those that the browser is to have.
func (v *Visit) setMeta(e *event.Event) {
	m := v.en.identity.meta
	if m == nil || v.hit.From != event.OwnPage {
		return
	}
	now := v.hit.Received.UnixMilli()
	if click := v.earlierClick(e); click != "" {
		if payload, valid := fbcPayload(e.Cookies.Text("_fbc")); !valid || payload != click {
			e.Cookies.Set("_fbc", event.String(metaValue(v.domain(), now, click)))
		}
	}
	if fbc := e.Cookies.Text("_fbc"); fbc != "" {
		v.fbc = m.finished(fbc, v.had("_fbc"))
		e.Cookies.Set("_fbc", event.String(v.fbc))
	}
	fbp := e.Cookies.Text("_fbp")
	if _, valid := fbcPayload(fbp); !valid {
		if v.fbp == "" {
			v.fbp = m.behind(metaValue(v.domain(), now, strconv.FormatUint(uint64(v.en.identity.Number()), 10)), identity.NetNew)
		}
		e.Cookies.Set("_fbp", event.String(v.fbp))
		return
	}
	v.fbp = m.finished(fbp, v.had("_fbp"))
	e.Cookies.Set("_fbp", event.String(v.fbp))
}

// earlierClick returns the click id in the query of the page before, where the landing page's URL has none: it was that one
// then.
func (v *Visit) earlierClick(e *event.Event) string {
	if e.Campaign.ClickIDs.Text("fbclid") != "" {
		return ""
	}
	page := wire.CutURL(e.Page.Referrer)
	for rest := page.Query; rest != ""; {
		var name, value string
		if _, name, value, rest = wire.CutPair(rest); name == "fbclid" && value != "" && len(value) <= campaign.LongestClickID && campaign.IsPrintable(wire.Unescape(value)) {
			return wire.Unescape(value)
		}
	}
	return ""
}

// finished returns a value with the appendix that says what became of the browser's.
func (m *metaCookies) finished(value, had string) string {
	_, valid := fbcPayload(had)
	switch {
	case !bare(value):
		return value
	case value == had:
		return m.behind(value, identity.Unchanged)
	case valid:
		return m.behind(value, identity.Modified)
	}
	return m.behind(value, identity.NetNew)
}

// had returns the value of a cookie as the browser sent it; events may have changed theirs.
func (v *Visit) had(cookie string) string {
	value, _ := v.hit.CookieValue(cookie)
	return value
}

// appendMeta appends the Set-Cookie headers for Meta's cookies: they are removed where one event of the hit refused ads.
func (v *Visit) appendMeta(headers event.Headers, domain string, secure bool) event.Headers {
	if v.en.identity.meta == nil || v.hit.From != event.OwnPage {
		return headers
	}
	for _, c := range [...]struct{ name, value string }{{"_fbc", v.fbc}, {"_fbp", v.fbp}} {
		had := v.had(c.name)
		switch {
		case v.clickless && had != "":
			headers = append(headers, setCookie(cookie.ForScripts(c.name, "", 0, domain, secure)))
		case !v.clickless && v.credited && c.value != "" && c.value != had && cookie.IsValue(c.value):
			headers = append(headers, setCookie(cookie.ForScripts(c.name, c.value, metaLifetime, domain, secure)))
		}
	}
	return headers
}

// noteAddress keeps the cookie _fbi, and what it says of the visitor's address, only where Meta's cookies are the server's. The
// address is one that the visitor's browser states: it is redacted as such, wherever a rule puts it.
func (v *Visit) noteAddress() {
	if v.en.identity.meta == nil {
		v.jar.marketing.Delete("_fbi")
		return
	}
	v.hit.Stated = append(v.hit.Stated, event.Stated{Meaning: keys.Address, Value: v.jar.address})
}
