package consent

import (
	"strings"

	"headgate/event"
)

// listTools keep their answers as lists of pairs in a notation of their own.
var listTools = []tool{
	{name: "onetrust", cookies: []string{"OptanonConsent"}, beside: []string{"OptanonAlertBoxClosed"}, read: readOneTrust},
	{name: "cookiebot", cookies: []string{"CookieConsent"}, read: readCookiebot},
	{name: "cookieyes", cookies: []string{"cookieyes-consent", "viewed_cookie_policy"},
		prefixes: []string{"cookielawinfo-checkbox-"}, read: readCookieYes},
	{name: "complianz", prefixes: []string{"cmplz_"}, cookies: []string{"complianz_consent_status"}, read: readComplianz},
	{name: "trustarc", cookies: []string{"cmapi_cookie_privacy", "notice_gdpr_prefs", "notice_preferences"},
		beside: []string{"notice_behavior"}, read: readTrustArc},
	{name: "tarteaucitron", cookies: []string{"tarteaucitron"}, read: readTarteaucitron},
}

// readCookiebot reads {stamp:'..',necessary:true,...}, whose keys have no quotes. Another tool writes true or false into a cookie
// of the same name.
func readCookiebot(c *claims, name, value string) {
	text := plain(value)
	switch text {
	case "-1":
		c.silent = "outside the regions where the banner is shown"
		return
	case "0":
		c.rest = true
		return
	case "true", "false":
		c.tool = reactCookieConsent
		readBanner(c, name, value)
		return
	}
	if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
		c.fault = "cut off or damaged" // what is missing may say that nobody has answered
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
		case "utc":
			c.when = answered(event.String(v))
		case "region":
			country, part, _ := strings.Cut(v, "-")
			if part != "" && part[0] >= '0' && part[0] <= '9' {
				part = "" // the tool's own numbers
			}
			c.place = placeOf(country, part)
		case "necessary", "preferences", "statistics", "marketing":
			if v != "true" && v != "false" {
				c.fault = "cut off or damaged"
				continue
			}
			c.add(key, key, v == "true")
		}
	}
	c.preset = stamp == "-1" || method == "implied"
	if len(c.list) == 0 {
		c.fault = "no categories in it"
	}
}

// readCookieYes reads consent:yes,action:yes,necessary:yes,... and the cookies of the older plugin, one per category.
func readCookieYes(c *claims, name, value string) {
	if name == "viewed_cookie_policy" {
		if c.rest = plain(value) == "no"; !c.rest {
			c.silent = "it only tells that the banner was seen"
		}
		return
	}
	if category, ok := strings.CutPrefix(name, "cookielawinfo-checkbox-"); ok {
		if yes, known := truth(plain(value)); known {
			c.add(category, category, yes)
		} else {
			c.fault = "neither yes nor no"
		}
		c.preset = c.in.value("viewed_cookie_policy") == ""
		return
	}
	action := ""
	for rest := plain(value); rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, ",")
		key, v, ok := strings.Cut(pair, ":")
		switch {
		case !ok || key == "consentid" || key == "consent":
		case key == "action":
			action = v
		case key == "lastRenewedDate":
			c.when = answered(event.String(v))
		case v == "yes" || v == "no":
			category := key
			if key == "other" {
				category = ""
			}
			c.add(key, category, v == "yes")
		}
	}
	c.preset = action == ""
	if len(c.list) == 0 && !c.preset {
		c.fault = "no categories in it"
	}
}

// readComplianz reads cmplz_<category>=allow or deny, and cmplz_consent_mode, the list of Google's types that are granted.
func readComplianz(c *claims, name, value string) {
	category := strings.TrimPrefix(name, "cmplz_")
	// Where no consent is asked for it writes its answers before there is one, and shows a banner all the same.
	c.preset = plain(c.in.value("cmplz_banner-status")) != "dismissed" && !c.in.has("complianz_consent_status")
	switch category {
	case "functional", "preferences", "statistics", "marketing":
	case "statistics-anonymous":
		// Statistics without personal data: no answer to the question whether there may be some.
		c.silent = "it is about anonymous statistics only"
		return
	case "consent_mode":
		for _, t := range strings.Split(plain(value), ",") {
			if googleTypeOf(t) != 0 {
				c.add(t, t, true)
			}
		}
		return
	default:
		c.silent = "it holds no answer"
		return
	}
	yes, ok := truth(plain(value))
	if !ok {
		c.fault = "neither allow nor deny"
		return
	}
	c.add(category, complianzCategory(category), yes)
}

// complianzCategory: what Complianz calls functional is what works without asking.
func complianzCategory(name string) string {
	if name == "functional" {
		return Necessary
	}
	return name
}

// trustArcLevels are the usual meaning of a tenant's levels, by how many it shows.
var trustArcLevels = map[string]string{"1": Necessary, "2": Functional, "3": "marketing"}

// readTrustArc reads `permit 1,2,3` (levels from 1), and the older notice_gdpr_prefs `0,1,2:` and notice_preferences `2:`
// (levels from 0).
func readTrustArc(c *claims, name, value string) {
	text := plain(value)
	behavior, _, _ := strings.Cut(plain(c.in.value("notice_behavior")), ",")
	c.preset = behavior == "implied" || behavior == "none"
	var levels []int
	switch name {
	case "cmapi_cookie_privacy":
		rest, ok := strings.CutPrefix(text, "permit ")
		if !ok {
			c.fault = "not of the form permit 1,2,3"
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
		c.fault = "no levels in it"
		return
	}
	highest := 0
	for _, n := range levels {
		highest = max(highest, n)
		c.add(itoa(n), trustArcLevels[itoa(n)], true)
		if n >= 4 {
			c.list[len(c.list)-1].category = Analytics
		}
	}
	if highest == 1 {
		// Only the required level: everything else was refused.
		c.rest = true
		return
	}
	for n := 2; n <= 3; n++ {
		if !hasNumber(levels, n) {
			c.add(itoa(n), trustArcLevels[itoa(n)], false)
		}
	}
}

// numbersIn reads small numbers with commas or colons between them, and adds what makes the first of them 1.
func numbersIn(s string, first int) []int {
	var out []int
	for _, one := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ':' }) {
		if len(one) != 1 || !digit(one[0]) || len(out) > 9 {
			return nil
		}
		out = append(out, int(one[0]-'0')+1-first)
	}
	return out
}

func hasNumber(list []int, n int) bool {
	for _, one := range list {
		if one == n {
			return true
		}
	}
	return false
}

// readTarteaucitron reads !service=true!service2=false!x=wait. A service that waits has not been answered about. While one
// does and none was refused, the others may have been started without an answer: the tool does so with services that are
// configured not to need one, and with all of them on a second page where it is not in its strict mode.
func readTarteaucitron(c *claims, _, value string) {
	waiting, refused := false, false
	for _, pair := range strings.Split(plain(value), "!") {
		service, v, ok := strings.Cut(pair, "=")
		switch {
		case !ok || service == "id":
		case v == "true" || v == "false":
			c.add(service, "", v == "true")
			refused = refused || v == "false"
		default:
			waiting = true
		}
	}
	c.preset = waiting && !refused
	if len(c.list) == 0 && !waiting {
		c.fault = "no services in it"
	}
}
