package plan

import (
	"testing"

	"headgate/event"
)

func TestOnlyTheSitesOwnPagesMaySendHits(t *testing.T) {
	none := &Site{}
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
		{none, "https://www.shop.example", "127.0.0.1:8080", true},
		{none, "http://localhost:3000", "localhost:8080", true},
		{none, "https://www.shop.example", "[::1]:8080", true},
		{none, "https://evil.example", "t.shop.example", false},
	} {
		if got := c.site.allows(c.origin, c.host); got != c.want {
			t.Errorf("%q from %q to %q: %v", c.site.Name, c.origin, c.host, got)
		}
	}
}

func TestWhoSentAHit(t *testing.T) {
	none := &Site{}
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
		{"any page at a host without a name", none, "127.0.0.1:8080", "", "cross-site", other, event.OwnPage},
		{"any page that does not say which at a host without a name", none, "localhost:8080", "", "cross-site", "", event.UnknownPage},
		{"another site's image at a host that no site names", none, "", "", "cross-site", other, event.ForeignPage},
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
		if got := c.site.PageOf(h); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
