package consent

import (
	"encoding/base64"
	"strings"

	"headgate/event"
)

// boolTools keep JSON with one entry per category.
var boolTools = []tool{
	{name: "cookiefirst", cookies: []string{"cookiefirst-consent"}, read: readCookieFirst},
	{name: "cookiescript", cookies: []string{"CookieScriptConsent"}, read: readCookieScript},
	{name: "cookieinformation", cookies: []string{"CookieInformationConsent"}, read: readCookieInformation},
	{name: "borlabs", cookies: []string{"borlabs-cookie"}, read: readBorlabs},
	{name: "iubenda", prefixes: []string{"_iub_cs-"}, read: readIubenda},
	{name: "ketch", cookies: []string{"_ketch_consent_v1_"}, read: readKetch},
}

// readCookieFirst reads {"necessary":true,"performance":false,...,"timestamp":...,"type":"category"}.
func readCookieFirst(c *claims, _, value string) {
	for _, p := range c.object(value) {
		switch yes, isBool := p.Value.Bool(); {
		case p.Key == "timestamp":
			c.when = answered(p.Value)
		case isBool:
			c.add(p.Key, p.Key, yes)
		}
	}
}

// readCookieScript reads {"action":"accept","categories":"[\"targeting\"]"}: the list stands as JSON inside a text, sometimes
// as a list. What it does not list was refused.
func readCookieScript(c *claims, _, value string) {
	m := c.object(value)
	if c.fault != "" {
		return // the list may be what is missing
	}
	c.when = answered(m.Get("consenttime"))
	list := m.Get("categories")
	if list.Kind() == event.Text {
		list = parseJSON(list.Text())
	}
	switch action := m.Text("action"); {
	case action != "accept" && action != "reject":
		c.preset = true
	case action == "reject" && len(list.List()) == 0:
		c.rest = true
		return
	}
	for _, category := range []string{"strict", "functionality", "performance", "targeting"} {
		if listed(list, category) {
			c.add(category, category, true)
		} else if category != "strict" && !c.preset {
			c.add(category, category, false)
		}
	}
}

func listed(list event.Value, text string) bool {
	for _, one := range list.List() {
		if one.Text() == text {
			return true
		}
	}
	return false
}

// readCookieInformation reads lists of approved and denied categories: cookie_cat_statistic.
func readCookieInformation(c *claims, _, value string) {
	m := c.object(value)
	c.when = answered(m.Get("timestamp"))
	for _, list := range []struct {
		key string
		yes bool
	}{{"consents_denied", false}, {"consents_approved", true}} {
		for _, one := range m.Get(list.key).List() {
			id := one.Text()
			c.add(id, strings.TrimPrefix(id, "cookie_cat_"), list.yes)
		}
	}
	if c.fault == "" && len(c.list) == 0 {
		c.fault = "no categories in it"
	}
}

// readBorlabs reads {"consents":{"statistics":["google-analytics"],...}}: only what was accepted is written, so that a
// group that is missing or empty was refused.
func readBorlabs(c *claims, _, value string) {
	m := c.object(value)
	groups := m.Get("consents")
	if c.fault == "" && groups.Kind() != event.Object {
		c.fault = "no consents in it"
	}
	if c.fault != "" {
		return // a group may be what is missing
	}
	for _, group := range []struct{ id, category string }{
		{"essential", Necessary}, {"external-media", Functional}, {"statistics", Analytics}, {"marketing", "marketing"},
	} {
		services := groups.Object().Get(group.id).List()
		c.add(group.id, group.category, len(services) > 0 || group.category == Necessary)
		for _, service := range services {
			c.add(service.Text(), "", true)
		}
	}
}

var (
	iubendaPurposes = map[string]string{"1": Necessary, "2": Functional, "3": "", "4": Analytics, "5": "marketing"}
	iubendaUS       = []struct{ key, category string }{{"s", "sale"}, {"sh", "sharing"}, {"adv", "targeted_ads"}}
)

// readIubenda reads {"purposes":{"1":true,...}}, or {"consent":true} for everything. The cookie -uspr holds US
// preferences: sale, sharing, targeted advertising, true meaning allowed (assumed from the US Privacy string beside it).
func readIubenda(c *claims, name, value string) {
	m := c.object(value)
	if strings.HasSuffix(name, "-uspr") {
		for _, one := range iubendaUS {
			switch yes, ok := m.Get(one.key).Bool(); {
			case ok && yes:
				c.add(one.key, one.category, true)
			case ok: // each of the three is an opt-out of the United States
				c.add(one.key, Sharing, false)
			}
		}
		return
	}
	c.when = answered(m.Get("timestamp"))
	purposes := m.Get("purposes").Object()
	for _, p := range purposes {
		if yes, ok := p.Value.Bool(); ok {
			c.add(p.Key, iubendaPurposes[p.Key], yes)
		}
	}
	if all, ok := m.Get("consent").Bool(); ok && len(purposes) == 0 {
		for _, category := range []string{Necessary, Functional, Analytics, "marketing"} {
			c.add("consent", category, all || category == Necessary)
		}
	}
	if len(c.list) == 0 {
		c.preset = true
	}
}

// readKetch reads base64 of {"analytics":{"status":"granted","canonicalPurposes":["analytics"]},...}.
func readKetch(c *claims, _, value string) {
	m := c.base64Object(value)
	for _, p := range m {
		body := p.Value.Object()
		yes, ok := truth(body.Text("status"))
		if !ok {
			continue
		}
		canonical := body.Get("canonicalPurposes").List()
		if len(canonical) == 0 {
			canonical = []event.Value{event.String(p.Key)}
		}
		for _, one := range canonical {
			c.add(p.Key, one.Text(), yes)
		}
	}
}

// base64Object reads a cookie that holds base64 of a JSON object, in either alphabet, with or without padding. Of one that was
// cut off or is damaged it returns what is before that.
func (c *claims) base64Object(value string) event.Map {
	text := strings.TrimRight(plain(value), "=")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	raw, err := base64.RawStdEncoding.DecodeString(text)
	m := c.objectOf(string(raw))
	if err != nil {
		c.fault = "no base64"
	}
	return m
}
