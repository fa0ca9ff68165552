package enrich_test

import (
	"strings"
	"testing"
	"time"

	"headgate/enrich"
	"headgate/enrich/identity"
	"headgate/event"
)

const following = "identity: {secret: a secret of the shop, sessions: {}}"

// comesAgain is a hit of the same browser, which has the cookies that it was given.
func comesAgain(after time.Duration, jar map[string]string, set map[string]string) *event.Hit {
	for name, text := range set {
		value, _, _ := strings.Cut(text, ";")
		if jar[name] = value; value == "" {
			delete(jar, name)
		}
	}
	var cookies []string
	for name, value := range jar {
		cookies = append(cookies, name+"="+value)
	}
	h := browser("cookie", strings.Join(cookies, "; "))
	h.Received = received.Add(after)
	return h
}

func TestVisitsAreFollowedByGA4sDefinition(t *testing.T) {
	en, jar := build(t, following), map[string]string{}
	var set map[string]string
	for _, c := range []struct {
		after      time.Duration
		name       string
		id, number string
		engaged    string
	}{
		{0, "page_view", "1795341600", "1", ""},
		{10 * time.Minute, "click", "1795341600", "1", ""},
		{39 * time.Minute, "page_view", "1795341600", "1", "true"},
		{69*time.Minute + time.Second, "page_view", "1795345741", "2", ""},
	} {
		e := consenting("analytics")
		e.Name = c.name
		set = answer(en, comesAgain(c.after, jar, set), e)
		expect(t, e, map[string]string{"session.id": c.id, "session.number": c.number, "session.engaged": c.engaged})
		if e.Session.Start.Unix() == 0 {
			t.Errorf("%v: the session has no start", c.after)
		}
		if !strings.HasSuffix(set["_hg_session"], "; Max-Age=34560000"+attributes) {
			t.Errorf("%v: the cookie is %s", c.after, set["_hg_session"])
		}
	}
}

func TestWhoseSessionsAreNotOurs(t *testing.T) {
	for name, c := range map[string]struct {
		cookie string
		change func(*event.Event)
		want   string
	}{
		"one that the event says":         {change: func(e *event.Event) { e.Session.ID = "s-1" }, want: "s-1"},
		"one of Google's cookies":         {cookie: "_ga=GA1.1.5.6; _ga_ABC=GS2.1.s1746500000$o3", change: func(*event.Event) {}, want: "1746500000"},
		"another client than the browser": {cookie: "_hg=1.1700000000.77.88", change: func(e *event.Event) { e.User.ClientID = "other" }},
		"an event that happened long ago": {change: func(e *event.Event) { e.Time = received.Add(-time.Hour) }},
		"refused":                         {change: func(e *event.Event) { e.Consent.Set("analytics", event.Boolean(false)) }},
	} {
		e := consenting("analytics")
		c.change(e)
		set := answer(build(t, following), browser("cookie", c.cookie), e)
		if _, there := set["_hg_session"]; e.Session.ID != c.want || there {
			t.Errorf("%s: %q, and the browser gets %q", name, e.Session.ID, set["_hg_session"])
		}
	}
}

func TestASessionEndsWithConsentAndCannotBeMadeUp(t *testing.T) {
	en, jar := build(t, following), map[string]string{}
	set := answer(en, browser(), consenting("analytics"))
	forged := strings.Replace(set["_hg_session"], ".1.", ".999.", 1)
	value, _, _ := strings.Cut(forged, ";")
	e := consenting("analytics")
	answer(en, browser("cookie", "_hg=1.1795341600.1.1795341600; _hg_session="+value), e)
	expect(t, e, map[string]string{"session.number": "1"})
	set = answer(en, comesAgain(time.Minute, jar, set), consenting())
	if set["_hg_session"] != "; Max-Age=0"+attributes {
		t.Errorf("%v", set)
	}
}

func TestSessionsAreOffUnlessSet(t *testing.T) {
	e := consenting("analytics")
	if set := answer(build(t, ""), browser(), e); e.Session.ID != "" || len(set) != 1 {
		t.Errorf("%q and %v", e.Session.ID, set)
	}
}

