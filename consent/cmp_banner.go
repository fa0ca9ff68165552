package consent

import (
	"strings"

	"headgate/event"
)

const reactCookieConsent = "react_cookie_consent"

// bannerTools are the small ones that a site builds in itself.
var bannerTools = []tool{
	{name: "vanilla_cookieconsent", cookies: []string{"cc_cookie"}, read: readVanillaCookieConsent},
	{name: "c15t", cookies: []string{"c15t"}, read: readC15t},
	{name: "canonical", cookies: []string{"_cookies_accepted"}, read: readCanonical},
	{name: "cookieconsent", cookies: []string{"cookieconsent_status"}, read: readBanner},
	{name: "cookies_eu_banner", cookies: []string{"hasConsent"}, read: readBanner},
	{name: reactCookieConsent, cookies: []string{"CookieConsent-legacy"}, read: readBanner}, // and CookieConsent, as Cookiebot
}

// readBanner reads the answer to a single question: allow or deny in Osano's open-source cookieconsent, true or false in
// cookies-eu-banner and react-cookie-consent. A no refuses everything; only the site knows what a yes is to, and that its
// banner could be answered with no: it maps the id "accepted".
func readBanner(c *claims, _, value string) {
	text := plain(value)
	yes, ok := truth(text)
	switch {
	case text == "dismiss":
		c.silent = "the notice was closed, not answered"
	case !ok:
		c.fault = "neither yes nor no"
	case yes:
		c.add("accepted", "", true)
	default:
		c.rest = true
	}
}

// readVanillaCookieConsent reads {"categories":["necessary","analytics"],...} of versions 2 and 3, written with each answer:
// what is not in the list was refused. The names of the categories are the site's, usually the common ones.
func readVanillaCookieConsent(c *claims, _, value string) {
	m := c.object(value)
	accepted := m.Get("categories")
	if c.fault == "" && accepted.Kind() != event.List {
		c.fault = "no categories in it"
	}
	for _, key := range []string{"lastConsentTimestamp", "consentTimestamp", "last_consent_update", "consent_date"} {
		if c.when = answered(m.Get(key)); !c.when.IsZero() {
			break
		}
	}
	for _, one := range accepted.List() {
		c.add(one.Text(), one.Text(), true)
	}
	c.rest = c.fault == ""
}

// readC15t reads c.necessary:1,c.measurement:1,i.t:1795341599000: accepted categories, then when it was answered. A category
// that was refused is left out.
func readC15t(c *claims, _, value string) {
	for _, pair := range strings.Split(plain(value), ",") {
		key, v, ok := strings.Cut(pair, ":")
		category, isCategory := strings.CutPrefix(key, "c.")
		switch {
		case !ok:
			c.fault = "not of the form c.category:1"
		case isCategory:
			c.add(category, category, v == "1")
		case key == "i.t":
			c.when = answered(event.String(v))
		}
	}
	c.preset = c.when.IsZero()
	c.rest = !c.preset && c.fault == ""
}

// readCanonical reads the one word of canonical's cookie-policy: all, essential, performance or functionality.
func readCanonical(c *claims, _, value string) {
	switch text := plain(value); text {
	case "all":
		for _, category := range []string{Functional, Analytics, "marketing"} {
			c.add(text, category, true)
		}
	case "performance": // to the tool, Google's types of advertising are among it
		c.add(text, Analytics, true)
		c.add(text, "marketing", true)
	case "functionality":
		c.add(text, Functional, true)
	case "essential":
	case "true", "unset":
		c.silent = "it is from before there was a choice"
		return
	default:
		c.fault = "none of its words"
		return
	}
	c.rest = true
}
