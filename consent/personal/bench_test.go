package personal

import (
	"net/netip"
	"strings"
	"testing"

	"headgate/event"
)

func BenchmarkRedact(b *testing.B) {
	e := marked()
	b.ReportAllocs()
	for range b.N {
		keyed.Redact(&e, cookieless, nil)
	}
}

func BenchmarkScrubCleanEvent(b *testing.B) {
	params := event.Map{{Key: "ga4", Value: event.ObjectOf(texts("gcs", "G111", "gcd", "13r3r3r3r5l1", "npa", "0", "dma", "1", "dma_cps", "syphamo",
		"pscdl", "noapi", "tag_exp", "1", "z", "x", "are", "1", "frm", "0"))}}
	b.ReportAllocs()
	for range b.N {
		e := event.Event{Page: event.Page{URL: "https://www.shop.example/shoes/red?utm_source=news&color=red", Path: "/shoes/red",
			Query: "utm_source=news&color=red", Title: "Red shoes", Referrer: "https://www.example.com/"}, Params: params}
		everywhere.Event(&e, arrived(&e), new(Scrubbed))
	}
}

// BenchmarkClean is what every event costs whose address is truncated, with and without consent to ads.
func BenchmarkClean(b *testing.B) {
	for name, clicks := range map[string]bool{"ads granted": false, "ads refused": true} {
		b.Run(name, func(b *testing.B) {
			h := &event.Hit{Address: netip.MustParseAddr("203.0.113.7"), Headers: event.Headers{{Name: "host", Value: "t.shop.example"},
				{Name: "user-agent", Value: "Mozilla/5.0 (X11; Linux x86_64)"}, {Name: "accept", Value: "*/*"}}}
			from := Origin{Hit: h, Address: event.TruncateAddress, Clicks: !clicks}
			e := event.Event{Page: event.Page{URL: "https://shop.example/checkout/done?id=1&utm_source=news", Query: "id=1&utm_source=news", Path: "/checkout/done",
				Title: "Example shop - thank you", Referrer: "https://www.example.org/"}}
			for _, pair := range strings.Fields("content_group=checkout user_status=returning experiment=exp-42-variant-b page_template=confirmation method=Card") {
				key, value, _ := strings.Cut(pair, "=")
				e.Params.Add(key, event.String(value))
			}
			e.Params.Add("value", event.Float(12.5))
			from.Event = e
			b.ReportAllocs()
			for b.Loop() {
				one := e
				keyed.Clean(&one, &from)
			}
		})
	}
}
