package enrich_test

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"headgate/event"
)

func TestOnlyMarketingCookiesAreCopied(t *testing.T) {
	e := describe(build(t, ""), browser("cookie",
		`session=secret; _fbp=fb.1.1700000000000.123; _ga=GA1.1.111.222; _ga_ABC=GS2.1.s1746500000$o3; _gcl_au=1.1.5.6; theme="dark\"; _ttp=t; broken; =x; _fbp=second; _uetvid=; _scid=s`),
		event.Event{Source: "ga4"})
	got := ""
	for _, c := range e.Cookies {
		got += c.Key + "=" + c.Value.Text() + " "
	}
	if want := "_fbp=fb.1.1700000000000.123 _ga=GA1.1.111.222 _ga_ABC=GS2.1.s1746500000$o3 _gcl_au=1.1.5.6 _ttp=t _scid=s "; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCookiesThatTheEventStatesGoFirst(t *testing.T) {
	stated := event.Map{{Key: "_fbp", Value: event.String("own")}}
	e := describe(build(t, ""), browser("cookie", "_fbp=jar; _ttp=t"), event.Event{Source: "events", Cookies: stated})
	expect(t, &e, map[string]string{"cookies._fbp": "own", "cookies._ttp": "t"})
	if len(stated) != 1 {
		t.Error("the stated map was changed")
	}
}

func TestEventsOfOneHitDoNotShareTheirCookies(t *testing.T) {
	en := build(t, "")
	h := browser("cookie", "_fbp=a; _ttp=b")
	en.Client(h)
	v := en.Visit(h)
	events := make([]event.Event, 3)
	for i := range events {
		v.Describe(&events[i])
	}
	events[0].Cookies.Set("_fbp", event.String("changed"))
	events[1].Cookies.Delete("_ttp")
	expect(t, &events[2], map[string]string{"cookies._fbp": "a", "cookies._ttp": "b"})
	expect(t, &events[1], map[string]string{"cookies._fbp": "a"})
}

func TestClickIDsOfEarlierVisitsComeFromCookies(t *testing.T) {
	en := build(t, "")
	for cookie, want := range map[string][2]string{
		"_gcl_aw=GCL.1700000000.Cj0abc":                      {"gclid", "Cj0abc"},
		"_gcl_aw=1.1700000000.Cj0abc.label":                  {"gclid", "Cj0abc"},
		"FPGCLAW=2.1.kCj0abc$i1700000000":                    {"gclid", "Cj0abc"},
		"_gcl_gb=GCL.1700000000.wb":                          {"wbraid", "wb"},
		"_gcl_ag=2.1.kgb$i1700000000$blabel":                 {"gbraid", "gb"},
		"_gcl_dc=GCL.1700000000.dc":                          {"dclid", "dc"},
		"_gcl_aw=nonsense":                                   {"gclid", ""},
		"_gcl_aw=GCL.x.Cj0abc":                               {"gclid", ""},
		"_gcl_aw=3.1.kCj0abc":                                {"gclid", ""},
		"ttclid=E.C.P":                                       {"ttclid", "E.C.P"},
		"li_fat_id=8f2a":                                     {"li_fat_id", "8f2a"},
		"_epik=dj0y":                                         {"epik", "dj0y"},
		"_rdt_cid=r1":                                        {"rdt_cid", "r1"},
		"_uetmsclkid=_uet5b1f":                               {"msclkid", "5b1f"},
		"_uetmsclkid=5b1f":                                   {"msclkid", ""},
		"_twclid=%7B%22twclid%22%3A%2226l6%22%7D":            {"twclid", "26l6"},
		"_twclid=%7Bbroken":                                  {"twclid", ""},
		"twclid=plain":                                       {"twclid", "plain"},
		"_gcl_aw=GCL.1700000000." + strings.Repeat("x", 600): {"gclid", ""},
	} {
		e := describe(en, browser("cookie", cookie), event.Event{Source: "ga4"})
		expect(t, &e, map[string]string{"campaign.click_ids." + want[0]: want[1]})
	}
	e := describe(en, browser("cookie", "_gcl_aw=GCL.1700000000.old"), event.Event{Source: "ga4", Page: event.Page{URL: "/?gclid=new"}})
	expect(t, &e, map[string]string{"campaign.click_ids.gclid": "new"})
}

func TestMetasClickCookieFollowsThePage(t *testing.T) {
	en := build(t, "")
	for _, c := range []struct{ name, host, cookie, url, want string }{
		{"a new click", "t.shop.example", "", "/?fbclid=AbC", "fb.1.1795341600000.AbC"},
		{"a domain of two labels more", "t.shop.co.uk", "", "/?fbclid=AbC", "fb.2.1795341600000.AbC"},
		{"no domain at all", "localhost:8080", "", "/?fbclid=AbC", "fb.0.1795341600000.AbC"},
		{"the same click keeps its time", "t.shop.example", "fb.1.123.AbC", "/?fbclid=AbC", "fb.1.123.AbC"},
		{"the same click with Meta's appendix", "t.shop.example", "fb.1.123.AbC.AQQCAQAA", "/?fbclid=AbC", "fb.1.123.AbC.AQQCAQAA"},
		{"another click", "t.shop.example", "fb.1.123.old", "/?fbclid=AbC", "fb.1.1795341600000.AbC"},
		{"no click", "t.shop.example", "fb.1.123.old", "/", "fb.1.123.old"},
		{"a cookie that is none of Meta's", "t.shop.example", "whatever", "/", ""},
		{"too many parts", "t.shop.example", "fb.1.123.a.b.c", "/", ""},
	} {
		h := browser()
		h.Host = c.host
		if c.cookie != "" {
			h.Cookie = "_fbc=" + c.cookie
		}
		e := describe(en, h, event.Event{Source: "ga4", Page: event.Page{URL: c.url}})
		if got := e.Cookies.Text("_fbc"); got != c.want {
			t.Errorf("%s: _fbc is %q, want %q", c.name, got, c.want)
		}
	}
}

// TestMetasClickCookieAgreesWithMetasLibrary compares with the cases of Meta's own library, which appends a part of its own
// and is told the registrable domain.
func TestMetasClickCookieAgreesWithMetasLibrary(t *testing.T) {
	data, err := os.ReadFile("../../shared/vectors/normalisation.json")
	if err != nil {
		t.Skip("the shared vectors are not beside the project")
	}
	var file struct {
		Cases []struct {
			Name     string
			Host     string
			Query    map[string]string
			Cookies  map[string]string
			ETLD     []string `json:"etld1_list"`
			Now      int64    `json:"now_ms"`
			Expected struct{ FBC *string }
		} `json:"meta_fbc_fbp_vectors"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	en := build(t, "")
	compared := 0
	for _, c := range file.Cases {
		if len(c.ETLD) == 0 || c.Expected.FBC == nil || c.Query["fbclid"] == "" {
			continue
		}
		query := url.Values{}
		for k, v := range c.Query {
			query.Set(k, v)
		}
		h := browser()
		h.Received = time.UnixMilli(c.Now)
		h.Host = c.ETLD[0] // ours finds the registrable domain by itself
		for k, v := range c.Cookies {
			h.Cookie += k + "=" + v + "; "
		}
		e := describe(en, h, event.Event{Source: "ga4", Page: event.Page{URL: "https://" + c.Host + "/?" + query.Encode()}})
		got, want := payload(e.Cookies.Text("_fbc")), payload(*c.Expected.FBC)
		if got != want {
			t.Errorf("%s: click %q, want %q", c.Name, got, want)
		}
		compared++
	}
	if compared == 0 {
		t.Error("no case was compared")
	}
}

// payload is the time and click of a _fbc cookie.
func payload(fbc string) string {
	parts := strings.Split(fbc, ".")
	if len(parts) < 4 {
		return fbc
	}
	return parts[2] + "." + parts[3]
}
