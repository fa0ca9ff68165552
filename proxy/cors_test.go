package proxy

import (
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

func TestAPreflightNamesTheOriginAndTheHeadersOfTheProtocol(t *testing.T) {
	all, mistakes := sources.Open(sources.Config{}, sources.Limits{})
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
