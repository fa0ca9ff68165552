package cmp

import (
	"strings"

	"headgate/event"
)

// boolTools keep JSON with one entry per category.
var boolTools = []Tool{
	{Name: "cookiefirst", Cookies: []string{"cookiefirst-consent"}, read: readCookieFirst},
	{Name: "cookiescript", Cookies: []string{"CookieScriptConsent"}, read: readCookieScript},
	{Name: "cookieinformation", Cookies: []string{"CookieInformationConsent"}, read: readCookieInformation},
	{Name: "borlabs", Cookies: []string{"borlabs-cookie"}, read: readBorlabs},
	{Name: "iubenda", Prefixes: []string{"_iub_cs-"}, read: readIubenda},
	{Name: "ketch", Cookies: []string{"_ketch_consent_v1_"}, read: readKetch},
}

// readCookieFirst reads {"necessary":true,"performance":false,...,"timestamp":...,"type":"category"}.
func readCookieFirst(a *Answer, _, value string) {
	for _, p := range a.object(value) {
		switch yes, isBool := p.Value.Bool(); {
		case p.Key == "timestamp":
			a.When = answered(p.Value)
		case isBool:
			a.add(p.Key, p.Key, yes)
		}
	}
}

// readCookieScript reads {"action":"accept","categories":"[\"targeting\"]"}: the list stands as JSON inside a text, sometimes
// as a list. What it does not list was refused.
func readCookieScript(a *Answer, _, value string) {
	m := a.object(value)
	if a.Fault != "" {
		return // the list may be what is missing
	}
	a.When = answered(m.Get("consenttime"))
	list := m.Get("categories")
	if list.Kind() == event.Text {
		list = parseJSON(list.Text())
	}
	switch action := m.Text("action"); {
	case action != "accept" && action != "reject":
		a.Preset = true
	case action == "reject" && len(list.List()) == 0:
		a.Rest = true
		return
	}
	for _, category := range []string{"strict", "functionality", "performance", "targeting"} {
		if listed(list, category) {
			a.add(category, category, true)
		} else if category != "strict" && !a.Preset {
			a.add(category, category, false)
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
func readCookieInformation(a *Answer, _, value string) {
	m := a.object(value)
	a.When = answered(m.Get("timestamp"))
	for _, list := range []struct {
		key string
		yes bool
	}{{"consents_denied", false}, {"consents_approved", true}} {
		for _, one := range m.Get(list.key).List() {
			id := one.Text()
			a.add(id, strings.TrimPrefix(id, "cookie_cat_"), list.yes)
		}
	}
	if a.Fault == "" && len(a.Claims) == 0 {
		a.Fault = "no categories in it"
	}
}

// readBorlabs reads {"consents":{"statistics":["google-analytics"],...}}: only what was accepted is written, so that a
// group that is missing or empty was refused.
func readBorlabs(a *Answer, _, value string) {
	m := a.object(value)
	groups := m.Get("consents")
	if a.Fault == "" && groups.Kind() != event.Object {
		a.Fault = "no consents in it"
	}
	if a.Fault != "" {
		return // a group may be what is missing
	}
	for _, group := range []struct{ id, category string }{
		{"essential", necessary}, {"external-media", functional}, {"statistics", analytics}, {"marketing", "marketing"},
	} {
		services := groups.Object().Get(group.id).List()
		a.add(group.id, group.category, len(services) > 0 || group.category == necessary)
		for _, service := range services {
			a.add(service.Text(), "", true)
		}
	}
}

var (
	iubendaPurposes = map[string]string{"1": necessary, "2": functional, "3": "", "4": analytics, "5": "marketing"}
	iubendaUS       = []struct{ key, category string }{{"s", "sale"}, {"sh", "sharing"}, {"adv", "targeted_ads"}}
)

// readIubenda reads {"purposes":{"1":true,...}}, or {"consent":true} for everything. The cookie -uspr holds US
// preferences: sale, sharing, targeted advertising, true meaning allowed (assumed from the US Privacy string next to it).
func readIubenda(a *Answer, name, value string) {
	m := a.object(value)
	if strings.HasSuffix(name, "-uspr") {
		for _, one := range iubendaUS {
			switch yes, ok := m.Get(one.key).Bool(); {
			case ok && yes:
				a.add(one.key, one.category, true)
			case ok: // each of the three is an opt-out of the United States
				a.add(one.key, sharing, false)
			}
		}
		return
	}
	a.When = answered(m.Get("timestamp"))
	purposes := m.Get("purposes").Object()
	for _, p := range purposes {
		if yes, ok := p.Value.Bool(); ok {
			a.add(p.Key, iubendaPurposes[p.Key], yes)
		}
	}
	if all, ok := m.Get("consent").Bool(); ok && len(purposes) == 0 {
		for _, category := range []string{necessary, functional, analytics, "marketing"} {
			a.add("consent", category, all || category == necessary)
		}
	}
	if len(a.Claims) == 0 {
		a.Preset = true
	}
}

// readKetch reads base64 of {"analytics":{"status":"granted","canonicalPurposes":["analytics"]},...}.
func readKetch(a *Answer, _, value string) {
	m := a.base64Object(value)
	for _, p := range m {
		body := p.Value.Object()
		yes, ok := Truth(body.Text("status"))
		if !ok {
			continue
		}
		canonical := body.Get("canonicalPurposes").List()
		if len(canonical) == 0 {
			canonical = []event.Value{event.String(p.Key)}
		}
		for _, one := range canonical {
			a.add(p.Key, one.Text(), yes)
		}
	}
}
