package proxy

import (
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"headgate/config"
	"headgate/event"
	"headgate/proxy/door"
)

// fiveRules are rules as a shop has them.
const fiveRules = `
listen: "127.0.0.1:0"
data: %s
admin: {listen: "off"}
egress: {allow: [127.0.0.0/8]}
limits: {per_address: 0, volume_per_address: 0}
consent: {regions: {unknown: none}}
enrich: {bots: flag, address: truncate}
sources: {ga4: {path: /g/collect}}
rules:
  - {name: staff, when: 'in_cidr(device.ip, "198.51.100.0/24")', drop: true}
  - {name: currency, when: name == "purchase", set: {params.currency: '=upper(default(params.currency, "eur"))'}}
  - {name: double, when: name == "purchase" and params.value > 0, set: {params.value: =params.value * 2}}
  - {name: campaign, when: page.url contains "utm_source=", set: {params.campaign_hit: true}}
  - {name: bots, when: device.bot, drop: true}
destinations:
  sink: {use: webhook, consent: {needs: [analytics]}, settings: {url: "http://127.0.0.1:9/"}}
`

const pageViewHit = "v=2&tid=G-EXAMPLE&gtm=45je6880v9118000000za200zd9118000000&_p=1787400000000&gcs=G111&gcd=13t3t3t3t5l1&npa=0&dma=1&dma_cps=syphamo" +
	"&tag_exp=101509157~103116026~103200004&cid=1234567890.1787400000&ul=en-gb&sr=1920x1080&uaa=x86&uab=64&uafvl=Chromium%3B139.0.7258.66%7CNot%253BA%253DBrand%3B99.0.0.0" +
	"&uamb=0&uam=&uap=Linux&uapv=6.1.0&uaw=0&are=1&frm=0&pscdl=noapi&_eu=AAAAAGA&_s=2&sid=1787400001&sct=3&seg=1" +
	"&dl=https%3A%2F%2Fshop.example%2Fcheckout%2Fdone%3Fgclid%3DCjwKCAbc123%26utm_source%3Dnews&dr=https%3A%2F%2Fwww.example.org%2F&dt=Example%20shop%20-%20thank%20you" +
	"&ep.content_group=checkout&ep.user_status=returning&ep.experiment=exp-42-variant-b&ep.page_template=confirmation&up.plan=pro&upn.orders=12&ep.site_section=shop" +
	"&en=page_view&ep.event_id=evt-00000000-"

// BenchmarkWalk is one GA4 hit of 900 bytes from its bytes to the log, five rules and one destination on the way. Run it
// with -cpu to see what grouping brings: a group is what arrives while another is being synced.
func BenchmarkWalk(b *testing.B) {
	folder := b.TempDir()
	path := filepath.Join(folder, "headgate.yaml")
	if err := os.WriteFile(path, fmt.Appendf(nil, fiveRules, filepath.Join(folder, "data")), 0o600); err != nil {
		b.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	s, _, err := wired(b.Context(), Options{Path: path, Deps: config.Deps{Logger: logger}, Logger: logger}, nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Pause(b.Context(), "sink"); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Shutdown(b.Context()); err != nil {
			b.Log(err)
		}
	})
	headers := event.Headers{
		{Name: "host", Value: "t.shop.example"},
		{Name: "user-agent", Value: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36"},
		{Name: "accept", Value: "*/*"},
	}
	queries := make([]string, 4096)
	for i := range queries {
		queries[i] = pageViewHit + strconv.Itoa(i)
	}
	b.ReportAllocs()
	b.SetParallelism(16) // with more, the search index falls behind and reads from the disk
	b.ResetTimer()       // opening the server is no part of a hit
	b.RunParallel(func(pb *testing.PB) {
		var only [1]event.Event // what the door lends to one hit after the other
		var extra [6]event.Header
		var texts event.Arena
		n, r := 0, new(door.Incoming)
		for pb.Next() {
			n++
			only[0], texts = event.Event{}, event.Arena{}
			h := event.Hit{Method: "GET", Scheme: "https", Host: "t.shop.example", Path: "/g/collect", Query: queries[n%len(queries)],
				Headers: headers, Peer: netip.MustParseAddr("203.0.113.7"), Address: netip.MustParseAddr("203.0.113.7"), Received: time.Now(), Only: &only, Arena: &texts}
			*r = door.Incoming{Hit: h, Extra: extra[:0]}
			if answer := s.answer(r); answer.Status != 204 {
				b.Fatalf("%d %s", answer.Status, answer.Body)
			}
		}
	})
}

// postHit is a request to our own JSON source.
func postHit(body string) *door.Incoming {
	address := netip.MustParseAddr("203.0.113.7")
	return &door.Incoming{Hit: event.Hit{Method: "POST", Scheme: "https", Host: "t.shop.example", Path: "/e", Body: []byte(body), Peer: address, Address: address, Received: time.Now()}}
}
