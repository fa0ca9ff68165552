package cmp

import (
	"strings"

	"headgate/event"
)

const reactCookieConsent = "react_cookie_consent"

// bannerTools are the small ones that a site builds in itself.
var bannerTools = []Tool{
	{Name: "vanilla_cookieconsent", Cookies: []string{"cc_cookie"}, read: readVanillaCookieConsent},
	{Name: "c15t", Cookies: []string{"c15t"}, read: readC15t},
	{Name: "canonical", Cookies: []string{"_cookies_accepted"}, read: readCanonical},
	{Name: "cookieconsent", Cookies: []string{"cookieconsent_status"}, read: readBanner},
	{Name: "cookies_eu_banner", Cookies: []string{"hasConsent"}, read: readBanner},
	{Name: reactCookieConsent, Cookies: []string{"CookieConsent-legacy"}, read: readBanner}, // and CookieConsent, as Cookiebot
}

// readBanner reads the answer to a single question: allow or deny in Osano's open-source cookieconsent, true or false in
// cookies-eu-banner and react-cookie-consent. A no refuses everything; only the site knows what a yes is to, and that its
// banner could be answered with no: it maps the id "accepted".
func readBanner(a *Answer, _, value string) {
	text := Plain(value)
	yes, ok := Truth(text)
	switch {
	case text == "dismiss":
		a.Silent = "the notice was closed, not answered"
	case !ok:
		a.Fault = "neither yes nor no"
	case yes:
		a.add("accepted", "", true)
	default:
		a.Rest = true
	}
}

// readVanillaCookieConsent reads {"categories":["necessary","analytics"],...} of versions 2 and 3, written with each answer:
// what is not in the list was refused. The names of the categories are the site's, usually the common ones.
func readVanillaCookieConsent(a *Answer, _, value string) {
	m := a.object(value)
	accepted := m.Get("categories")
	if a.Fault == "" && accepted.Kind() != event.List {
		a.Fault = "no categories in it"
	}
	for _, key := range []string{"lastConsentTimestamp", "consentTimestamp", "last_consent_update", "consent_date"} {
		if a.When = answered(m.Get(key)); !a.When.IsZero() {
			break
		}
	}
	for _, one := range accepted.List() {
		a.add(one.Text(), one.Text(), true)
	}
	a.Rest = a.Fault == ""
}

// readC15t reads c.necessary:1,c.measurement:1,i.t:1795341599000: accepted categories, then when it was answered. A category
// that was refused is left out.
func readC15t(a *Answer, _, value string) {
	for _, pair := range strings.Split(Plain(value), ",") {
		key, v, ok := strings.Cut(pair, ":")
		category, isCategory := strings.CutPrefix(key, "c.")
		switch {
		case !ok:
			a.Fault = "not of the form c.category:1"
		case isCategory:
			a.add(category, category, v == "1")
		case key == "i.t":
			a.When = answered(event.String(v))
		}
	}
	a.Preset = a.When.IsZero()
	a.Rest = !a.Preset && a.Fault == ""
}

// readCanonical reads the one word of canonical's cookie-policy: all, essential, performance or functionality.
func readCanonical(a *Answer, _, value string) {
	switch text := Plain(value); text {
	case "all":
		for _, category := range []string{functional, analytics, "marketing"} {
			a.add(text, category, true)
		}
	case "performance": // to the tool, Google's types of advertising are among it
		a.add(text, analytics, true)
		a.add(text, "marketing", true)
	case "functionality":
		a.add(text, functional, true)
	case "essential":
	case "true", "unset":
		a.Silent = "it is from before there was a choice"
		return
	default:
		a.Fault = "none of its words"
		return
	}
	a.Rest = true
}
