package enrich_test

import (
	"slices"
	"strings"
	"testing"

	"headgate/enrich"
	"headgate/event"
)

// identify walks events of one hit to the end, with the consent that each states, and returns the answer's cookie.
func identify(en *enrich.Enricher, h *event.Hit, events ...*event.Event) string {
	if h.Sender == event.Anyone {
		h.Sender = senders[events[0].Source]
	}
	en.Client(h)
	v := en.Visit(h)
	for _, e := range events {
		v.Describe(e)
	}
	for _, e := range events {
		v.Identify(e)
	}
	return setCookie(&v, "", "_hg", "id", "FPID")
}

// setCookie is the header that sets or removes a cookie of one of these names, "" where there is none.
func setCookie(v *enrich.Visit, site string, names ...string) string {
	for _, h := range v.Cookies(nil, site) {
		if name, _, _ := strings.Cut(h.Value, "="); slices.Contains(names, name) {
			return h.Value
		}
	}
	return ""
}

func granted(source string) *event.Event {
	return &event.Event{Source: source, Consent: event.Map{{Key: "analytics", Value: event.Boolean(true)}}}
}

func refused(source string) *event.Event {
	return &event.Event{Source: source, Consent: event.Map{{Key: "analytics", Value: event.Boolean(false)}}}
}

const attributes = "; Path=/; Domain=shop.example; Secure; HttpOnly; SameSite=Lax"

func TestTheIDIsKeptAdoptedOrMinted(t *testing.T) {
	const adopting = "identity: {adopt: [_ga, FPID, ajs_anonymous_id, rl_anonymous_id, _pk_id, __eventn_id]}"
	for _, c := range []struct{ name, cookie, said, id, kept string }{
		{"a new browser", "", "", "1.1795341600", "1.1795341600.1.1795341600"},
		{"our own cookie", "_hg=1.1700000000.77.1700000000", "", "77.1700000000", "1.1700000000.77.1700000000"},
		{"our own cookie goes before Google's", "_ga=GA1.1.5.6; _hg=1.1700000000.77.88", "", "77.88", "1.1700000000.77.88"},
		{"our own cookie, spoilt", "_hg=2.x.y", "", "1.1795341600", "1.1795341600.1.1795341600"},
		{"our own cookie without an id", "_hg=1.1700000000.", "", "1.1795341600", "1.1795341600.1.1795341600"},
		{"Google's", "_ga=GA1.1.1309730329.1709757290", "", "1309730329.1709757290", "1.1795341600.1309730329.1709757290"},
		{"Google's of a sub-domain and path", "_ga=GA1.3-2.5.6", "", "5.6", "1.1795341600.5.6"},
		{"Google's, spoilt", "_ga=GA1.1.x.6", "", "1.1795341600", "1.1795341600.1.1795341600"},
		{"the order of adopt decides, not the browser's", "ajs_anonymous_id=a; FPID=FPID2.1.YWJj%2B.7; _ga=GA1.1.5.6", "", "5.6", "1.1795341600.5.6"},
		{"a first choice that is spoilt", "_ga=nothing; ajs_anonymous_id=a-1", "", "a-1", "1.1795341600.a-1"},
		{"a server container's", "FPID=FPID2.2.aGVsbG8%2Bd29ybGQ%3D.1700000000", "", "aGVsbG8+d29ybGQ=.1700000000", "1.1795341600.aGVsbG8+d29ybGQ=.1700000000"},
		{"Segment's in quotes", `ajs_anonymous_id="2c5e-11"`, "", "2c5e-11", "1.1795341600.2c5e-11"},
		{"Segment's in encoded quotes", "ajs_anonymous_id=%222c5e-11%22", "", "2c5e-11", "1.1795341600.2c5e-11"},
		{"Segment's with text that no cookie can hold", "ajs_anonymous_id=%22a%3Bb%22", "", "1.1795341600", "1.1795341600.1.1795341600"},
		{"RudderStack's", "rl_anonymous_id=RS_ENC_v3_ImY4YjEi", "", "f8b1", "1.1795341600.f8b1"},
		{"RudderStack's, encrypted", "rl_anonymous_id=RudderEncrypt%3AU2FsdGVk", "", "1.1795341600", "1.1795341600.1.1795341600"},
		{"Matomo's", "_pk_id.1.1fff=0123456789abcdef.1700000000.", "", "0123456789abcdef", "1.1795341600.0123456789abcdef"},
		{"Jitsu's", "__eventn_id=k3j4", "", "k3j4", "1.1795341600.k3j4"},
		{"an id too long to be one", "__eventn_id=" + strings.Repeat("x", 129), "", "1.1795341600", "1.1795341600.1.1795341600"},
		{"what the client says wins for its event, and is kept where there was none", "", "said.1", "said.1", "1.1795341600.said.1"},
		{"what the client says does not replace what the browser has", "_hg=1.1700000000.77.88", "said.1", "said.1", "1.1700000000.77.88"},
		{"what the client says and no cookie can hold", "", "a;b", "a;b", "1.1795341600.1.1795341600"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := granted("events")
			e.User.ClientID = c.said
			cookie := identify(build(t, adopting), browser("cookie", c.cookie), e)
			if e.User.ClientID != c.id {
				t.Errorf("the id is %q, want %q", e.User.ClientID, c.id)
			}
			if want := "_hg=" + c.kept + "; Max-Age=34560000" + attributes; cookie != want {
				t.Errorf("\n got %s\nwant %s", cookie, want)
			}
		})
	}
}