// The id cookie as Google's server container writes it.
func TestTheCookieOfAServerContainer(t *testing.T) {
	const id = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=.1700000000"
	const written = "FPID2.2.ungWv48Bz%2BpBQUDeXa4iI7ADYaOWF3qctBD%2FYfIAFa0%3D.1700000000"
	const derived = "FPID2.2.X6BnweTN01pZFtbquKJ%2FsPMneM4d5sAT5ErCBYIrZpg%3D." // of 5.6
	for _, c := range []struct{ name, cookie, said, id, kept string }{
		{"one of the container's", "FPID=" + written, "", id, written},
		{"one of the container's beside Google's own", "FPID=" + written + "; _ga=GA1.1.5.6", "", id, written},
		{"Google's own", "_ga=GA1.1.5.6", "", "5.6", derived + "1795341600"},
		{"Google's own, derived before", "FPID=" + derived + "1700000000; _ga=GA1.1.5.6", "", "5.6", derived + "1700000000"},
		{"Google's own is gone", "FPID=" + derived + "1700000000", "", "X6BnweTN01pZFtbquKJ/sPMneM4d5sAT5ErCBYIrZpg=.1700000000", derived + "1700000000"},
		{"spoilt", "FPID=FPID2.2.x; _ga=GA1.1.5.6", "", "5.6", derived + "1795341600"},
		{"what the client says", "", "5.6", "5.6", derived + "1795341600"},
	} {
		e := consenting("analytics")
		e.User.ClientID = c.said
		set := answer(build(t, "identity: {format: fpid}"), browser("cookie", c.cookie), e)
		if e.User.ClientID != c.id || set["FPID"] != c.kept+"; Max-Age=34560000"+attributes {
			t.Errorf("%s: %q kept as\n     %s\nwant %q as\n     %s", c.name, e.User.ClientID, set["FPID"], c.id, c.kept)
		}
	}
}

func TestAnFPIDIsMinted(t *testing.T) {
	n, c := 0, identity.Defaults()
	c.Format, c.Cookie.Value = "fpid", "id"
	en, mistakes := enrich.New(enrich.Defaults(), c, nil, reading(func(b []byte) {
		for i := range b {
			b[i], n = byte(n), n+1
		}
	}), nil)
	if err := mistakes.Err(); err != nil {
		t.Fatal(err)
	}
	e := consenting("analytics")
	set := answer(en, browser(), e)
	expect(t, e, map[string]string{"user.client_id": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=.1795341600"})
	if !strings.HasPrefix(set["id"], "FPID2.2.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8%3D.1795341600; ") {
		t.Errorf("%v", set)
	}
	if !en.Knows(&event.Hit{Cookie: "id=FPID2.2.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8%3D.1700000000", Received: received}) {
		t.Error("a returning visitor is not known")
	}
}

// reading is a source of bytes.
type reading func([]byte)

func (r reading) Read(b []byte) (int, error) { r(b); return len(b), nil }

func TestNobodyIsToldFromAnotherWhereTheSiteIsAnonymous(t *testing.T) {
	e := consenting("analytics", "ads")
	set := answer(build(t, "identity: {anonymous: true}"), browser("cookie", "_hg=1.1700000000.77.88; _ga=GA1.1.5.6; _hg_clicks=1!gclid.1795300000.a"), e)
	if e.User.ClientID != "" || e.Device.IP != "" || len(e.Cookies) > 0 || len(e.Campaign.ClickIDs) > 0 {
		t.Errorf("the event has %+v %+v %v", e.User, e.Device, e.Cookies)
	}
	if set["_hg"] != "; Max-Age=0"+attributes || set["_hg_clicks"] != "; Max-Age=0"+attributes || len(set) != 2 {
		t.Errorf("what the browser has of ours is not removed: %v", set)
	}
	if set := answer(build(t, "identity: {anonymous: true}"), browser(), consenting("analytics")); len(set) > 0 {
		t.Errorf("%v", set)
	}
}
