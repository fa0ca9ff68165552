package proxy

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"headgate/event"
	"headgate/sources"
)

func TestOnlyTheSitesOwnPagesMaySendHits(t *testing.T) {
	named := &Site{Name: "shop"}
	listed := &Site{Name: "shop", origins: map[string]bool{"https://www.shop.example": true}}
	for _, c := range []struct {
		site         *Site
		origin, host string
		want         bool
	}{
		{named, "", "t.shop.example", true},
		{named, "https://www.shop.example", "t.shop.example", true},
		{named, "https://www.shop.example:8443", "t.shop.example:8080", true},
		{named, "https://shop.example.evil.example", "t.shop.example", false},
		{named, "https://evil.example", "t.shop.example", false},
		{named, "null", "t.shop.example", false},
		{named, "https://a.github.io", "b.github.io", false}, // github.io is a public suffix
		{named, "https://www.shop.example", "127.0.0.1:8080", false},
		{listed, "https://www.shop.example", "t.shop.example", true},
		{listed, "HTTPS://WWW.SHOP.EXAMPLE", "t.shop.example", true},
		{listed, "https://blog.shop.example", "t.shop.example", false},
		{&noSite, "https://www.shop.example", "127.0.0.1:8080", true},
		{&noSite, "http://localhost:3000", "localhost:8080", true},
		{&noSite, "https://www.shop.example", "[::1]:8080", true},
		{&noSite, "https://evil.example", "t.shop.example", false},
	} {
		if got := c.site.allows(c.origin, c.host); got != c.want {
			t.Errorf("%q from %q to %q: %v", c.site.Name, c.origin, c.host, got)
		}
	}
}

func TestWhoSentAHit(t *testing.T) {
	named := &Site{Name: "shop"}
	listed := &Site{Name: "shop", origins: map[string]bool{"https://www.shop.example": true, "https://shop.other.example": true}}
	const own, other = "https://www.shop.example", "https://evil.example"
	for _, c := range []struct {
		name                   string
		site                   *Site
		host                   string
		origin, fetch, referer string
		want                   event.PageOrigin
	}{
		{"a server or an old browser", named, "", "", "", "", event.UnknownPage},
		{"somebody who typed the address", named, "", "", "none", "", event.UnknownPage},
		{"an app", named, "", "", "", "android-app://app.example/", event.UnknownPage},
		{"a page's request", named, "", own, "same-site", own + "/a", event.OwnPage},
		{"a page's image", named, "", "", "same-site", own + "/a?b#c", event.OwnPage},
		{"a page's image without Referer", named, "", "", "same-site", "", event.OwnPage},
		{"a page's image in an old browser", named, "", "", "", own, event.OwnPage},
		{"a page behind a proxy that gives the host another name", named, "hg.internal.example", "", "same-origin", own + "/a", event.OwnPage},
		{"another site's request", named, "", other, "cross-site", other + "/", event.ForeignPage},
		{"another site's image", named, "", "", "cross-site", other + "/", event.ForeignPage},
		{"another site's image without Referer", named, "", "", "cross-site", "", event.ForeignPage},
		{"another site's image in an old browser", named, "", "", "", other + "/", event.ForeignPage},
		{"another site that redirects a page's image", named, "", "", "cross-site", own + "/a", event.ForeignPage},
		{"a page that is listed", listed, "", "", "same-site", own + "/", event.OwnPage},
		{"a listed page of another domain", listed, "", "", "cross-site", "https://shop.other.example/a", event.OwnPage},
		{"a page of the domain that is not listed", listed, "", "", "same-site", "https://blog.shop.example/", event.ForeignPage},
		{"a page that says only that it is of the domain", listed, "", "", "same-site", "", event.OwnPage},
		{"another site's image where origins are listed", listed, "", "", "cross-site", other, event.ForeignPage},
		{"any page at a host without a name", &noSite, "127.0.0.1:8080", "", "cross-site", other, event.OwnPage},
		{"any page that does not say which at a host without a name", &noSite, "localhost:8080", "", "cross-site", "", event.UnknownPage},
		{"another site's image at a host that no site names", &noSite, "", "", "cross-site", other, event.ForeignPage},
	} {
		h := &event.Hit{Host: "t.shop.example"}
		if c.host != "" {
			h.Host = c.host
		}
		for name, value := range map[string]string{"origin": c.origin, "sec-fetch-site": c.fetch, "referer": c.referer} {
			if value != "" {
				h.Headers = append(h.Headers, event.Header{Name: name, Value: value})
			}
		}
		if got := c.site.pageOf(h); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

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
	h := &event.Hit{Method: "OPTIONS", Headers: event.Headers{{Name: "origin", Value: "https://www.shop.example"}}}
	for _, source := range all {
		answer := preflight(h, source)
		if got := answer.Headers.Get("Access-Control-Allow-Origin"); got != "https://www.shop.example" {
			t.Errorf("%s: origin %q", source.Name(), got)
		}
		allowed := strings.Split(answer.Headers.Get("Access-Control-Allow-Headers"), ", ")
		if source.Name() == "segment" && !slices.Contains(allowed, "authorization") {
			t.Errorf("segment's clients may not send %v", allowed)
		}
	}
}
