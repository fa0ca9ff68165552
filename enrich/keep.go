package enrich

import (
	"strings"

	"headgate/enrich/cookie"
	"headgate/enrich/keeper"
	"headgate/event"
	"headgate/event/keys"
)

// isWebKit reports whether a user agent is Safari, or another browser that uses Apple's engine as all of iOS do: the ones that
// remove cookies of scripts early.
func isWebKit(agent string) bool {
	return strings.Contains(agent, "AppleWebKit/") && !strings.Contains(agent, "Chrome/") && !strings.Contains(agent, "Chromium/")
}

// keeps reports whether the cookies of the hit's browser are kept: one that cuts them, on a page of the site.
func (v *Visit) keeps() bool {
	return v.en.identity.keeper != nil && v.hit.From == event.OwnPage && isWebKit(v.browser)
}

// noteKept tells redaction what the cookie that remembers others holds: a rule can copy it.
func (v *Visit) noteKept() {
	k := v.en.identity.keeper
	value, _ := v.hit.CookieValue(k.Cookie)
	k.Remembered(value, v.hit.Received, func(name, value string) {
		v.hit.Stated = append(v.hit.Stated, event.Stated{Meaning: keys.ID | keys.MeaningOf(name)&keys.Click, Value: value})
	})
}

// appendKept appends the Set-Cookie headers for cookies that Safari removed, and for the one that remembers them.
func (v *Visit) appendKept(headers event.Headers, domain string, secure bool) event.Headers {
	if !v.consents.asked {
		return headers
	}
	k := v.en.identity.keeper
	for _, set := range k.Keep(&keeper.Visit{Cookies: v.hit.Cookie, Granted: v.consents.granted(), Now: v.hit.Received}) {
		switch {
		case set.Name == k.Cookie:
			headers = append(headers, setCookie(cookie.ForServer(set.Name, set.Value, set.MaxAge, domain, secure)))
		default:
			headers = append(headers, setCookie(cookie.ForScripts(set.Name, set.Value, set.MaxAge, domain, secure)))
		}
	}
	return headers
}
