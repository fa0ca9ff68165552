package enrich_test

import (
	"net/netip"
	"strconv"
	"testing"

	"headgate/enrich"
	"headgate/event"
)

// ga4Hit is a browser's hit through a proxy, and the event that a source reads from it.
func ga4Hit() (*event.Hit, event.Event) {
	h := browser("accept", "*/*", "accept-language", "en-GB,en;q=0.9", "user-agent", chrome,
		"sec-ch-ua", `"Google Chrome";v="139", "Not;A=Brand";v="99"`, "sec-ch-ua-mobile", "?0", "sec-ch-ua-platform", `"Windows"`,
		"origin", "https://www.shop.example", "referer", "https://www.shop.example/", "cf-ipcountry", "DE", "cf-region-code", "BY",
		"x-forwarded-for", "198.51.100.7",
		"cookie", "theme=dark; _ga=GA1.1.1309730329.1709757290; _ga_BENCH00001=GS2.1.s1787400001$o3$g1$t1787400100; _fbp=fb.1.1700000000000.123; _gcl_au=1.1.5.6; _hg=1.1700000000.1309730329.1709757290; session=abcdef")
	h.Peer = netip.MustParseAddr("10.0.0.1")
	wire := event.Map{{Key: "gcs", Value: event.String("G111")}, {Key: "uafvl", Value: event.String("Chromium;139.0.7258.66|Not%3BA%3DBrand;99.0.0.0")},
		{Key: "uap", Value: event.String("Linux")}, {Key: "uapv", Value: event.String("6.1.0")}, {Key: "uamb", Value: event.String("0")}}
	e := event.Event{Source: "ga4", Name: "page_view"}
	e.User.ClientID, e.Session.ID = "1309730329.1709757290", "1787400001"
	e.Page.URL = "https://shop.example/checkout/done?gclid=CjwKCAbc123&utm_source=news"
	e.Params = event.Map{{Key: "ga4", Value: event.ObjectOf(wire)}}
	e.Consent = event.Map{{Key: "analytics", Value: event.Boolean(true)}, {Key: "ads", Value: event.Boolean(true)}}
	return h, e
}

func BenchmarkDescribe(b *testing.B) {
	for name, settings := range map[string]string{
		"headers":  behindProxies + "enrich: {geo: {headers: cloudflare}}",
		"database": behindProxies + "enrich: {geo: {database: " + writeDatabase(b, "GeoLite2-City") + "}}",
	} {
		b.Run(name, func(b *testing.B) {
			en := build(b, settings)
			h, e := ga4Hit()
			one := new(event.Event)
			b.ReportAllocs()
			for b.Loop() {
				en.Client(h)
				v := en.Visit(h)
				*one = e
				v.Describe(one)
			}
		})
	}
}

func BenchmarkWholeHit(b *testing.B) {
	en := build(b, behindProxies+"enrich: {geo: {headers: cloudflare}}")
	h, e := ga4Hit()
	one, headers := new(event.Event), event.Headers(nil)
	b.ReportAllocs()
	for b.Loop() {
		en.Client(h)
		v := en.Visit(h)
		*one = e
		v.Describe(one)
		v.Identify(one)
		en.Truncate(one, h.Texts(64))
		headers = v.Cookies(headers[:0], "shop.example")
	}
}

// BenchmarkNewUserAgent is what a hit costs whose user agent was never seen before: a flood of made-up ones costs this each.
func BenchmarkNewUserAgent(b *testing.B) {
	en := build(b, "")
	h, _ := ga4Hit()
	for i := range h.Headers {
		if h.Headers[i].Name == "user-agent" {
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				n++
				h.Headers[i].Value = chrome + " " + strconv.Itoa(n)
				visit(en, h)
			}
		}
	}
}

func visit(en *enrich.Enricher, h *event.Hit) { en.Visit(h) }

func TestDescribingAHitStaysWithinItsAllocations(t *testing.T) {
	for _, settings := range []string{
		behindProxies + "enrich: {geo: {headers: cloudflare}}",
		behindProxies + "enrich: {geo: {database: " + writeDatabase(t, "GeoLite2-City") + "}}",
	} {
		en := build(t, settings)
		h, e := ga4Hit()
		one := new(event.Event)
		n := testing.AllocsPerRun(100, func() {
			en.Client(h)
			v := en.Visit(h)
			*one = e
			v.Describe(one)
			v.Identify(one)
		})
		if n > 5 {
			t.Errorf("%v allocations, expected at most 5", n)
		}
	}
}
