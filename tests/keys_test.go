package tests_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// In an hour each key has one request: what a clock does in between cannot matter.
const oncePerKey = `
listen: "%PUBLIC%"
data: %DATA%
admin: {listen: "%ADMIN%"}
limits: {per_key: 1/h}
sources:
  events: {path: /e, keys: [page-key], server_keys: ["${SALES_KEY}"]}
  segment: {keys: [page-key]}
  posthog: {path: /ph, keys: [page-key]}
  pixel: {path: /p.gif}
  shop: {use: shopify, path: /hooks/shopify, secret: "${SHOP_KEY}"}
destinations:
  archive: {use: parquet, settings: {to: "%DATA%/archive"}}
`

// Whoever has a key has so many requests under it, from any number of addresses; whoever has none takes nothing from those
// who do.
func TestAKeyHasItsRate(t *testing.T) {
	t.Parallel()
	p := newProcess(t, oncePerKey)
	p.Env = []string{"SHOP_KEY=" + shopKey, "SALES_KEY=" + salesKey}
	p.Start()
	ask := func(path, authorization, body string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Public+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", authorization)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		said, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode == http.StatusAccepted {
			return "202"
		}
		return strings.TrimSpace(fmt.Sprintf("%d %s %s", resp.StatusCode, resp.Header.Get("Retry-After"), said))
	}
	const ours = `{"name":"login"}`
	track := func(key string) string {
		return `{"type":"track","event":"login","anonymousId":"a","writeKey":"` + key + `"}`
	}
	capture := func(key string) string {
		return `{"api_key":"` + key + `","event":"login","distinct_id":"a"}`
	}
	for _, c := range []struct{ name, path, authorization, body, want string }{
		{"an unknown key", "/e", "Bearer guessed", ours, `401  {"error":"unknown write key"}`},
		{"the key of the page", "/e", "Bearer page-key", ours, "202"},
		{"again", "/e", "Bearer page-key", ours, `429 1 {"error":"too many requests"}`},
		{"an unknown key, still", "/e", "Bearer guessed", ours, `401  {"error":"unknown write key"}`},
		{"the key of a server", "/e", "Bearer " + salesKey, ours, "202"},
		{"again", "/e", "Bearer " + salesKey, ours, `429 1 {"error":"too many requests"}`},
		{"the same text, a key of another source", "/v1/track", "", track("page-key"), `200  {"success":true}`},
		{"again", "/v1/track", "", track("page-key"), `429 1 {"error":"too many requests"}`},
		{"a batch hides it behind an unknown one", "/v1/batch", "", `{"batch":[` + track("guessed") + `,` + track("page-key") + `]}`, `429 1 {"error":"too many requests"}`},
		{"or behind it", "/v1/batch", "", `{"batch":[` + track("page-key") + `,` + track("guessed") + `]}`, `429 1 {"error":"too many requests"}`},
		{"one in the body", "/ph/i/v0/e/", "", capture("page-key"), `200  {"status":1}`},
		{"again, in words that its library tries again after", "/ph/i/v0/e/", "", capture("page-key"), `503 1 {"error":"too many requests"}`},
	} {
		if got := ask(c.path, c.authorization, c.body); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	for _, want := range []string{`200 {"accepted":1}`, `429 {"error":"too many requests"}`} {
		if got := deliver(t, p, "orders/paid", shopKey, order(1, "")); got != want {
			t.Errorf("a webhook: %s, want %s", got, want)
		}
	}
	for range 3 {
		resp, err := http.Get(p.Public + "/p.gif?name=login")
		if err != nil {
			t.Fatal(err)
		}
		if _ = resp.Body.Close(); resp.StatusCode != http.StatusOK {
			t.Errorf("a source without keys: %d", resp.StatusCode)
		}
	}
	metrics := p.metrics()
	for source, n := range map[string]int{"events": 2, "segment": 3, "posthog": 1, "shop": 1} {
		if want := fmt.Sprintf(`headgate_hits_refused_total{reason="key_rate",source="%s"} %d`, source, n); !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if s := p.Status(); s.Accepted != 8 {
		t.Errorf("%d events accepted", s.Accepted)
	}

	config, err := os.ReadFile(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	p.Write(strings.Replace(string(config), "per_key: 1/h", "per_key: 0", 1))
	p.Ask(http.MethodPost, "/api/reload", nil)
	for range 3 {
		if got := ask("/e", "Bearer page-key", ours); got != "202" {
			t.Errorf("without the limit: %s", got)
		}
	}
	p.Stop()
	for _, secret := range []string{salesKey, shopKey, "page-key"} {
		if strings.Contains(p.Output.String()+metrics, secret) {
			t.Errorf("%s is in the log or the metrics", secret)
		}
	}
}

func (p *process) metrics() string {
	p.t.Helper()
	resp := p.Send(http.MethodGet, "/metrics", nil)
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(said)
}