func TestWithoutConsentNoIDIsMintedKeptOrUsed(t *testing.T) {
	const jar = "_hg=1.1700000000.77.88; _ga=GA1.1.5.6; _ga_ABC=GS2.1.s1746500000$o3"
	for name, e := range map[string]*event.Event{"refused": refused("events"), "unknown": {Source: "events"}} {
		e.Session.Engaged = true
		cookie := identify(build(t, ""), browser("cookie", jar), e)
		if e.User.ClientID != "" || e.Session.ID != "" || e.Session.Number != 0 || !e.Session.Start.IsZero() || !e.Session.Engaged {
			t.Errorf("%s: the event has %+v %+v", name, e.User, e.Session)
		}
		if cookie != "_hg=; Max-Age=0"+attributes {
			t.Errorf("%s: our cookie is not ended: %q", name, cookie)
		}
	}
	e := refused("events")
	if cookie := identify(build(t, ""), browser("cookie", "_ga=GA1.1.5.6"), e); cookie != "" || e.User.ClientID != "" {
		t.Errorf("a browser without our cookie gets %q, the event %q", cookie, e.User.ClientID)
	}
	e = refused("ga4")
	e.User.ClientID, e.Session.ID = "said.1", "5"
	identify(build(t, ""), browser("cookie", jar), e)
	if e.User.ClientID != "said.1" || e.Session.ID != "5" {
		t.Errorf("what the client said itself is redaction's part, but became %q", e.User.ClientID)
	}
}

func TestThePurposeIsTheSitesChoice(t *testing.T) {
	e := granted("events")
	if cookie := identify(build(t, "identity: {purpose: ads}"), browser(), e); cookie != "" || e.User.ClientID != "" {
		t.Errorf("without ads consent the browser gets %q", cookie)
	}
}

func TestEventsOfOneHitShareOneMintedID(t *testing.T) {
	a, b := granted("events"), granted("events")
	cookie := identify(build(t, ""), browser(), a, b)
	if a.User.ClientID != "1.1795341600" || b.User.ClientID != a.User.ClientID || !strings.Contains(cookie, ".1.1795341600;") {
		t.Errorf("%q, %q and %q", a.User.ClientID, b.User.ClientID, cookie)
	}
}

func TestOneRefusalInAHitBeatsEveryGrant(t *testing.T) {
	if cookie := identify(build(t, ""), browser(), granted("events"), refused("events")); cookie != "" {
		t.Errorf("the browser gets %q", cookie)
	}
	if cookie := identify(build(t, ""), browser("cookie", "_hg=1.1700000000.77.88"), refused("events"), granted("events")); !strings.HasPrefix(cookie, "_hg=; Max-Age=0") {
		t.Errorf("the browser keeps our cookie: %q", cookie)
	}
}

