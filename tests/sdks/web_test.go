package sdks_test

import (
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"headgate/enrich/identity"
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
	env := append(os.Environ(), "VISITOR="+visitorsCookie(), "HEADGATE_URL="+p.Public+"/e", "HEADGATE_KEY=of-a-server")
	cmd.Env = env
	if said, err := cmd.CombinedOutput(); err != nil || string(said) != "Thank you!\n" {
		t.Fatalf("%s %v", said, err)
	}
	tracker := goserver.NewTracker(p.Public+"/e", "of-a-server")
	r := request(t, http.MethodGet, "https://www.shop.example/thanks?order=T-go")
	r.RemoteAddr = "203.0.113.9:1234"
	if !tracker.Track(r, "purchase", map[string]any{"transaction_id": "T-go", "value": 59.8, "currency": "EUR"}) {
		t.Error("the queue is full")
	}
	tracker.Close()
	want := append(serveForeign(t, env), "T-express", "T-go", "T-loader")
	slices.Sort(want)
	until(func() bool { return p.Status().Accepted > int64(len(want)) }) // PHP and the loader send after they answered
	p.Drained()
	orders := []string{}
	for _, a := range sink.of("T-", "purchase") {
		orders = append(orders, a.Params.ID)
		for _, says := range []string{`"client_id":"1234567890.1795300000"`, `"ip":"203.0.113.9"`, "Firefox/140.0", "https://www.shop.example/checkout"} {
			if !strings.Contains(strings.ReplaceAll(a.text, `": `, `":`), says) {
				t.Errorf("%s: no %s in %s", a.Params.ID, says, a.text)
			}
		}
		if !strings.HasPrefix(a.Page.URL, "https://www.shop.example/") || !strings.HasSuffix(a.Page.URL, "?order="+a.Params.ID) || a.Params.Value != 59.8 {
			t.Errorf("%+v", a)
		}
	}
	slices.Sort(orders)
	if len(sink.of("T-mp", "refund")) != 1 {
		t.Error("the refund of docs/senders/mp.md has not arrived")
	}
	if !slices.Equal(orders, want) {
		t.Errorf("the orders are %v, want %v", orders, want)
	}
}

// visitorsCookie is Headgate's cookie of a visitor, as Headgate sets it.
func visitorsCookie() string {
	since := time.Unix(1795300001, 0)
	ids := identity.IDs{Cookie: "_hg", Lifetime: time.Hour}
	pair, _, _ := strings.Cut(ids.SetCookie(identity.Stored{ID: "1234567890.1795300000", Since: since.Unix()}, "", true, since), ";")
	return pair
}

// request is what a visitor who agreed asks of a shop.
func request(t *testing.T, method, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "www.shop.example"
	for name, value := range map[string]string{
		"Referer":    "https://www.shop.example/checkout",
		"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Cookie":     visitorsCookie() + "; consent_analytics=yes; consent_ads=yes",
		// What the shop's own proxy adds.
		"X-Forwarded-Proto": "https", "X-Real-IP": "203.0.113.9", "X-Forwarded-For": "203.0.113.9",
	} {
		r.Header.Set(name, value)
	}
	return r
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
