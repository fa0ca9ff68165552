package sources_test

import (
	"testing"

	"headgate/event"
	"headgate/sources"
)

// What a shop's pages usually send: a page view and a purchase of two products by gtag, an order by analytics.js, and the
// same order in our own JSON.
const (
	ga4Common = "v=2&tid=G-EXAMPLE001&gtm=45je6b20v9118000000za200zd9118000000&_p=1795341600000&gcs=G111&gcd=13t3t3t3t5l1&npa=0&dma=1&dma_cps=syphamo" +
		"&tag_exp=101509157~103116026~103200004&cid=1234567890.1795300000&ul=en-gb&sr=1920x1080&uaa=x86&uab=64&uafvl=Chromium%3B139.0.7258.66%7CNot%253BA%253DBrand%3B99.0.0.0" +
		"&uamb=0&uam=&uap=Linux&uapv=6.1.0&uaw=0&are=1&frm=0&pscdl=noapi&_eu=AAAAAGA&_s=2&sid=1795341000&sct=3&seg=1" +
		"&dl=https%3A%2F%2Fwww.shop.example%2Fcheckout%2Fdone%3Fgclid%3DCjwKCAbc123%26utm_source%3Dnews&dr=https%3A%2F%2Fwww.example.org%2F&dt=Example%20shop%20-%20thank%20you" +
		"&ep.content_group=checkout&ep.user_status=returning&ep.experiment=exp-42-variant-b&ep.page_template=confirmation&up.plan=pro&upn.orders=12&ep.site_section=shop"
	ga4View     = ga4Common + "&en=page_view&ep.event_id=0195f3a2-8d7c-7b1e-9f64-5c1d&ep.page_type=confirmation&epn.depth=3&_et=1203&tfd=5123"
	ga4Purchase = ga4Common + "&en=purchase&ep.event_id=0195f3a2-8d7c-7b1e-9f64-5c1e&cu=EUR&epn.value=129.9&ep.transaction_id=T1000042" +
		"&pr1=idSKU1~nmShirt~brAcme~caApparel~pr10.00~qt2&pr2=idSKU2~nmCoat~brAcme~caApparel~pr109.90~qt1&_et=88&tfd=6123"

	segmentOrder = `{"messageId":"m-1","type":"track","event":"Order Completed","anonymousId":"a1234567890","userId":"u1234567890",` +
		`"context":{"library":{"name":"analytics.js","version":"next-1.84.3"},"locale":"en-GB","userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",` +
		`"page":{"path":"/checkout/done","referrer":"https://www.example.org/","search":"?gclid=CjwKCAbc123","title":"Example shop - thank you","url":"https://www.shop.example/checkout/done?gclid=CjwKCAbc123"},` +
		`"campaign":{"source":"news","medium":"email","name":"autumn"},"timezone":"Europe/Berlin"},` +
		`"properties":{"order_id":"T1000042","currency":"EUR","value":129.9,"products":[{"product_id":"SKU1","name":"Shirt","price":10,"quantity":2,"category":"Apparel"},{"product_id":"SKU2","name":"Coat","price":109.9,"quantity":1,"category":"Apparel"}]},` +
		`"originalTimestamp":"2026-11-22T09:59:59.000Z","sentAt":"2026-11-22T09:59:59.900Z","integrations":{"All":true}}`

	ownOrder = `{"id":"o-1","name":"purchase","time":1795341599000,"user":{"client_id":"1234567890.1795300000","user_id":"u1234567890"},` +
		`"page":{"url":"https://www.shop.example/checkout/done?gclid=CjwKCAbc123","referrer":"https://www.example.org/","title":"Example shop - thank you"},` +
		`"consent":{"analytics":true,"ads":true},"params":{"value":129.9,"currency":"EUR","transaction_id":"T1000042"},` +
		`"items":[{"id":"SKU1","name":"Shirt","price":10,"quantity":2},{"id":"SKU2","name":"Coat","price":109.9,"quantity":1}]}`
)

func BenchmarkRead(b *testing.B) {
	for _, c := range []struct {
		name string
		hit  *event.Hit
	}{
		{"ga4 page_view", newHit("GET", "/g/collect?"+ga4View, "")},
		{"ga4 purchase", newHit("GET", "/g/collect?"+ga4Purchase, "")},
		{"segment order", newHit("POST", "/v1/t", segmentOrder)},
		{"own order", newHit("POST", "/e", ownOrder)},
		{"mp purchase", newHit("POST", "/mp/collect", `{"client_id":"c.1","events":[{"name":"purchase","params":{"value":10,"currency":"EUR","items":[{"item_id":"SKU1","price":10}]}}]}`)},
		{"pixel", newHit("GET", "/p.gif?e=open&client_id=c.1&campaign.name=autumn&url=https%3A%2F%2Fwww.shop.example%2F", "")},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := claimant(b, open(b, "", sources.Limits{}), c.hit)
			b.ReportAllocs()
			b.SetBytes(int64(len(c.hit.Query) + len(c.hit.Body)))
			for b.Loop() {
				if r, err := s.Read(c.hit); err != nil || len(r.Events) != 1 {
					b.Fatalf("%v %v", r, err)
				}
			}
		})
	}
}
