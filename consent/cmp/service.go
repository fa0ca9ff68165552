package cmp

import "strings"

// serviceTools ask about services or vendors of the site's choice: only a map of the site's own can tell what they mean.
var serviceTools = []Tool{
	{Name: "didomi", Cookies: []string{"didomi_token"}, read: readDidomi},
	{Name: "axeptio", Cookies: []string{"axeptio_cookies"}, read: readAxeptio},
	{Name: "civic", Cookies: []string{"CookieControl"}, read: readCivic},
	{Name: "klaro", Cookies: []string{"klaro"}, read: readKlaro},
	{Name: "orejime", Cookies: []string{"orejime", "eu-consent"}, read: readKlaro}, // once made from Klaro
	{Name: "transcend", Cookies: []string{"tcm"}, read: readTranscend},
}

// readDidomi reads base64 of {"purposes":{"enabled":[],"disabled":[]},"vendors":{...}}.
func readDidomi(a *Answer, _, value string) {
	m := a.base64Object(value)
	a.When = answered(m.Get("updated"))
	for _, group := range []string{"purposes", "vendors"} {
		lists := m.Get(group).Object()
		for _, one := range lists.Get("disabled").List() {
			a.add(one.Text(), "", false)
		}
		for _, one := range lists.Get("enabled").List() {
			a.add(one.Text(), didomiPurposes[one.Text()], true)
		}
	}
}

// didomiPurposes are the ids that are the same for all tenants; those of a tenant's own end in a code.
var didomiPurposes = map[string]string{"measure_ad_performance": ads}

// readAxeptio reads {"$$completed":true,"google_analytics":false,...}.
func readAxeptio(a *Answer, _, value string) {
	m := a.object(value)
	completed, _ := m.Get("$$completed").Bool()
	a.Preset = !completed
	a.When = answered(m.Get("$$date"))
	for _, p := range m {
		if yes, ok := p.Value.Bool(); ok && !strings.HasPrefix(p.Key, "$$") {
			a.add(p.Key, "", yes)
		}
	}
}

// readCivic reads {"optionalCookies":{"analytics":"accepted"},"interactedWith":true}. The names are the site's, usually
// those of categories; none although someone answered means that all were refused.
func readCivic(a *Answer, _, value string) {
	m := a.object(value)
	interacted, _ := m.Get("interactedWith").Bool()
	a.Preset = !interacted
	a.When = answered(m.Get("consentDate"))
	a.TC = m.Text("iabConsent")
	cookies := m.Get("optionalCookies").Object()
	for _, p := range cookies {
		switch p.Value.Text() {
		case "accepted":
			a.add(p.Key, strings.ToLower(p.Key), true)
		case "revoked":
			a.add(p.Key, strings.ToLower(p.Key), false)
		}
	}
	a.Rest = interacted && len(cookies) == 0 && a.Fault == ""
}

// readKlaro reads {"service":true,...}, which is written once someone has answered. Where the site has it written before,
// "confirmed":false says so.
func readKlaro(a *Answer, _, value string) {
	for _, p := range a.object(value) {
		yes, ok := p.Value.Bool()
		switch {
		case !ok:
		case p.Key == "confirmed":
			a.Preset = !yes
		default:
			a.add(p.Key, "", yes)
		}
	}
	if a.Fault == "" && len(a.Claims) == 0 {
		a.Fault = "no services in it"
	}
}

// readTranscend reads {"purposes":{"Analytics":true,"SaleOfInfo":"Auto"},"confirmed":true,"timestamp":"..."}; Auto is the
// tool's own default. The format is documented by third parties only.
func readTranscend(a *Answer, _, value string) {
	m := a.object(value)
	confirmed, _ := m.Get("confirmed").Bool()
	a.Preset = !confirmed
	a.When = answered(m.Get("timestamp"))
	for _, p := range m.Get("purposes").Object() {
		if yes, ok := p.Value.Bool(); ok {
			a.add(p.Key, transcendPurposes[p.Key], yes)
		}
	}
}

var transcendPurposes = map[string]string{"Essential": necessary, "Functional": functional, "Analytics": analytics,
	"Advertising": "marketing", "SaleOfInfo": "sale"}
