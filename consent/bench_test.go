package consent

import (
	"strconv"
	"strings"
	"testing"

	"headgate/consent/iab/iabtest"
	"headgate/event"
)

// jar is a cookie header as large shops send it: forty cookies, one consent tool, one TC string.
func jar(oneTrust string) string {
	var b strings.Builder
	for i := range 38 {
		b.WriteString("_ga_" + strconv.Itoa(i) + "=GS1.1.1795000000." + strconv.Itoa(i) + ".1.1795000123.60.0.0; ")
	}
	return b.String() + oneTrust + "; euconsent-v2=" + freshTC
}

// freshTC was made on 2026-11-02 under policy 5 for vendors 1 to 800, all purposes consented to.
var freshTC = iabtest.MakeTC(iabtest.TC{Consents: 0xffffff, Vendors: 800})

func tenNeeds() []Need {
	drop := func(purposes ...string) Need { return Need{Purposes: purposes} }
	redact := Need{Purposes: []string{Analytics}, Refused: Refusal{Redact: "cookieless"}}
	return []Need{drop(Ads, Sharing), drop(Ads, Sharing), drop(Ads), drop(Analytics), redact, drop(Ads, PersonalizedAds),
		drop(Analytics), redact, {None: true, Reason: "the site's own log"},
		{Purposes: []string{Ads}, Vendor: Vendor{TCF: 755, Consent: []int{1, 3, 4}, LI: []int{2, 7, 9, 10}}}}
}

func benchmarkDecision(b *testing.B, visitOf func(i int) visit) {
	needs := tenNeeds()
	p := policy(b, "", needs...)
	visits := make([]visit, 1024)
	for i := range visits {
		visits[i] = visitOf(i)
	}
	var outcome event.Outcome
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		v := &visits[i%len(visits)]
		h := event.Hit{Cookie: v.cookie, Query: v.query, Headers: v.headers, Received: today}
		e := event.Event{Params: v.params}
		e.Geo.Country = v.place
		r := p.Resolve(&h, &e)
		for k := range needs {
			outcome = p.Judge(&r, &needs[k])
		}
	}
	_ = outcome
}

var benchHeaders = event.Headers{{Name: "host", Value: "t.shop.example"}, {Name: "user-agent", Value: "Mozilla/5.0"},

	{Name: "accept", Value: "*/*"}, {Name: "accept-language", Value: "de"}, {Name: "sec-ch-ua", Value: "x"},
	{Name: "origin", Value: "https://www.shop.example"}, {Name: "referer", Value: "https://www.shop.example/"}}

var benchParams = consentMode("gcs", "G111", "gcd", "13r3r3r3r5l1", "npa", "0", "dma", "1", "dma_cps", "syphamo", "pscdl", "noapi", "tag_exp", "1", "z", "x", "are", "1", "frm", "0")

func BenchmarkRepeatedCookiesGrantedTenDestinations(b *testing.B) {
	v := visit{place: "DE", cookie: jar(oneTrustYes), headers: benchHeaders, params: benchParams}
	benchmarkDecision(b, func(int) visit { return v })
}

func BenchmarkRepeatedCookiesRefusedTenDestinations(b *testing.B) {
	v := visit{place: "DE", cookie: jar(oneTrustNo), headers: benchHeaders, params: benchParams}
	benchmarkDecision(b, func(int) visit { return v })
}

func BenchmarkNewCookiesTenDestinations(b *testing.B) {
	// Every visitor is another one: more of them than are remembered.
	needs := tenNeeds()
	p := policy(b, "", needs...)
	cookie := jar(oneTrustNo)
	b.ReportAllocs()
	for i := range b.N {
		h := event.Hit{Cookie: cookie + "; OTAdditionalConsentString=2~" + strconv.Itoa(i) + "~dv.", Headers: benchHeaders, Received: today}
		e := event.Event{Params: benchParams}
		e.Geo.Country = "DE"
		r := p.Resolve(&h, &e)
		for k := range needs {
			p.Judge(&r, &needs[k])
		}
	}
}
