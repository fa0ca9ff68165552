package consent

import "strings"

// serviceTools ask about services or vendors of the site's choice: only a map of the site's own can tell what they mean.
var serviceTools = []tool{
	{name: "didomi", cookies: []string{"didomi_token"}, read: readDidomi},
	{name: "axeptio", cookies: []string{"axeptio_cookies"}, read: readAxeptio},
	{name: "civic", cookies: []string{"CookieControl"}, read: readCivic},
	{name: "klaro", cookies: []string{"klaro"}, read: readKlaro},
	{name: "orejime", cookies: []string{"orejime", "eu-consent"}, read: readKlaro}, // once made from Klaro
	{name: "transcend", cookies: []string{"tcm"}, read: readTranscend},
}

// readDidomi reads base64 of {"purposes":{"enabled":[],"disabled":[]},"vendors":{...}}.
func readDidomi(c *claims, _, value string) {
	m := c.base64Object(value)
	c.when = answered(m.Get("updated"))
	for _, group := range []string{"purposes", "vendors"} {
		lists := m.Get(group).Object()
		for _, one := range lists.Get("disabled").List() {
			c.add(one.Text(), "", false)
		}
		for _, one := range lists.Get("enabled").List() {
			c.add(one.Text(), didomiPurposes[one.Text()], true)
		}
	}
}

// didomiPurposes are the ids that are the same for all tenants; those of a tenant's own end in a code.
var didomiPurposes = map[string]string{"measure_ad_performance": Ads}

// readAxeptio reads {"$$completed":true,"google_analytics":false,...}.
func readAxeptio(c *claims, _, value string) {
	m := c.object(value)
	completed, _ := m.Get("$$completed").Bool()
	c.preset = !completed
	c.when = answered(m.Get("$$date"))
	for _, p := range m {
		if yes, ok := p.Value.Bool(); ok && !strings.HasPrefix(p.Key, "$$") {
			c.add(p.Key, "", yes)
		}
	}
}

// readCivic reads {"optionalCookies":{"analytics":"accepted"},"interactedWith":true}. The names are the site's, usually
// those of categories; none although somebody answered means that all were refused.
func readCivic(c *claims, _, value string) {
	m := c.object(value)
	interacted, _ := m.Get("interactedWith").Bool()
	c.preset = !interacted
	c.when = answered(m.Get("consentDate"))
	c.tc = m.Text("iabConsent")
	cookies := m.Get("optionalCookies").Object()
	for _, p := range cookies {
		switch p.Value.Text() {
		case "accepted":
			c.add(p.Key, strings.ToLower(p.Key), true)
		case "revoked":
			c.add(p.Key, strings.ToLower(p.Key), false)
		}
	}
	c.rest = interacted && len(cookies) == 0 && c.fault == ""
}

// readKlaro reads {"service":true,...}, which is written once somebody has answered. Where the site has it written before,
// "confirmed":false says so.
func readKlaro(c *claims, _, value string) {
	for _, p := range c.object(value) {
		yes, ok := p.Value.Bool()
		switch {
		case !ok:
		case p.Key == "confirmed":
			c.preset = !yes
		default:
			c.add(p.Key, "", yes)
		}
	}
	if c.fault == "" && len(c.list) == 0 {
		c.fault = "no services in it"
	}
}

// readTranscend reads {"purposes":{"Analytics":true,"SaleOfInfo":"Auto"},"confirmed":true,"timestamp":"..."}; Auto is the
// tool's own default. The format is documented by third parties only.
func readTranscend(c *claims, _, value string) {
	m := c.object(value)
	confirmed, _ := m.Get("confirmed").Bool()
	c.preset = !confirmed
	c.when = answered(m.Get("timestamp"))
	for _, p := range m.Get("purposes").Object() {
		if yes, ok := p.Value.Bool(); ok {
			c.add(p.Key, transcendPurposes[p.Key], yes)
		}
	}
}

var transcendPurposes = map[string]string{"Essential": Necessary, "Functional": Functional, "Analytics": Analytics,
	"Advertising": "marketing", "SaleOfInfo": "sale"}
