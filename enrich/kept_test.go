package enrich_test

import (
	"strings"
	"testing"

	"headgate/enrich"
	"headgate/event"
)

const safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15"

// answer walks events of one hit from a page of the site to the end, and returns the names of the cookies that the answer sets,
// with their values and attributes.
func answer(en *enrich.Enricher, h *event.Hit, events ...*event.Event) map[string]string {
	if h.From == event.UnknownPage {
		h.From = event.OwnPage
	}
	en.Client(h)
	v := en.Visit(h)
	for _, e := range events {
		v.Describe(e)
	}
	for _, e := range events {
		v.Identify(e)
	}
	return cookiesOf(v.Cookies(nil, ""))
}

func cookiesOf(headers event.Headers) map[string]string {
	set := map[string]string{}
	for _, h := range headers {
		name, rest, _ := strings.Cut(h.Value, "=")
		set[name] = rest
	}
	return set
}

// consenting returns an event whose visitor granted these purposes and refused the others.
func consenting(purposes ...string) *event.Event {
	e := &event.Event{Source: "events"}
	for _, purpose := range []string{"analytics", "ads"} {
		e.Consent.Set(purpose, event.Boolean(strings.Contains(strings.Join(purposes, " "), purpose)))
	}
	return e
}

const (
	// remembered says: both cookies seen ten days before, and not since.
	remembered = "_hg_keep=1!_ga:GA1.1.5.6:todvs0:todvs0!_fbp:fb.1.1794400000000.77:todvs0:todvs0:r"
	readable   = "; Path=/; Domain=shop.example; Secure; SameSite=Lax"
)

func TestSafariGetsBackWhatItRemoved(t *testing.T) {
	for name, c := range map[string]struct {
		agent, cookie, settings string
		from                    event.PageOrigin
		event                   *event.Event
		ga, fbp, keep           string // beginnings; "" for not set
	}{
		"all is granted":             {agent: safari, cookie: remembered, event: consenting("analytics", "ads"), ga: "GA1.1.5.6; Max-Age=", fbp: "fb.1.1794400000000.77; Max-Age=", keep: "1!_ga:"},
		"only analytics is granted":  {agent: safari, cookie: remembered, event: consenting("analytics"), ga: "GA1.1.5.6; Max-Age=", keep: "1!_ga:"},
		"only ads are granted":       {agent: safari, cookie: remembered, event: consenting("ads"), fbp: "fb.1.1794400000000.77; Max-Age=", keep: "1!_fbp:"},
		"ads are taken back":         {agent: safari, cookie: remembered + "; _fbp=fb.1.1794400000000.77", event: consenting("analytics"), ga: "GA1.1.5.6; Max-Age=", fbp: "; Max-Age=0", keep: "1!_ga:"},
		"all is refused":             {agent: safari, cookie: remembered, event: consenting(), keep: "; Max-Age=0"},
		"nobody has asked":           {agent: safari, cookie: remembered, event: &event.Event{Source: "events"}, keep: "; Max-Age=0"},
		"a page of another site":     {agent: safari, cookie: remembered, event: consenting("analytics", "ads"), from: event.ForeignPage},
		"another browser":            {agent: chrome, cookie: remembered, event: consenting("analytics", "ads")},
		"a browser on an iPhone":     {agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/139.0 Mobile/15E148 Safari/604.1", cookie: remembered, event: consenting("analytics"), ga: "GA1.1.5.6; Max-Age=", keep: "1!_ga:"},
		"nothing is kept unless set": {agent: safari, cookie: remembered, event: consenting("analytics", "ads"), settings: "identity: {}"},
		"the first visit":            {agent: safari, cookie: "_ga=GA1.1.5.6; _fbp=fb.1.1.2; session=secret", event: consenting("analytics", "ads"), keep: "1!_ga:GA1.1.5.6:"},
	} {
		settings := c.settings
		if settings == "" {
			settings = "identity: {keep: {}}"
		}
		h := browser("user-agent", c.agent, "cookie", c.cookie)
		h.From = c.from
		set := answer(build(t, settings), h, c.event)
		for cookie, want := range map[string]string{"_ga": c.ga, "_fbp": c.fbp, "_hg_keep": c.keep} {
			if got, there := set[cookie]; there != (want != "") || !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s=%q, want %q...", name, cookie, got, want)
			}
			if got, there := set[cookie]; there && cookie != "_hg_keep" && !strings.HasSuffix(got, readable) {
				t.Errorf("%s: %s=%q cannot be read by its tag", name, cookie, got)
			}
		}
		if strings.Contains(set["_hg_keep"], "secret") {
			t.Errorf("%s: a cookie of the shop's is remembered: %s", name, set["_hg_keep"])
		}
	}
}

