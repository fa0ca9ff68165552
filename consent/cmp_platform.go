package consent

import (
	"strings"

	"headgate/event"
)

// platformTools belong to shops and ad servers.
var platformTools = []tool{
	{name: "shopify", cookies: []string{"_tracking_consent", "_cmp_a"}, read: readShopify},
	{name: "consentmanager", prefixes: []string{"__cmpconsent", "__cmpcpc", "__cmpccpausps"}, read: readConsentmanager},
	{name: "google_funding_choices", cookies: []string{"FCCDCF"}, read: readFundingChoices},
	{name: "piwik_pro", prefixes: []string{"ppms_privacy_"}, read: readPiwikPro},
	{name: "pandectes", cookies: []string{"_pandectes_gdpr"}, read: readPandectes},
}

var shopifyLetters = []struct{ letter, category string }{
	{"a", Analytics}, {"p", "preferences"}, {"m", "marketing"}, {"s", "sale"},
}

// readShopify reads the three versions of Shopify's cookie, by the rules of its own script. What is allowed without a
// choice is what Shopify infers from the region: a default.
func readShopify(c *claims, _, value string) {
	text := plain(value)
	if strings.HasPrefix(text, "3") {
		readShopify3(c, text)
		return
	}
	m := c.object(value)
	choices := m.Get("con").Object().Get("CMP").Object()
	allowed := m.Get("purposes").Object()
	c.place = shopifyPlace(m.Text("region"))
	answeredAny := false
	for _, l := range shopifyLetters {
		if v := choices.Text(l.letter); v == "1" || v == "0" {
			c.add(l.letter, l.category, v == "1")
			answeredAny = answeredAny || l.letter != "s"
		}
	}
	if answeredAny {
		return
	}
	c.preset = true
	for _, l := range shopifyLetters {
		key := l.letter
		if key == "s" {
			key = "t" // sale of data is called t there
		}
		if yes, ok := allowed.Get(key).Bool(); ok && choices.Text(l.letter) == "" {
			c.add(l.letter, l.category, yes)
		}
	}
}

// readShopify3 reads 3<choices>.<inferred>_<region>_...: before the dot a capital is accepted and a small letter declined;
// a capital after it is allowed for want of a choice.
func readShopify3(c *claims, text string) {
	head, rest, ok := strings.Cut(text[1:], "_")
	if !ok {
		c.fault = "not of the form 3..._region_..."
		return
	}
	region, _, _ := strings.Cut(rest, "_")
	c.place = shopifyPlace(region)
	choices, inferred, _ := strings.Cut(head, ".")
	for _, l := range shopifyLetters {
		capital := strings.ToUpper(l.letter)
		switch {
		case strings.Contains(choices, capital):
			c.add(l.letter, l.category, true)
		case strings.Contains(choices, l.letter):
			c.add(l.letter, l.category, false)
		case choices == "":
			c.preset = true
			c.add(l.letter, l.category, strings.Contains(inferred, capital))
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
func readConsentmanager(c *claims, name, value string) {
	text := plain(value)
	switch {
	case strings.HasPrefix(name, "__cmpccpausps"):
		c.usp = text
	case strings.HasPrefix(name, "__cmpconsent"):
		c.tc = text
	default:
		for _, id := range strings.FieldsFunc(text, func(r rune) bool { return r == '_' }) {
			if len(c.list) < 64 {
				c.add(id, "", true)
			}
		}
		if len(c.list) == 0 {
			c.fault = "no purposes in it"
		}
	}
}

// readFundingChoices reads Google's own consent message: a JSON list whose fourth item holds the TC and AC strings.
func readFundingChoices(c *claims, _, value string) {
	list := parseJSON(plain(value))
	if list.Kind() != event.List {
		c.fault = "no JSON list"
		return
	}
	if items := list.List(); len(items) > 3 && len(items[3].List()) > 0 {
		c.tc = items[3].List()[0].Text()
	}
	if c.tc == "" {
		c.silent = "no TC string in it: the visitor was not asked under TCF"
	}
}

// readPiwikPro reads {"consents":{"analytics":{"status":1}}}: 1 granted, 0 denied, -1 not answered. The format is documented
// by third parties only.
func readPiwikPro(c *claims, _, value string) {
	m := c.object(value)
	for _, p := range m.Get("consents").Object() {
		switch status, _ := p.Value.Object().Get("status").Float(); {
		case p.Value.Object().Get("status").IsNull():
		case status == 1:
			c.add(p.Key, piwikPurposes[p.Key], true)
		case status == 0:
			c.add(p.Key, piwikPurposes[p.Key], false)
		}
	}
}

var piwikPurposes = map[string]string{"analytics": Analytics, "remarketing": PersonalizedAds, "personalization": Functional,
	"conversion_tracking": Ads, "marketing_automation": "marketing", "ab_testing_and_personalization": Functional}

// readPandectes reads base64 of {"preferences":6}, whose bits say what was refused: 1 functional, 2 analytics, 4 marketing.
// The format is documented by third parties only.
func readPandectes(c *claims, _, value string) {
	refused, ok := c.base64Object(value).Get("preferences").Float()
	switch {
	case c.fault != "":
	case !ok || refused < 0 || refused > 1<<16:
		c.fault = "no preferences in it"
	default:
		for i, category := range []string{Functional, Analytics, "marketing"} {
			c.add(category, category, int(refused)&(1<<i) == 0)
		}
	}
}

// opaqueTools keep their answer where no server can read it. A snippet can forward it as `_c`.
var opaqueTools = []tool{
	{name: "osano", cookies: []string{"osano_consentmanager"}, read: readOsano},
	{name: "sourcepoint", cookies: []string{"consentUUID", "usnatUUID", "ccpaUUID"}, read: func(c *claims, _, _ string) {
		c.silent = "it is an id; the answer is in euconsent-v2, where TCF is used"
	}},
}

// readOsano reads plain JSON, {"ANALYTICS":"ACCEPT",...}, which Osano's own reader takes too; it writes it encrypted.
func readOsano(c *claims, _, value string) {
	m := parseJSON(plain(value)).Object()
	for _, p := range m {
		category := map[string]string{"ESSENTIAL": Necessary, "PERSONALIZATION": Functional, "ANALYTICS": Analytics,
			"MARKETING": "marketing"}[p.Key]
		switch v := p.Value.Text(); {
		case v != "ACCEPT" && v != "DENY":
		case p.Key == "OPT_OUT": // of the sale or sharing of data: to accept it is to refuse that
			c.add(p.Key, Sharing, v == "DENY")
		default:
			c.add(p.Key, category, v == "ACCEPT")
		}
	}
	if len(c.list) == 0 {
		c.silent = "it is encrypted; have the page send _c"
	}
}
