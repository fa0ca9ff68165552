package personal

import (
	"testing"

	"headgate/consent/personal/patterns"
)

func TestAddressesAreCutDown(t *testing.T) {
	for _, c := range []struct{ address, query, OriginOf string }{
		{"https://shop.example/p?a=1&utm_source=x&page=2#part", "https://shop.example/p?utm_source=x&page=2", "https://shop.example/"},
		{"https://shop.example/p#part?utm_source=x", "https://shop.example/p", "https://shop.example/"},
		{"https://u:p@shop.example:8443", "https://shop.example:8443", "https://shop.example:8443/"},
		{"/p?utm%5Fsource=x", "/p?utm%5Fsource=x", ""},
		{"android-app://com.example/a", "android-app://com.example/a", "android-app://com.example/"},
		{"", "", ""},
	} {
		if got := patterns.WithQuery(c.address, utmKeys); got != c.query {
			t.Errorf("%s: %s, want %s", c.address, got, c.query)
		}
		if got := patterns.OriginOf(c.address); got != c.OriginOf {
			t.Errorf("%s: %s, want %s", c.address, got, c.OriginOf)
		}
	}
}
