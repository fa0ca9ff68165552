package cmp

import (
	"strings"

	"headgate/event"
)

// platformTools belong to shops and ad servers.
var platformTools = []Tool{
	{Name: "shopify", Cookies: []string{"_tracking_consent", "_cmp_a"}, read: readShopify},
	{Name: "consentmanager", Prefixes: []string{"__cmpconsent", "__cmpcpc", "__cmpccpausps"}, read: readConsentmanager},
	{Name: "google_funding_choices", Cookies: []string{"FCCDCF"}, read: readFundingChoices},
	{Name: "piwik_pro", Prefixes: []string{"ppms_privacy_"}, read: readPiwikPro},
	{Name: "pandectes", Cookies: []string{"_pandectes_gdpr"}, read: readPandectes},
}

var shopifyLetters = []struct{ letter, category string }{
	{"a", analytics}, {"p", "preferences"}, {"m", "marketing"}, {"s", "sale"},
}

// readShopify reads the three versions of Shopify's cookie, by the rules of its own script. What is allowed without a
// choice is what Shopify infers from the region: a default.
func readShopify(a *Answer, _, value string) {
	text := Plain(value)
	if strings.HasPrefix(text, "3") {
		readShopify3(a, text)
		return
	}
	m := a.object(value)
	choices := m.Get("con").Object().Get("CMP").Object()
	allowed := m.Get("purposes").Object()
	a.Place = shopifyPlace(m.Text("region"))
	answeredAny := false
	for _, l := range shopifyLetters {
		if v := choices.Text(l.letter); v == "1" || v == "0" {
			a.add(l.letter, l.category, v == "1")
			answeredAny = answeredAny || l.letter != "s"
		}
	}
	if answeredAny {
		return
	}
	a.Preset = true
	for _, l := range shopifyLetters {
		key := l.letter
		if key == "s" {
			key = "t" // sale of data is called t there
		}
		if yes, ok := allowed.Get(key).Bool(); ok && choices.Text(l.letter) == "" {
			a.add(l.letter, l.category, yes)
		}
	}
}

// readShopify3 reads 3<choices>.<inferred>_<region>_...: before the dot a capital is accepted and a small letter declined;
// a capital after it is allowed for want of a choice.
func readShopify3(a *Answer, text string) {
	head, rest, ok := strings.Cut(text[1:], "_")
	if !ok {
		a.Fault = "not of the form 3..._region_..."
		return
	}
	region, _, _ := strings.Cut(rest, "_")
	a.Place = shopifyPlace(region)
	choices, inferred, _ := strings.Cut(head, ".")
	for _, l := range shopifyLetters {
		capital := strings.ToUpper(l.letter)
		switch {
		case strings.Contains(choices, capital):
			a.add(l.letter, l.category, true)
		case strings.Contains(choices, l.letter):
			a.add(l.letter, l.category, false)
		case choices == "":
			a.Preset = true
			a.add(l.letter, l.category, strings.Contains(inferred, capital))
		}
	}
}

// shopifyPlace reads a region such as DEBE or USCA.
func shopifyPlace(s string) string {
	if len(s) < 2 {
		return ""
	}
	return placeOf(s[:2], s[2:])
}

// readConsentmanager reads a TC string in __cmpconsent<id>, the ids of purposes in __cmpcpc<id> (__1_2_3__), and a US
// Privacy string in __cmpccpausps.
func readConsentmanager(a *Answer, name, value string) {
	text := Plain(value)
	switch {
	case strings.HasPrefix(name, "__cmpccpausps"):
		a.USP = text
	case strings.HasPrefix(name, "__cmpconsent"):
		a.TC = text
	default:
		for _, id := range strings.FieldsFunc(text, func(r rune) bool { return r == '_' }) {
			if len(a.Claims) < 64 {
				a.add(id, "", true)
			}
		}
		if len(a.Claims) == 0 {
			a.Fault = "no purposes in it"
		}
	}
}

// readFundingChoices reads Google's own consent message: a JSON list whose fourth item holds the TC and AC strings.
func readFundingChoices(a *Answer, _, value string) {
	list := parseJSON(Plain(value))
	if list.Kind() != event.List {
		a.Fault = "no JSON list"
		return
	}
	if items := list.List(); len(items) > 3 && len(items[3].List()) > 0 {
		a.TC = items[3].List()[0].Text()
	}
	if a.TC == "" {
		a.Silent = "no TC string in it: the visitor was not asked under TCF"
	}
}

// readPiwikPro reads {"consents":{"analytics":{"status":1}}}: 1 granted, 0 denied, -1 not answered. The format is documented
// by third parties only.
func readPiwikPro(a *Answer, _, value string) {
	m := a.object(value)
	for _, p := range m.Get("consents").Object() {
		switch status, _ := p.Value.Object().Get("status").Float(); {
		case p.Value.Object().Get("status").IsNull():
		case status == 1:
			a.add(p.Key, piwikPurposes[p.Key], true)
		case status == 0:
			a.add(p.Key, piwikPurposes[p.Key], false)
		}
	}
}

var piwikPurposes = map[string]string{"analytics": analytics, "remarketing": personalizedAds, "personalization": functional,
	"conversion_tracking": ads, "marketing_automation": "marketing", "ab_testing_and_personalization": functional}

// readPandectes reads base64 of {"preferences":6}, whose bits say what was refused: 1 functional, 2 analytics, 4 marketing.
// The format is documented by third parties only.
func readPandectes(a *Answer, _, value string) {
	refused, ok := a.base64Object(value).Get("preferences").Float()
	switch {
	case a.Fault != "":
	case !ok || refused < 0 || refused > 1<<16:
		a.Fault = "no preferences in it"
	default:
		for i, category := range []string{functional, analytics, "marketing"} {
			a.add(category, category, int(refused)&(1<<i) == 0)
		}
	}
}

// opaqueTools keep their answer where no server can read it. A snippet can forward it as `_c`.
var opaqueTools = []Tool{
	{Name: "osano", Cookies: []string{"osano_consentmanager"}, read: readOsano},
	{Name: "sourcepoint", Cookies: []string{"consentUUID", "usnatUUID", "ccpaUUID"}, read: func(a *Answer, _, _ string) {
		a.Silent = "it is an id; the answer is in euconsent-v2, where TCF is used"
	}},
}

// readOsano reads plain JSON, {"ANALYTICS":"ACCEPT",...}, which Osano's own reader takes too; it writes it encrypted.
func readOsano(a *Answer, _, value string) {
	m := parseJSON(Plain(value)).Object()
	for _, p := range m {
		category := map[string]string{"ESSENTIAL": necessary, "PERSONALIZATION": functional, "ANALYTICS": analytics,
			"MARKETING": "marketing"}[p.Key]
		switch v := p.Value.Text(); {
		case v != "ACCEPT" && v != "DENY":
		case p.Key == "OPT_OUT": // of the sale or sharing of data: to accept it is to refuse that
			a.add(p.Key, sharing, v == "DENY")
		default:
			a.add(p.Key, category, v == "ACCEPT")
		}
	}
	if len(a.Claims) == 0 {
		a.Silent = "it is encrypted; have the page send _c"
	}
}
