package sdks_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"headgate/tests/sdks/goserver"
	"headgate/tests/trial"
)

const webConfig = `
listen: "%PUBLIC%"
data: "%DATA%"
admin: {listen: "%ADMIN%"}
egress: {allow: [127.0.0.0/8]}
sources: {events: {server_keys: [of-a-server]}, mp: {secrets: [MP_SECRET]}}
enrich: {address: keep}
destinations:
  sink: {use: webhook, settings: {url: "%SINK%"}, delivery: {wait: 10ms}, consent: {needs: none, reason: the test's own}}
`

// TestTheWebServersOfTheDocumentation runs those of docs/web-servers.md that can run here: what arrives is the visitor's.
func TestTheWebServersOfTheDocumentation(t *testing.T) {
	sink := newSink(t)
	p := trial.New(t, strings.ReplaceAll(webConfig, "%SINK%", sink.URL))
	p.Start()
	cmd := exec.Command("../../dev/scripts/node.sh", "sdks/node", "web.mjs")
	cmd.Env = append(os.Environ(), "HEADGATE_URL="+p.Public+"/e", "HEADGATE_KEY=of-a-server")
	if said, err := cmd.CombinedOutput(); err != nil || string(said) != "Thank you!\n" {
		t.Fatalf("%s %v", said, err)
	}
	tracker := goserver.NewTracker(p.Public+"/e", "of-a-server")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/thanks?order=T-go", nil)
	r.Host, r.RemoteAddr = "www.shop.example", "203.0.113.9:1234"
	r.Header.Set("Referer", "https://www.shop.example/checkout")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	r.Header.Set("Cookie", "_hg=1.1795300000.1234567890.1795300000; consent_analytics=yes; consent_ads=yes")
	if !tracker.Track(r, "purchase", map[string]any{"transaction_id": "T-go", "value": 59.8, "currency": "EUR"}) {
		t.Error("the queue is full")
	}
	tracker.Close()
	p.Drained()
	orders := []string{}
	for _, a := range sink.of("T-", "purchase") {
		orders = append(orders, a.Params.ID)
		for _, says := range []string{`"client_id":"1234567890.1795300000"`, `"ip":"203.0.113.9"`, "Firefox/140.0", "https://www.shop.example/checkout"} {
			if !strings.Contains(strings.ReplaceAll(a.text, `": `, `":`), says) {
				t.Errorf("%s: no %s in %s", a.Params.ID, says, a.text)
			}
		}
		if want := "https://www.shop.example/thanks?order=" + a.Params.ID; a.Page.URL != want || a.Params.Value != 59.8 {
			t.Errorf("%+v, want the page %s", a, want)
		}
	}
	slices.Sort(orders)
	if len(sink.of("T-mp", "refund")) != 1 {
		t.Error("the refund of docs/senders/mp.md has not arrived")
	}
	if got := strings.Join(orders, " "); got != "T-express T-go T-loader" {
		t.Errorf("the orders are %s", got)
	}
}

// What the documentation shows is what was run.
func TestTheDocumentationShowsTheWebServersThatRun(t *testing.T) {
	page, err := os.ReadFile("../../docs/web-servers.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"node/headgate.mjs", "node/express.mjs", "node/loader.mjs", "goserver/track.go"} {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), "\n"+string(code)+"```\n") {
			t.Errorf("docs/web-servers.md does not have %s as it is", file)
		}
	}
}
