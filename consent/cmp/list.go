package cmp

import (
	"slices"
	"strconv"
	"strings"

	"headgate/consent/google"
	"headgate/event"
	"headgate/event/wire"
)

// listTools keep their answers as lists of pairs in a notation of their own.
var listTools = []Tool{
	{Name: "onetrust", Cookies: []string{"OptanonConsent"}, Beside: []string{"OptanonAlertBoxClosed"}, read: readOneTrust},
	{Name: "cookiebot", Cookies: []string{"CookieConsent"}, read: readCookiebot},
	{Name: "cookieyes", Cookies: []string{"cookieyes-consent", "viewed_cookie_policy"},
		Prefixes: []string{"cookielawinfo-checkbox-"}, read: readCookieYes},
	{Name: "complianz", Prefixes: []string{"cmplz_"}, Cookies: []string{"complianz_consent_status"}, read: readComplianz},
	{Name: "trustarc", Cookies: []string{"cmapi_cookie_privacy", "notice_gdpr_prefs", "notice_preferences"},
		Beside: []string{"notice_behavior"}, read: readTrustArc},
	{Name: "tarteaucitron", Cookies: []string{"tarteaucitron"}, read: readTarteaucitron},
}

// readCookiebot reads {stamp:'..',necessary:true,...}, whose keys have no quotes. Another tool writes true or false into a cookie
// of the same name.
func readCookiebot(a *Answer, name, value string) {
	text := Plain(value)
	switch text {
	case "-1":
		a.Silent = "outside the regions where the banner is shown"
		return
	case "0":
		a.Rest = true
		return
	case "true", "false":
		a.Tool = reactCookieConsent
		readBanner(a, name, value)
		return
	}
	if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
		a.Fault = "cut off or damaged" // what is missing may say that nobody has answered
	}
	text = strings.Trim(text, "{}")
	var stamp, method string
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, ",")
		key, v, ok := strings.Cut(pair, ":")
		if !ok {
			continue
		}
		key, v = strings.Trim(strings.TrimSpace(key), `'"`), strings.Trim(strings.TrimSpace(v), `'"`)
		switch key {
		case "stamp":
			stamp = v
		case "method":
			method = v
		default:
			a.cookiebotSays(key, v)
		}
	}
	a.Preset = stamp == "-1" || method == "implied"
	if len(a.Claims) == 0 {
		a.Fault = "no categories in it"
	}
}

// cookiebotSays takes one pair of it.
func (a *Answer) cookiebotSays(key, v string) {
	switch key {
	case "utc":
		a.When = answered(event.String(v))
	case "region":
		country, part, _ := strings.Cut(v, "-")
		if part != "" && part[0] >= '0' && part[0] <= '9' {
			part = "" // the tool's own numbers
		}
		a.Place = placeOf(country, part)
	case "necessary", "preferences", "statistics", "marketing":
		if v != "true" && v != "false" {
			a.Fault = "cut off or damaged"
			return
		}
		a.add(key, key, v == "true")
	}
}

// readCookieYes reads consent:yes,action:yes,necessary:yes,... and the cookies of the older plugin, one per category.
func readCookieYes(a *Answer, name, value string) {
	if name == "viewed_cookie_policy" {
		if a.Rest = Plain(value) == "no"; !a.Rest {
			a.Silent = "it only tells that the banner was seen"
		}
		return
	}
	if category, ok := strings.CutPrefix(name, "cookielawinfo-checkbox-"); ok {
		if yes, known := Truth(Plain(value)); known {
			a.add(category, category, yes)
		} else {
			a.Fault = "neither yes nor no"
		}
		a.Preset = a.cookie("viewed_cookie_policy") == ""
		return
	}
	action := ""
	for rest := Plain(value); rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, ",")
		key, v, ok := strings.Cut(pair, ":")
		switch {
		case !ok || key == "consentid" || key == "consent":
		case key == "action":
			action = v
		case key == "lastRenewedDate":
			a.When = answered(event.String(v))
		case v == "yes" || v == "no":
			category := key
			if key == "other" {
				category = ""
			}
			a.add(key, category, v == "yes")
		}
	}
	a.Preset = action == ""
	if len(a.Claims) == 0 && !a.Preset {
		a.Fault = "no categories in it"
	}
}

