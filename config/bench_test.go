package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/config"
)

// BenchmarkOpen is what check, a reload and each pause in typing in the console's editor cost: of the example, and of a large
// configuration.
func BenchmarkOpen(b *testing.B) {
	for _, one := range []struct{ name, path string }{{"the example", "../config.example.yaml"}, {"30 destinations and 60 rules", large(b)}} {
		b.Run(one.name, func(b *testing.B) {
			env := config.Env{Lookup: func(name string) (string, bool) { return map[string]string{"TOKEN": "secret"}[name], name == "TOKEN" }}
			b.ReportAllocs()
			for b.Loop() {
				parts, ms := config.Open(one.path, env, deps())
				if ms != nil {
					b.Fatal(ms.Err())
				}
				if err := parts.Close(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// large writes a configuration of 30 destinations, which have two rules each, 60 rules and 20 tests.
func large(b *testing.B) string {
	b.Helper()
	uses := []string{
		"{use: meta, settings: {pixel_id: '12%02d', access_token: '${TOKEN}'}%s}",
		"{use: ga4, settings: {measurement_id: G-ABC12345%02d, api_secret: '${TOKEN}'}%s}",
		"{use: webhook, consent: {needs: [analytics]}, settings: {url: 'https://vendor%02d.example/events'}%s}",
	}
	var text strings.Builder
	text.WriteString("sites: {shop: {hosts: [t.shop.example]}}\ndestinations:\n")
	for i := range 30 {
		own := fmt.Sprintf(", when: 'params.value > %d', rules: [{name: first, when: 'name == \"purchase\"', set: {params.brand: shop%d}}, {name: second, set: {params.rounded: '=round(params.value * 1.%02d, 2)'}}]", i, i, i)
		fmt.Fprintf(&text, "  d%d: "+uses[i%len(uses)]+"\n", i, i, own)
	}
	text.WriteString("rules:\n")
	for i := range 60 {
		fmt.Fprintf(&text, "  - {name: rule %d, when: 'name == \"purchase\" and params.value > %d', set: {params.net: '=params.value - default(params.tax, %d)', params.label: '=lower(page.url) + \"-%d\"'}}\n", i, i, i, i)
	}
	text.WriteString("tests:\n")
	for i := range 20 {
		fmt.Fprintf(&text, "  - {name: test %d, event: {sample: purchase, params.value: %d}, expect: {params.value: %d}}\n", i, i, i)
	}
	path := filepath.Join(b.TempDir(), "headgate.yaml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}