func TestTheRequestOfAServerIsNotAVisitorsBrowser(t *testing.T) {
	e := granted("mp")
	if cookie := identify(build(t, ""), browser("user-agent", "Go-http-client/1.1"), e); cookie != "" || e.User.ClientID != "" {
		t.Errorf("a server gets %q, its event the id %q", cookie, e.User.ClientID)
	}
}

func TestNothingOfAServersConnectionIsTheVisitors(t *testing.T) {
	const jar = "_hg=1.1700000000.77.88; _ga=GA1.1.5.6; _ga_ABC=GS2.1.s1746500000$o3; _fbp=fb.1.2.3; _gcl_aw=GCL.1700000000.gone"
	en := build(t, "trusted_proxies: [198.51.100.0/24]\nenrich: {geo: {headers: cloudflare}}")
	for _, e := range []*event.Event{granted("segment"), refused("segment"), granted("events"), granted("mp")} {
		h := fromServer("user-agent", firefox, "accept-language", "de", "referer", "https://jobs.shop.example/", "cf-ipcountry", "DE", "cookie", jar)
		if cookie := identify(en, h, e); cookie != "" {
			t.Errorf("%s: the answer carries %q", e.Source, cookie)
		}
		bare := event.Event{Source: e.Source, Consent: e.Consent}
		if got, want := string(e.AppendJSON(nil)), string(bare.AppendJSON(nil)); got != want {
			t.Errorf("%s: the event is %s, want %s", e.Source, got, want)
		}
	}
}

func TestWhatAServerSaysOfTheVisitorStands(t *testing.T) {
	e := granted("segment")
	e.User.ClientID, e.User.UserID = "anon-1", "u-7"
	e.Device.IP, e.Device.UserAgent = "203.0.113.9", pixel8
	e.Cookies = event.Map{{Key: "_gcl_aw", Value: event.String("GCL.1700000000.clicked")}}
	identify(build(t, ""), fromServer("user-agent", "analytics-node/2.1"), e)
	expect(t, e, map[string]string{"user.client_id": "anon-1", "user.user_id": "u-7", "device.ip": "203.0.113.9", "device.user_agent": pixel8,
		"device.type": "mobile", "campaign.click_ids.gclid": "clicked"})
}

func TestTheCookiesOfABrowserProveWhichClientsAreItsOwn(t *testing.T) {
	en := build(t, "")
	h := browser("cookie", "_hg=1.1700000000.ours; _ga=GA1.1.1234567890.1700000000; x=stated")
	en.Client(h)
	v := en.Visit(h)
	direct := granted("events")
	direct.User.ClientID = "stated"
	v.Describe(direct)
	if got := v.BrowserID(direct); got != "ours" {
		t.Errorf("the browser is %q", got)
	}
	server := fromServer("cookie", h.Cookie)
	en.Client(server)
	other := en.Visit(server)
	relayed := granted("mp")
	other.Describe(relayed)
	if got := other.BrowserID(relayed); got != "" {
		t.Errorf("a server's event comes from the browser %q", got)
	}
	for id, owns := range map[string]bool{"ours": true, "1234567890.1700000000": true, "stated": false, "": false, "1.1": false} {
		if v.Owns(id) != owns {
			t.Errorf("%q is its own: %v", id, !owns)
		}
	}
	en.Client(browser())
	if v := en.Visit(browser()); v.Owns("") || v.Owns("ours") {
		t.Error("a browser without cookies has a client")
	}
}

func TestTheSessionComesFromGooglesCookie(t *testing.T) {
	for value, want := range map[string][2]string{
		"GS2.1.s1746500000$o3$g1$t1746538151$j0$l0$h596000001": {"1746500000", "3"},
		"GS2.1.o3$x9$s1746500000":                              {"1746500000", "3"},
		"GS1.1.1746500000.4.1.1746538151.0.0.0":                {"1746500000", "4"},
		"GS1.1.1746500000":                                     {"1746500000", ""},
		"GS3.1.s1746500000":                                    {"", ""},
		"GS2.1.sx$o3":                                          {"", ""},
		"GS2.1.s1746500000$o-3":                                {"1746500000", ""},
	} {
		e := granted("events")
		identify(build(t, ""), browser("cookie", "_ga_ABC="+value), e)
		expect(t, e, map[string]string{"session.id": want[0], "session.number": want[1]})
		if want[0] != "" && e.Session.Start.Unix() != 1746500000 {
			t.Errorf("%s began %v", value, e.Session.Start)
		}
	}
}