// readComplianz reads cmplz_<category>=allow or deny, and cmplz_consent_mode, the list of Google's types that are granted.
func readComplianz(a *Answer, name, value string) {
	category := strings.TrimPrefix(name, "cmplz_")
	// Where no consent is asked for it writes its answers before there is one, and shows a banner anyway.
	_, older := a.beside.Cookie("complianz_consent_status")
	a.Preset = Plain(a.cookie("cmplz_banner-status")) != "dismissed" && !older
	switch category {
	case "functional", "preferences", "statistics", "marketing":
	case "statistics-anonymous":
		// Statistics without personal data: no answer to the question whether there may be some.
		a.Silent = "it is about anonymous statistics only"
		return
	case "consent_mode":
		for _, t := range strings.Split(Plain(value), ",") {
			if google.TypeOf(t) != 0 {
				a.add(t, t, true)
			}
		}
		return
	default:
		a.Silent = "it holds no answer"
		return
	}
	yes, ok := Truth(Plain(value))
	if !ok {
		a.Fault = "neither allow nor deny"
		return
	}
	a.add(category, complianzCategory(category), yes)
}

// complianzCategory: what Complianz calls functional is what works without asking.
func complianzCategory(name string) string {
	if name == "functional" {
		return necessary
	}
	return name
}

// trustArcLevels are the usual meaning of a tenant's levels, by how many it shows.
var trustArcLevels = map[string]string{"1": necessary, "2": functional, "3": "marketing"}

// readTrustArc reads `permit 1,2,3` (levels from 1), and the older notice_gdpr_prefs `0,1,2:` and notice_preferences `2:`
// (levels from 0).
func readTrustArc(a *Answer, name, value string) {
	text := Plain(value)
	behavior, _, _ := strings.Cut(Plain(a.cookie("notice_behavior")), ",")
	a.Preset = behavior == "implied" || behavior == "none"
	var levels []int
	switch name {
	case "cmapi_cookie_privacy":
		rest, ok := strings.CutPrefix(text, "permit ")
		if !ok {
			a.Fault = "not of the form permit 1,2,3"
			return
		}
		rest, _, _ = strings.Cut(rest, " ")
		levels = numbersIn(rest, 1)
	case "notice_gdpr_prefs":
		levels = numbersIn(strings.TrimSuffix(text, ":"), 0)
	default:
		highest := numbersIn(strings.TrimSuffix(text, ":"), 0)
		if len(highest) == 1 {
			for i := range highest[0] {
				levels = append(levels, i+1)
			}
		}
	}
	if len(levels) == 0 {
		a.Fault = "no levels in it"
		return
	}
	highest := 0
	for _, n := range levels {
		highest = max(highest, n)
		a.add(strconv.Itoa(n), trustArcLevels[strconv.Itoa(n)], true)
		if n >= 4 {
			a.Claims[len(a.Claims)-1].Category = analytics
		}
	}
	if highest == 1 {
		// Only the required level: everything else was refused.
		a.Rest = true
		return
	}
	for n := 2; n <= 3; n++ {
		if !slices.Contains(levels, n) {
			a.add(strconv.Itoa(n), trustArcLevels[strconv.Itoa(n)], false)
		}
	}
}

// numbersIn reads small numbers with commas or colons between them, and adds what makes the first of them 1.
func numbersIn(s string, first int) []int {
	var out []int
	for _, one := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ':' }) {
		if len(one) != 1 || !wire.IsDigit(one[0]) || len(out) > 9 {
			return nil
		}
		out = append(out, int(one[0]-'0')+1-first)
	}
	return out
}

// readTarteaucitron reads !service=true!service2=false!x=wait. A service that waits has not been answered about. While one
// does and none was refused, the others may have been started without an answer: the tool does so with services that are
// configured not to need one, and with all of them on a second page where it is not in its strict mode.
func readTarteaucitron(a *Answer, _, value string) {
	waiting, refused := false, false
	for _, pair := range strings.Split(Plain(value), "!") {
		service, v, ok := strings.Cut(pair, "=")
		switch {
		case !ok || service == "id":
		case v == "true" || v == "false":
			a.add(service, "", v == "true")
			refused = refused || v == "false"
		default:
			waiting = true
		}
	}
	a.Preset = waiting && !refused
	if len(a.Claims) == 0 && !waiting {
		a.Fault = "no services in it"
	}
}
