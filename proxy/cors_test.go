package proxy

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"headgate/event"
	"headgate/proxy/door"
	"headgate/sources"
)

// A page of another site can send a visitor's browser here, but not speak in the visitor's name.
func TestAnotherSitesPageClaimsNoConsent(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "trusted_proxies: [127.0.0.0/8]\nenrich: {bots: keep, geo: {headers: cloudflare}}\nsites: {shop: {hosts: [t.shop.example]}}\n")
	const claims = "/g/collect?v=2&tid=G-EXAMPLE&cid=1.2&en=page_view&gcs=G111&gcd=13r3r3r3r5l1&gcu=1&_c=analytics:1"
	get := func(fetch, referer string) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", r.base+claims, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "t.shop.example"
		req.Header.Set("CF-IPCountry", "DE")
		for name, value := range map[string]string{"Sec-Fetch-Site": fetch, "Referer": referer} {
			if value != "" {
				req.Header.Set(name, value)
			}
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != 204 {
			t.Fatalf("%d %v", resp.StatusCode, err)
		}
	}
	get("same-site", "https://www.shop.example/")
	get("", "")
	get("cross-site", "https://evil.example/")
	get("cross-site", "")
	get("", "https://evil.example/")
	if d := r.account(t, "sink"); d.Delivered != 2 || d.Denied != 3 {
		t.Errorf("%+v", d)
	}
}

func TestAPreflightNamesTheOriginAndTheHeadersOfTheProtocol(t *testing.T) {
	all, mistakes := sources.Open(sources.Config{}, sources.Limits{}, nil)
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	h := event.Hit{Method: "OPTIONS", Headers: event.Headers{{Name: "origin", Value: "https://www.shop.example"}}}
	for _, source := range all {
		r := door.Incoming{Hit: h}
		r.AllowPage()
		r.Preflight(source)
		if got := r.Extra.Get("Access-Control-Allow-Origin"); got != "https://www.shop.example" {
			t.Errorf("%s: origin %q", source.Name(), got)
		}
		allowed := strings.Split(r.Extra.Get("Access-Control-Allow-Headers"), ", ")
		if source.Name() == "segment" && !slices.Contains(allowed, "authorization") {
			t.Errorf("segment's clients may not send %v", allowed)
		}
	}
}
