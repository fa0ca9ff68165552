package enrich_test

import (
	"crypto/rand"
	"encoding/base64"
	"hash/crc32"
	"strconv"
	"strings"
	"testing"
	"time"

	"headgate/enrich/linker"
	"headgate/event"
)

const linking = "identity: {secret: a secret of the shop, link: {domains: [shop.example, shop.test]}}"

// sealed is the parameter of a link that the other domain made just before.
func sealed(id, agent string, ago time.Duration) string {
	return linker.Parameter + "=" + linker.New("a secret of the shop", rand.Reader).Seal(id, agent, received.Add(-ago))
}

// googles is the parameter of a link that Google's tag made in this minute in Berlin.
func googles(payload, language string) string {
	sum := crc32.ChecksumIEEE([]byte(firefox + "*-60*" + language + "*" + strconv.FormatInt(received.Unix()/60, 10) + "*" + payload))
	return "_gl=1*" + strconv.FormatUint(uint64(sum), 36) + "*" + payload
}

func coded(s string) string {
	return strings.ReplaceAll(base64.URLEncoding.EncodeToString([]byte(s)), "=", ".")
}

// landed is a page view of a page reached by a link from another one.
func landed(query, referrer string, purposes ...string) *event.Event {
	e := consenting(purposes...)
	e.Name, e.Page = "page_view", event.Page{URL: "https://www.shop.example/a?x=1&" + query + "#top", Query: "x=1&" + query, Referrer: referrer}
	return e
}

func TestALinkCarriesTheIDToAnotherDomain(t *testing.T) {
	for _, c := range []struct {
		name, cookie, query, referrer string
		refused                       bool
		from                          event.PageOrigin
		want                          string // the id kept; "" for one that is minted here
	}{
		{name: "from a listed domain", query: sealed("5.6", firefox, time.Second), referrer: "https://www.shop.test/", want: "5.6"},
		{name: "from an unlisted domain", query: sealed("5.6", firefox, time.Second), referrer: "https://evil.test/"},
		{name: "from a name that looks like one", query: sealed("5.6", firefox, time.Second), referrer: "https://notshop.test/"},
		{name: "from nowhere, as in a mail", query: sealed("5.6", firefox, time.Second)},
		{name: "from a page of another site that sends the hit itself", query: sealed("5.6", firefox, time.Second), referrer: "https://www.shop.test/", from: event.ForeignPage},
		{name: "made for another browser", query: sealed("5.6", chrome, time.Second), referrer: "https://www.shop.test/"},
		{name: "too old", query: sealed("5.6", firefox, 3*time.Minute), referrer: "https://www.shop.test/"},
		{name: "made up", query: "_hgl=1.5.6", referrer: "https://www.shop.test/"},
		{name: "into a browser that has an id", cookie: "_hg=1.1700000000.77.88", query: sealed("5.6", firefox, time.Second), referrer: "https://www.shop.test/", want: "77.88"},
		{name: "into a browser that Google knows", cookie: "_ga=GA1.1.5.1700000000", query: sealed("5.6", firefox, time.Second), referrer: "https://www.shop.test/", want: "5.1700000000"},
		{name: "into a browser that Google has just met", cookie: "_ga=GA1.1.9.1795341599", query: sealed("5.6", firefox, time.Second), referrer: "https://www.shop.test/", want: "5.6"},
		{name: "Google's", query: googles("_ga*"+coded("5.1700000001"), "de"), referrer: "https://www.shop.test/", want: "5.1700000001"},
		{name: "Google's, of another language", query: googles("_ga*"+coded("5.1700000001"), "fr"), referrer: "https://www.shop.test/"},
		{name: "Google's, from nowhere", query: googles("_ga*"+coded("5.1700000001"), "de")},
		{name: "Google's, changed", query: googles("_ga*"+coded("5.1700000001"), "de") + "*_x*MQ..", referrer: "https://www.shop.test/"},
		{name: "Google's, without a client", query: googles("_up*MQ..", "de"), referrer: "https://www.shop.test/"},
	} {
		h := browser("cookie", c.cookie, "accept-language", "de-DE,de;q=0.9")
		h.Headers = append(h.Headers, event.Header{Name: "accept-language", Value: "de"})
		h.From = c.from
		e := landed(c.query, c.referrer, "analytics")
		set := answer(build(t, linking), h, e)
		want := c.want
		if want == "" {
			want = "1.1795341600"
		}
		if kept := set["_hg"]; e.User.ClientID != want || !strings.Contains(kept, "."+want+"; ") {
			t.Errorf("%s: the event has %q, the browser %q; want %q", c.name, e.User.ClientID, kept, want)
		}
		if strings.Contains(e.Page.URL+e.Page.Query, "_hgl") || !strings.HasPrefix(e.Page.URL, "https://www.shop.example/a?x=1") || !strings.HasSuffix(e.Page.URL, "#top") {
			t.Errorf("%s: the page is %s, %s", c.name, e.Page.URL, e.Page.Query)
		}
	}
}