func TestClientAndSessionComeFromOnePlace(t *testing.T) {
	const session = "; _ga_ABC=GS2.1.s1746500000$o3"
	for _, c := range []struct{ name, cookie, said, session, wantClient, wantSession string }{
		{"both of Google's cookies", "_ga=GA1.1.5.6" + session, "", "", "5.6", "1746500000"},
		{"our cookie was adopted from Google's", "_hg=1.1700000000.5.6; _ga=GA1.1.5.6" + session, "", "", "5.6", "1746500000"},
		{"our cookie is older than Google's", "_hg=1.1700000000.77.88; _ga=GA1.1.5.6" + session, "", "", "77.88", ""},
		{"the event names the client of another tool", "_ga=GA1.1.5.6" + session, "anon-1", "", "anon-1", ""},
		{"the event names Google's client", "_ga=GA1.1.5.6" + session, "5.6", "", "5.6", "1746500000"},
		{"the event names both", "_ga=GA1.1.5.6" + session, "anon-1", "9", "anon-1", "9"},
		{"a client of the event's, and only Google's session", "theme=dark" + session, "anon-1", "", "anon-1", ""},
		{"a new client, and only Google's session", "theme=dark" + session, "", "", "1.1795341600", "1746500000"},
		{"the first session that can be read", "_ga=GA1.1.5.6; _ga_X=GS9.1" + session, "", "", "5.6", "1746500000"},
	} {
		e := granted("segment")
		e.User.ClientID, e.Session.ID = c.said, c.session
		identify(build(t, ""), browser("cookie", c.cookie), e)
		if e.User.ClientID != c.wantClient || e.Session.ID != c.wantSession {
			t.Errorf("%s: client %q with session %q, want %q with %q", c.name, e.User.ClientID, e.Session.ID, c.wantClient, c.wantSession)
		}
	}
}

func TestTheCookieFitsTheHost(t *testing.T) {
	for _, c := range []struct{ scheme, host, site, want string }{
		{"https", "t.shop.example", "", "; Path=/; Domain=shop.example; Secure; HttpOnly; SameSite=Lax"},
		{"http", "t.shop.example:8080", "", "; Path=/; Domain=shop.example; HttpOnly; SameSite=Lax"},
		{"https", "t.shop.co.uk", "", "; Path=/; Domain=shop.co.uk; Secure; HttpOnly; SameSite=Lax"},
		{"https", "a.b.shop.example", "b.shop.example", "; Path=/; Domain=b.shop.example; Secure; HttpOnly; SameSite=Lax"},
		{"http", "localhost:8080", "", "; Path=/; HttpOnly; SameSite=Lax"},
		{"http", "127.0.0.1:8080", "", "; Path=/; HttpOnly; SameSite=Lax"},
		{"http", "[::1]:8080", "", "; Path=/; HttpOnly; SameSite=Lax"},
		{"https", "shop.github.io", "", "; Path=/; Domain=shop.github.io; Secure; HttpOnly; SameSite=Lax"},
		{"https", "github.io", "", "; Path=/; Secure; HttpOnly; SameSite=Lax"},
		{"https", "x; Max-Age=1.example", "", "; Path=/; Secure; HttpOnly; SameSite=Lax"},
		{"https", "", "", "; Path=/; Secure; HttpOnly; SameSite=Lax"},
	} {
		en := build(t, "")
		h := browser()
		h.Scheme, h.Host = c.scheme, c.host
		en.Client(h)
		v := en.Visit(h)
		e := granted("events")
		v.Describe(e)
		v.Identify(e)
		text := setCookie(&v, c.site, "_hg")
		if want := "_hg=1.1795341600.1.1795341600; Max-Age=34560000" + c.want; text != want {
			t.Errorf("%s://%s\n got %s\nwant %s", c.scheme, c.host, text, want)
		}
	}
}

