package enrich_test

import (
	"strings"
	"testing"

	"headgate/event"
)

const (
	asPartner = "identity: {meta: {appendix: AQQCAQIB}}" // of Meta's Node library 1.2.1
	life90    = "; Max-Age=7776000" + readable
)

// What Meta's Parameter Builder does with the same request; the number that our test source of randomness gives is 1.
func TestMetasCookiesAreSetAsMetasLibraryDoes(t *testing.T) {
	const clicked = "https://www.shop.example/?fbclid=AbC"
	for _, c := range []struct {
		name, settings, cookie, url, referrer string
		fbc, fbp                              string // of the event
		setFBC, setFBP                        bool
	}{
		{"a new visitor from an ad", asPartner, "", clicked, "", "fb.1.1795341600000.AbC.AQQCAQIB", "fb.1.1795341600000.1.AQQCAQIB", true, true},
		{"without an appendix", "identity: {meta: {}}", "", clicked, "", "fb.1.1795341600000.AbC", "fb.1.1795341600000.1", true, true},
		{"the same click again", asPartner, "_fbc=fb.1.123.AbC; _fbp=fb.1.123.5", clicked, "", "fb.1.123.AbC.AQQAAQIB", "fb.1.123.5.AQQAAQIB", true, true},
		{"the same click again, without an appendix", "identity: {meta: {}}", "_fbc=fb.1.123.AbC; _fbp=fb.1.123.5", clicked, "", "fb.1.123.AbC", "fb.1.123.5", false, false},
		{"old appendices are kept", asPartner, "_fbc=fb.1.123.AbC.BA; _fbp=fb.1.123.5.Bg", clicked, "", "fb.1.123.AbC.BA", "fb.1.123.5.Bg", false, false},
		{"another click", asPartner, "_fbc=fb.1.123.abc; _fbp=fb.1.123.5.AQQCAQAA", clicked, "", "fb.1.1795341600000.AbC.AQQDAQIB", "fb.1.123.5.AQQCAQAA", true, false},
		{"spoilt cookies", asPartner, "_fbc=fb.1.123.abc.invalid; _fbp=fb.1.123.", "https://www.shop.example/", "", "", "fb.1.1795341600000.1.AQQCAQIB", false, true},
		{"spoilt in other ways", asPartner, "_fbc=fb1.1.123.abc; _fbp=fb.1b.123.4", "https://www.shop.example/", "", "", "fb.1.1795341600000.1.AQQCAQIB", false, true},
		{"the click on the page before", "identity: {meta: {}}", "", "https://www.shop.example/cart", clicked, "fb.1.1795341600000.AbC", "fb.1.1795341600000.1", true, true},
		{"the click on the page before, known", "identity: {meta: {}}", "_fbc=fb.1.123.AbC", "https://www.shop.example/cart", clicked, "fb.1.123.AbC", "fb.1.1795341600000.1", false, true},
		{"off unless set", "identity: {}", "_fbp=fb.1.123.5", clicked, "", "fb.1.1795341600000.AbC", "fb.1.123.5", false, false},
	} {
		e := consenting("ads")
		e.Page = event.Page{URL: c.url, Referrer: c.referrer}
		set := answer(build(t, c.settings), browser("cookie", c.cookie), e)
		expect(t, e, map[string]string{"cookies._fbc": c.fbc, "cookies._fbp": c.fbp})
		for name, want := range map[string]string{"_fbc": map[bool]string{true: c.fbc + life90}[c.setFBC], "_fbp": map[bool]string{true: c.fbp + life90}[c.setFBP]} {
			if set[name] != want {
				t.Errorf("%s: %s=%q, want %q", c.name, name, set[name], want)
			}
		}
	}
}

func TestMetasCookiesFollowConsentToAds(t *testing.T) {
	const jar = "_fbc=fb.1.123.AbC; _fbp=fb.1.123.5"
	for _, c := range []struct {
		name, cookie string
		from         event.PageOrigin
		events       []*event.Event
		removed      bool
	}{
		{"refused", jar, 0, []*event.Event{consenting("analytics")}, true},
		{"one event refuses", jar, 0, []*event.Event{consenting("ads"), consenting("analytics")}, true},
		{"refused, and none there", "", 0, []*event.Event{consenting("analytics")}, false},
		{"a page of another site", "", event.ForeignPage, []*event.Event{consenting("ads")}, false},
		{"a page of another site, refused", jar, event.ForeignPage, []*event.Event{consenting("analytics")}, false},
	} {
		h := browser("cookie", c.cookie)
		h.From = c.from
		set := answer(build(t, asPartner), h, c.events...)
		fbc, fbp := set["_fbc"], set["_fbp"]
		want := ""
		if c.removed {
			want = "; Max-Age=0" + readable
		}
		if fbc != want || fbp != want {
			t.Errorf("%s: %q and %q, want %q", c.name, fbc, fbp, want)
		}
	}
}

func TestEventsOfOneHitShareOneBrowserIDOfMetas(t *testing.T) {
	a, b := consenting("ads"), consenting("ads")
	set := answer(build(t, asPartner), browser(), a, b)
	if got := a.Cookies.Text("_fbp"); got != b.Cookies.Text("_fbp") || !strings.HasPrefix(set["_fbp"], got+";") {
		t.Errorf("%q, %q and %q", got, b.Cookies.Text("_fbp"), set["_fbp"])
	}
}

func TestTheAddressInMetasCookieIsAPublicOneOrNone(t *testing.T) {
	for value, want := range map[string]string{
		"2001:4860:4860::8888":          "2001:4860:4860::8888",
		"2001:4860:4860::8888.AQQCAQIB": "2001:4860:4860::8888",
		"2001%3A4860%3A4860%3A%3A8888":  "2001:4860:4860::8888",
		"8.8.8.8":                       "8.8.8.8",
		"8.8.8.8.Bg":                    "8.8.8.8",
		"::ffff:8.8.8.8":                "8.8.8.8",
		"192.168.1.1":                   "",
		"10.0.0.1.AQQCAQIB":             "",
		"fe80::1":                       "",
		"fd00::1":                       "",
		"127.0.0.1":                     "",
		"not.an.ip":                     "",
		"8.8.8.8.invalid":               "",
		"8.8.8":                         "",
	} {
		e, h := consenting("ads"), browser("cookie", "_fbi="+value)
		answer(build(t, "identity: {meta: {}}"), h, e)
		if got := e.Cookies.Text("_fbi"); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
		if stated := len(h.Stated); stated != map[bool]int{true: 1}[want != ""] {
			t.Errorf("%s: redaction knows %d addresses", value, stated)
		}
		off := consenting("ads")
		answer(build(t, ""), browser("cookie", "_fbi="+value), off)
		if got := off.Cookies.Text("_fbi"); got != "" {
			t.Errorf("without identity.meta the event has %s", got)
		}
	}
}