func TestALinkedIDFollowsConsent(t *testing.T) {
	en := build(t, linking)
	h := browser()
	h.From = event.OwnPage
	en.Client(h)
	v := en.Visit(h)
	e := landed(sealed("5.6", firefox, time.Second), "https://www.shop.test/")
	v.Describe(e)
	if v.BrowserID(e) != "5.6" {
		t.Error("consent's suppression list does not see the linked id")
	}
	if v.Owns("5.6") {
		t.Error("a link proves whose choice it is")
	}
	v.Identify(e)
	if set := cookiesOf(v.Cookies(nil, "")); e.User.ClientID != "" || len(set) > 0 {
		t.Errorf("refused, and yet %q and %v", e.User.ClientID, set)
	}
	if parameter, _ := v.LinkParameter(); parameter != "" {
		t.Errorf("refused, and yet a link: %s", parameter)
	}
}

func TestGooglesLinkBringsSessionAndClick(t *testing.T) {
	payload := "_ga*" + coded("5.1700000001") + "*_ga_ABC*" + coded("s1795341000$o3$g1") + "*_gcl_aw*" + coded("GCL.1795341000.clicked")
	h := browser("accept-language", "de")
	e := landed(googles(payload, "de"), "https://www.shop.test/", "analytics", "ads")
	set := answer(build(t, linking), h, e)
	expect(t, e, map[string]string{"user.client_id": "5.1700000001", "session.id": "1795341000", "session.number": "3", "campaign.click_ids.gclid": "clicked"})
	if !strings.Contains(set["_hg_clicks"], "clicked") {
		t.Errorf("%v", set)
	}
}

func TestTheOtherDomainReadsWhatThisOneGives(t *testing.T) {
	en := build(t, linking)
	give := func(h *event.Hit, e *event.Event) (string, []string) {
		en.Client(h)
		v := en.Visit(h)
		v.Describe(e)
		v.Identify(e)
		return v.LinkParameter()
	}
	h := browser("cookie", "_hg=1.1700000000.77.88")
	h.From = event.OwnPage
	parameter, domains := give(h, consenting("analytics"))
	if len(domains) != 2 || strings.Contains(parameter, "77.88") {
		t.Fatalf("%s to %v", parameter, domains)
	}
	e := landed(parameter, "https://www.shop.test/", "analytics")
	if answer(en, browser(), e); e.User.ClientID != "77.88" {
		t.Errorf("the other domain has %q", e.User.ClientID)
	}
	h = browser("cookie", "_hg=1.1700000000.77.88")
	h.From = event.ForeignPage
	if parameter, _ := give(h, consenting("analytics")); parameter != "" {
		t.Errorf("a page of another site gets %s", parameter)
	}
	en = build(t, "")
	h.From = event.OwnPage
	if parameter, _ := give(h, consenting("analytics")); parameter != "" {
		t.Errorf("without the setting: %s", parameter)
	}
}

func TestGooglesTagCarriesTheServersIDInItsCompanion(t *testing.T) {
	const settings = "identity: {format: fpid, secret: a secret of the shop, link: {domains: [shop.example, shop.test]}}"
	const fpid = "FPID=FPID2.2.ungWv48Bz%2BpBQUDeXa4iI7ADYaOWF3qctBD%2FYfIAFa0%3D.1700000000"
	set := answer(build(t, settings), browser("cookie", fpid), consenting("analytics"))
	companion, rest, _ := strings.Cut(set["FPLC"], ";")
	if rest != " Max-Age=72000"+readable {
		t.Fatalf("the companion is %s", set["FPLC"])
	}
	if set := answer(build(t, settings), browser("cookie", fpid+"; FPLC="+companion), consenting("analytics")); set["FPLC"] != "" {
		t.Errorf("it is set again: %s", set["FPLC"])
	}
	if set := answer(build(t, settings), browser("cookie", fpid+"; FPLC="+companion), consenting()); set["FPLC"] != "; Max-Age=0"+readable {
		t.Errorf("refused, and yet %q", set["FPLC"])
	}
	for referrer, want := range map[string]string{"https://www.shop.test/": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=.1700000000", "https://evil.test/": "9.1795341599"} {
		e := landed(googles("_fplc*"+coded(companion), "de"), referrer, "analytics")
		h := browser("accept-language", "de", "cookie", "_ga=GA1.1.9.1795341599")
		if answer(build(t, settings), h, e); e.User.ClientID != want {
			t.Errorf("from %s: %s", referrer, e.User.ClientID)
		}
	}
}
