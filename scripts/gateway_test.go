package scripts

import (
	"net/http"
	"strings"
	"testing"
)

const gateway = "scripts: {tags: {use: google_gateway, path: /metrics, ids: [G-EXAMPLE], address: true}}"

func TestAGatewayPassesRequestsOnAsTheyAre(t *testing.T) {
	v := &vendor{answer: func(*http.Request) (*http.Response, error) {
		return reply(200, "text/plain", "done", "Set-Cookie", "a=b", "Strict-Transport-Security", "max-age=1", "Cache-Control", "no-store"), nil
	}}
	s := open(t, "", gateway, v)
	a := ask(s, "POST", "/metrics/g/collect?v=2&tid=G-EXAMPLE&dl=https%3A%2F%2Fwww.shop.example", "en=purchase", now, func(string) bool { return true },
		"cookie", "session=secret; _ga=GA1.1.1.2; _gcl_au=1.1.3; _gaming; FPID=x", "user-agent", "Chrome", "referer", "https://www.shop.example/p?email=a", "authorization", "Bearer x",
		"x-forwarded-for", "192.0.2.1", "sec-ch-ua", `"Chromium"`, "origin", "https://www.shop.example", "connection", "x-evil")
	if a.Status != 200 || string(a.Body) != "done" || a.Result != Passed || a.header("set-cookie") != "" || a.header("strict-transport-security") != "" || a.header("cache-control") != "no-store" {
		t.Errorf("%d %s %v", a.Status, a.Body, a.Headers)
	}
	r := v.asked[0]
	if r.Method != "POST" || r.URL.String() != "https://g-example.fps.goog/metrics/g/collect?v=2&tid=G-EXAMPLE&dl=https%3A%2F%2Fwww.shop.example" || v.bodies[0] != "en=purchase" {
		t.Errorf("%s %s %s", r.Method, r.URL, v.bodies[0])
	}
	want := http.Header{"Cookie": {"_ga=GA1.1.1.2; _gcl_au=1.1.3; FPID=x"}, "User-Agent": {"Chrome"}, "Referer": {"https://www.shop.example/p"}, "Sec-Ch-Ua": {`"Chromium"`},
		"X-Forwarded-For": {"198.51.100.7"}, "X-Forwarded-Countryregion": {"DE-BY"}, "Accept-Encoding": {"identity"}}
	for name, values := range r.Header {
		if want.Get(name) != values[0] {
			t.Errorf("%s: %q goes along, want %q", name, values, want.Get(name))
		}
		want.Del(name)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

func TestAGatewayAsksConsentFirst(t *testing.T) {
	v := &vendor{answer: func(*http.Request) (*http.Response, error) { return reply(200, "text/plain", "ok"), nil }}
	s := open(t, "", strings.Replace(gateway, "address: true", "needs: [analytics]", 1), v)
	analytics := func(p string) bool { return p == "analytics" }
	for address, passed := range map[string]bool{
		"/metrics/g/collect?v=2": true, "/metrics/g/collect?v=2&gcs=G111": true, "/metrics/g/collect?v=2&gcs=G110": false,
		"/metrics/as/d/ccm/conversion/1/": false, "/metrics/pagead/x": false, "/metrics/d/ccm/form-data/1": false, "/metrics/": true,
	} {
		a := ask(s, "GET", address, "", now, analytics, "cookie", "_gcl_au=1; _ga=2")
		if passed != (a.Result == Passed) || !passed && a.Status != 204 {
			t.Errorf("%s: %d %s", address, a.Status, a.Result)
		}
	}
	for _, r := range v.asked {
		if r.Header.Get("Cookie") != "_ga=2" || r.Header.Get("X-Forwarded-For") != "" {
			t.Errorf("%v goes along without consent to ads", r.Header)
		}
	}
	before := len(v.asked)
	nobody := func(string) bool { return false }
	if a := ask(s, "GET", "/metrics/g/collect", "", now, nobody); a.Status != 204 || len(v.asked) != before {
		t.Errorf("%d", a.Status)
	}
	if a := ask(s, "GET", "/metrics/healthy", "", now, nobody, "user-agent", "x", "cookie", "_ga=1"); string(a.Body) != "ok" || len(v.asked[before].Header) > 3 || v.asked[before].Header.Get("Cookie") != "" {
		t.Errorf("the check of the gateway: %s with %v", a.Body, v.asked[before].Header)
	}
}

func TestAGatewaysRedirectsAndErrorsStayHere(t *testing.T) {
	for name, answer := range map[string]*http.Response{
		"a redirect": reply(302, "text/plain", "", "Location", "https://evil.example/"),
		"too much":   reply(200, "text/plain", strings.Repeat("x", mostAnswer+1)),
	} {
		v := &vendor{answer: func(*http.Request) (*http.Response, error) { return answer, nil }}
		if a := get(open(t, "", gateway, v), "/metrics/g/collect", now); a.Status != 502 || a.header("location") != "" {
			t.Errorf("%s: %d %v", name, a.Status, a.Headers)
		}
	}
}

func TestAGatewayPassesSoManyRequestsAtOnce(t *testing.T) {
	v := &vendor{answer: func(*http.Request) (*http.Response, error) { return reply(200, "text/plain", "ok"), nil }}
	s := open(t, "", gateway, v)
	for range mostPassing {
		s.slots <- struct{}{}
	}
	if a := get(s, "/metrics/g/collect", now); a.Status != 503 || a.header("retry-after") == "" || len(v.asked) > 0 {
		t.Errorf("%d", a.Status)
	}
	<-s.slots
	if a := get(s, "/metrics/g/collect", now); a.Status != 200 || len(s.slots) != mostPassing-1 {
		t.Errorf("%d, %d taken", a.Status, len(s.slots))
	}
}