func TestOneRefusalInAHitForgetsWhatIsKept(t *testing.T) {
	set := answer(build(t, "identity: {keep: {}}"), browser("user-agent", safari, "cookie", remembered), consenting("analytics", "ads"), consenting("analytics"))
	if _, there := set["_fbp"]; there || strings.Contains(set["_hg_keep"], "_fbp") {
		t.Errorf("%v", set)
	}
}

func TestAServerAndAnAnonymousVisitorKeepNothing(t *testing.T) {
	for _, sender := range []event.Sender{event.Server, event.Browser} {
		h := browser("user-agent", safari, "cookie", remembered)
		h.Sender, h.Anonymous = sender, sender == event.Browser
		if set := answer(build(t, "identity: {keep: {}}"), h, consenting("analytics", "ads")); len(set) > 0 {
			t.Errorf("%v: %v", sender, set)
		}
	}
}

func TestMistakesInTheIdentityNamePlaceFactAndCure(t *testing.T) {
	const secret = "secret: a secret of the shop, "
	for text, want := range map[string]string{
		"identity: {keep: {cookies: [_gaa]}}":                         `headgate.yaml:1:29: no cookie that can be kept is called "_gaa"; did you mean "_ga"?`,
		"identity: {keep: {cookie: 'a b'}}":                           `headgate.yaml:1:28: "a b" cannot name a cookie; use letters, digits, _ and -`,
		"identity: {keep: {cookie: _hg}}":                             `headgate.yaml:1:27: _hg is the cookie of the client id; give one of them another name`,
		"identity: {sessions: {}}":                                    `headgate.yaml:1:22: identity.sessions signs its cookie, and there is no identity.secret; write secret: ${HEADGATE_IDENTITY_SECRET}, 16 characters or more, the same on every machine`,
		"identity: {secret: short, sessions: {}}":                     `headgate.yaml:1:20: identity.secret has 5 characters; 16 or more are needed; openssl rand -hex 32 makes a good one`,
		"identity: {" + secret + "sessions: {timeout: 8h}}":           `headgate.yaml:1:52: identity.sessions.timeout is 8h; GA4 takes 5m to 475m`,
		"identity: {" + secret + "sessions: {cookie: _hg_clicks}}":    `headgate.yaml:1:61: _hg_clicks is the cookie of click ids; give one of them another name`,
		"identity: {link: {domains: [shop.example]}}":                 `headgate.yaml:1:18: identity.link seals ids, and there is no identity.secret; write secret: ${HEADGATE_IDENTITY_SECRET}, 16 characters or more, the same on every machine`,
		"identity: {" + secret + "link: {domains: [https://a.de]}}":   `headgate.yaml:1:59: "https://a.de" is no domain in small letters, without a scheme and a port; write a domain of yours: shop.example`,
		"identity: {" + secret + "link: {domains: [co.uk]}}":          `headgate.yaml:1:59: "co.uk" belongs to everybody who registers a name below it; write a domain of yours: shop.example`,
		"identity: {" + secret + "link: {domains: [127.0.0.1]}}":      `headgate.yaml:1:59: "127.0.0.1" is an address; write a domain of yours: shop.example`,
		"identity: {" + secret + "link: {}}":                          `headgate.yaml:1:48: "link" lacks "domains"`,
		"identity: {meta: {appendix: AQQC}}":                          `headgate.yaml:1:29: "AQQC" is no appendix of Meta's; write the eight characters that Meta assigned, which begin with AQ; or leave it out`,
		"identity: {endpoint: id}":                                    `headgate.yaml:1:22: "id" is no path; write a path such as /id`,
		"identity: {anonymous: true, keep: {}}":                       `headgate.yaml:1:11: identity.anonymous reads and sets no cookie, so that sessions, keep, link and meta have nothing to do; leave them out, or anonymous`,
		"identity: {format: fpid, adopt: [_ga, FPID]}":                `headgate.yaml:1:39: FPID is our own cookie; leave it out of adopt`,
		"identity: {format: fpidd}":                                   `headgate.yaml:1:20: "format" takes headgate or fpid, not "fpidd"; did you mean "fpid"?`,
		"identity: {" + secret + "link: {domains: [shop.example]}, }": "",
	} {
		_, mistakes := parse(text)
		if err := mistakes.Err(); want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}