func TestACookieThatIsNotRenewedEndsWhenItFirstWould(t *testing.T) {
	en := build(t, "identity: {cookie: id, lifetime: 10d, renew: false}")
	for value, want := range map[string]string{
		"":                  "id=1.1795341600.1.1795341600; Max-Age=864000" + attributes,
		"1.1795255200.77.8": "id=1.1795255200.77.8; Max-Age=777600" + attributes, // a day old
		"1.1795428000.77.8": "id=1.1795428000.77.8; Max-Age=864000" + attributes, // from the future
		"1.1700000000.77.8": "id=; Max-Age=0" + attributes,                       // long over
	} {
		if got := identify(en, browser("cookie", "id="+value), granted("events")); got != want {
			t.Errorf("%s\n got %s\nwant %s", value, got, want)
		}
		en = build(t, "identity: {cookie: id, lifetime: 10d, renew: false}")
	}
}

func FuzzCookies(f *testing.F) {
	f.Add("_hg=1.1700000000.77.88; _ga=GA1.1.5.6; _ga_X=GS2.1.s1$o2; _fbc=fb.1.2.3", "/?fbclid=x")
	f.Add(`rl_anonymous_id=RS_ENC_v3_ImY4YjEi; ajs_anonymous_id="a\"b"; FPID=%46PID2.1.%zz.1`, "")
	f.Add("_hg_clicks=1!gclid.1795300000.a%2Cb!tblci.x.y!!.", "/?tblci=%0a&sccid=a;b")
	f.Add("_twclid=%7B%22twclid%22%3A1%7D;_gcl_aw=2.1.k%00$; _uetmsclkid=_uet; ;=;", "")
	en := build(f, "identity: {adopt: [_ga, FPID, ajs_anonymous_id, rl_anonymous_id, _pk_id, any]}")
	f.Fuzz(func(t *testing.T, cookies, url string) {
		e := granted("events")
		e.User.ClientID = "said" // nothing is minted: the source of randomness is short
		e.Page.URL = url
		text := identify(en, browser("cookie", cookies), e)
		if strings.ContainsAny(text, "\r\n\x00") || strings.Count(text, ";") != 6 {
			t.Fatalf("%q made the cookie %q", cookies, text)
		}
		for _, c := range e.Cookies {
			if c.Value.Text() == "" {
				t.Fatalf("%q: %s is empty", cookies, c.Key)
			}
		}
		ads := adsEvent(url, true)
		ads.User.ClientID = "said"
		if text := arrive(en, browser("cookie", cookies), ads); strings.ContainsAny(text, "\r\n\x00") || text != "" && strings.Count(text, ";") != 6 || len(text) > 1300 {
			t.Fatalf("%q made the cookie %q", cookies, text)
		}
		no := refused("events")
		identify(en, browser("cookie", cookies), no)
		if no.User.ClientID != "" || no.Session.ID != "" {
			t.Fatalf("%q: refused and yet %+v", cookies, no.User)
		}
	})
}

// A hit that is to stay anonymous has neither the address nor an id of its connection, and gets no cookie.
func TestAnAnonymousHitGetsNoIDAndLeavesNoAddress(t *testing.T) {
	for _, anonymous := range []bool{false, true} {
		h := browser("cookie", "_hg=1.1700000000.77.88; _ga=GA1.1.5.6; _fbp=fb.1.1.2")
		h.Anonymous = anonymous
		e := granted("events")
		cookie := identify(build(t, ""), h, e)
		for what, found := range map[string]bool{"an id": e.User.ClientID != "", "an address": e.Device.IP != "",
			"marketing cookies": len(e.Cookies) > 0, "a cookie in the answer": cookie != ""} {
			if found == anonymous {
				t.Errorf("anonymous: %v, with %s: %v", anonymous, what, found)
			}
		}
		if e.Device.Browser == "" {
			t.Errorf("anonymous: %v, the browser is not described", anonymous)
		}
	}
}
