package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// upstream is a vendor that notes what it is asked for.
type upstream struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newUpstream(t *testing.T) *upstream {
	t.Helper()
	u := &upstream{}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		u.asked = append(u.asked, r.Host+r.RequestURI)
		u.mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/away.js") {
			http.Redirect(w, r, "http://"+r.Host+"/secret", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = io.WriteString(w, "tag('"+r.Method+"')") // the client's connection; it is asked for again
	}))
	t.Cleanup(u.Close)
	return u
}

// raw sends bytes and returns the answer.
func raw(t *testing.T, base, request string) (*http.Response, string) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }() // the answer was read
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(request, " ")
	answer, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%q: %v", request, err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%q: %v", request, err)
	}
	return answer, string(body)
}

func TestScriptsAreNoOpenProxy(t *testing.T) {
	u, victim := newUpstream(t), newUpstream(t)
	evil := strings.TrimPrefix(victim.URL, "http://")
	own := strings.TrimPrefix(u.URL, "http://")
	r := start(t, t.TempDir(), newSink(t), fmt.Sprintf(`
scripts:
  file: {path: /v.js, from: "%[1]s/lib/v.js", needs: none, query: [id], ids: [one]}
  tree: {path: /t, from: "%[1]s/tree", files: [main.js, away.js, parts/*.js], needs: none}
  tags: {path: /metrics, use: google_gateway, ids: [G-EXAMPLE], from: "%[1]s", needs: none}
`, u.URL))
	for request, want := range map[string]int{
		"GET /v.js?id=one":                    200,
		"GET /t/main.js":                      200,
		"GET /t/parts/a.js?x=y":               200,
		"HEAD /t/main.js":                     200,
		"GET /metrics/g/collect?v=2":          200,
		"GET /v.js":                           404,
		"GET /v.js?id=two":                    404,
		"GET /v.js?id=one&id=two":             404,
		"GET /v.js?id=one%26id=two":           404,
		"GET /v.js?ID=one":                    404,
		"POST /v.js?id=one":                   405,
		"GET /v.js/../../secret":              404,
		"GET /v.js/x?id=one":                  404,
		"GET /v.jsx?id=one":                   404,
		"GET /t/away.js":                      502,
		"GET /t/other.js":                     404,
		"GET /t/../secret":                    404,
		"GET /t/./main.js":                    400,
		"GET /t//main.js":                     400,
		"GET //t/main.js":                     400,
		"GET /t/parts/../main.js":             400,
		"GET /t/parts/%2e%2e/main.js":         400,
		"GET /t/parts%2fa.js":                 400,
		"GET /t/parts/a%2fb.js":               400,
		"GET /t/parts/..%5cmain.js":           400,
		"GET /t/parts\\a.js":                  400,
		"GET /t/parts/a.js%00":                400,
		"GET /t/main.js%0d%0aHost:x":          400,
		"GET /t/@" + evil:                     400,
		"GET /t/http://" + evil:               400,
		"GET /metrics/../secret":              404,
		"GET /metrics/%2e%2e/secret":          404,
		"GET /metrics/x/%2e%2e/secret":        400,
		"GET /metrics/..;/secret":             400,
		"GET /metrics//" + evil + "/":         400,
		"GET /metrics/http://" + evil:         400,
		"GET /metrics/@" + evil + "/":         400,
		"GET /metrics@" + evil + "/":          404,
		"GET /metrics.evil.example/":          404,
		"GET /metrics/%2f%2fevil.example":     400,
		"GET http://" + evil + "/metrics/":    400,
		"GET http://t.shop.example/t/main.js": 400,
		"CONNECT " + evil:                     400,
		"OPTIONS *":                           400,
		"PUT /metrics/x":                      405,
		"TRACE /metrics/x":                    405,
	} {
		answer, body := raw(t, r.base, request+" HTTP/1.1\r\nHost: t.shop.example\r\nX-Forwarded-Host: "+evil+"\r\nForwarded: host="+evil+"\r\nX-Original-URL: /secret\r\nConnection: close\r\n\r\n")
		if answer.StatusCode != want {
			t.Errorf("%s: %d %.80s, want %d", request, answer.StatusCode, body, want)
		}
		if strings.HasPrefix(request, "HEAD ") && body != "" {
			t.Errorf("%s: a body of %d bytes", request, len(body))
		}
	}
	for _, smuggled := range []string{
		"GET /t/main.js HTTP/1.1\r\nHost: t.shop.example\r\nHost: " + evil + "\r\nConnection: close\r\n\r\n",
		"GET /t/main.js HTTP/1.1\r\nHost: " + evil + "/x@t.shop.example\r\nConnection: close\r\n\r\n",
		"POST /metrics/x HTTP/1.1\r\nHost: t.shop.example\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
	} {
		if answer, _ := raw(t, r.base, smuggled); answer.StatusCode == 200 && strings.HasPrefix(smuggled, "POST") {
			t.Errorf("%q is answered", smuggled)
		}
	}
	if len(victim.asked) > 0 {
		t.Errorf("the victim was asked for %q", victim.asked)
	}
	for _, address := range u.asked {
		path, ok := strings.CutPrefix(address, own)
		if !ok || strings.Contains(path, "secret") || strings.Contains(path, "..") || !(strings.HasPrefix(path, "/lib/v.js?id=one") || strings.HasPrefix(path, "/tree/") || strings.HasPrefix(path, "/metrics/")) {
			t.Errorf("the vendor was asked for %s", address)
		}
	}
}

func TestPagesOfOtherSitesGetNoScripts(t *testing.T) {
	u := newUpstream(t)
	r := start(t, t.TempDir(), newSink(t), fmt.Sprintf("\nsites: {shop: {hosts: [t.shop.example], origins: [https://www.shop.example]}}\nscripts: {v: {path: /v.js, from: %q, needs: none}, c: {path: /c.js, from: %q, needs: [ads]}}\n", u.URL+"/v.js", u.URL+"/c.js"))
	ask := func(path string, headers ...string) (int, string) {
		answer, body := raw(t, r.base, "GET "+path+" HTTP/1.1\r\nHost: t.shop.example\r\n"+strings.Join(headers, "")+"Connection: close\r\n\r\n")
		return answer.StatusCode, body
	}
	if code, _ := ask("/v.js", "Referer: https://other.example/\r\n", "Sec-Fetch-Site: cross-site\r\n"); code != 403 {
		t.Errorf("another site's page gets %d", code)
	}
	if code, body := ask("/v.js", "Referer: https://www.shop.example/\r\n", "Sec-Fetch-Site: same-site\r\n"); code != 200 || body != "tag('GET')" {
		t.Errorf("the site's own page gets %d %s", code, body)
	}
	if _, body := ask("/c.js", "Sec-GPC: 1\r\n"); !strings.HasPrefix(body, "/*") {
		t.Errorf("who objects gets %s", body)
	}
	status, err := r.Status(t.Context())
	if err != nil || status.Scripts["v"].SHA256 == "" || status.Scripts["c"].SHA256 != "" {
		t.Errorf("%+v %v", status.Scripts, err)
	}
}
