package scripts

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/document"
	"headgate/event"
)

// vendor answers in place of the network.
type vendor struct {
	mu     sync.Mutex
	asked  []*http.Request
	bodies []string
	answer func(*http.Request) (*http.Response, error)
}

func (v *vendor) RoundTrip(r *http.Request) (*http.Response, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	body := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	v.asked, v.bodies = append(v.asked, r), append(v.bodies, body)
	return v.answer(r)
}

func reply(status int, kind, body string, headers ...string) *http.Response {
	a := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i < len(headers); i += 2 {
		a.Header.Set(headers[i], headers[i+1])
	}
	return a
}

func script(body string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return reply(200, "application/javascript", body), nil }
}

var purposes = []string{"analytics", "ads", "sharing"}

func open(t testing.TB, folder, text string, v *vendor) *Set {
	t.Helper()
	s, mistakes := parse(folder, text, v)
	if err := mistakes.Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

func parse(folder, text string, v *vendor) (*Set, document.Mistakes) {
	n, mistakes := document.Parse("headgate.yaml", []byte(text))
	var c struct {
		Scripts Config `yaml:"scripts"`
	}
	mistakes = append(mistakes, document.Decode(n, &c)...)
	s, wrong := Open(c.Scripts, purposes, Options{Folder: folder, Transport: func([]string) http.RoundTripper { return v }})
	return s, append(mistakes, wrong...)
}

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// get asks for an address as a visitor in Bavaria who agreed to everything.
func get(s *Set, address string, at time.Time, headers ...string) Answer {
	return ask(s, "GET", address, "", at, func(string) bool { return true }, headers...)
}

func ask(s *Set, method, address, body string, at time.Time, granted func(string) bool, headers ...string) Answer {
	path, query, _ := strings.Cut(address, "?")
	h := &event.Hit{Method: method, Host: "t.shop.example", Path: path, Query: query, Received: at, Body: []byte(body), Address: netip.MustParseAddr("198.51.100.7")}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "cookie" {
			h.Cookie = headers[i+1]
			continue
		}
		h.Headers = append(h.Headers, event.Header{Name: headers[i], Value: headers[i+1]})
	}
	one := s.Find(path)
	if one == nil {
		return Answer{Status: 404}
	}
	return s.Serve(one, &Request{Hit: h, Country: "DE", Region: "BY", Granted: granted})
}

func (a *Answer) header(name string) string { return a.Headers.Get(name) }

const google = "scripts: {google: {use: google, path: /s, ids: [G-EXAMPLE], rewrite: {www.googletagmanager.com: t.shop.example/s}}}"

func TestAScriptIsFetchedOnceAndKept(t *testing.T) {
	v := &vendor{answer: func(r *http.Request) (*http.Response, error) {
		return reply(200, "application/javascript", `load("https://www.googletagmanager.com/gtag/js"); host="www.googletagmanager.com"`, "ETag", `"v1"`, "Set-Cookie", "a=b"), nil
	}}
	s := open(t, t.TempDir(), google, v)
	a := get(s, "/s/gtag/js?id=G-EXAMPLE&l=dataLayer&evil=1", now, "cookie", "_ga=1; session=2", "user-agent", "secret", "referer", "https://www.shop.example/")
	if a.Status != 200 || a.Result != Fetched || string(a.Body) != `load("https://t.shop.example/s/gtag/js"); host="www.googletagmanager.com"` {
		t.Fatalf("%d %s %s %v", a.Status, a.Result, a.Body, a.Err)
	}
	r := v.asked[0]
	if got := r.URL.String(); got != "https://www.googletagmanager.com/gtag/js?id=G-EXAMPLE&l=dataLayer" {
		t.Errorf("asked for %s", got)
	}
	if len(r.Header) != 3 || r.Header.Get("X-Forwarded-CountryRegion") != "DE-BY" || r.Header.Get("User-Agent") != "Headgate" {
		t.Errorf("what goes along: %v", r.Header)
	}
	if a.header("set-cookie") != "" || a.header("cache-control") != "private, max-age=900" || a.header("x-content-type-options") != "nosniff" {
		t.Errorf("headers: %v", a.Headers)
	}
	b := get(s, "/s/gtag/js?l=dataLayer&id=G-EXAMPLE", now.Add(time.Minute), "accept-encoding", "gzip;q=1.0, br;q=0")
	if b.Result != Cached || len(v.asked) != 1 {
		t.Errorf("%s after %d fetches", b.Result, len(v.asked))
	}
	if c := get(s, "/s/gtag/js?id=G-EXAMPLE&l=dataLayer", now, "if-none-match", a.header("etag")); c.Status != 304 || len(c.Body) != 0 {
		t.Errorf("%d with %d bytes for one who has it", c.Status, len(c.Body))
	}
	// Later the vendor says that it is still the newest.
	v.answer = func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("If-None-Match") != `"v1"` {
			t.Errorf("asked without the validator: %v", r.Header)
		}
		return reply(304, "", ""), nil
	}
	if c := get(s, "/s/gtag/js?id=G-EXAMPLE&l=dataLayer", now.Add(time.Hour)); c.Result != Fetched || c.Change != nil || string(c.Body) != string(a.Body) {
		t.Errorf("%s %v", c.Result, c.Change)
	}
}

func TestAScriptIsCompressed(t *testing.T) {
	body := strings.Repeat("console.log('hello');\n", 200)
	s := open(t, "", "scripts: {v: {path: /v.js, from: 'https://cdn.vendor.example/v.js', needs: none}}", &vendor{answer: script(body)})
	a := get(s, "/v.js", now, "accept-encoding", "gzip, deflate, br;q=0")
	g, err := gzip.NewReader(bytes.NewReader(a.Body))
	if err != nil || a.header("content-encoding") != "gzip" {
		t.Fatalf("%v %v", a.Headers, err)
	}
	if plain, err := io.ReadAll(g); err != nil || string(plain) != body {
		t.Errorf("%d bytes, %v", len(plain), err)
	}
	b, c := get(s, "/v.js", now, "accept-encoding", "gzip, br"), get(s, "/v.js", now)
	if b.header("content-encoding") != "br" || len(b.Body) >= len(a.Body) || string(c.Body) != body || c.header("content-encoding") != "" {
		t.Errorf("%v %v", b.Headers, c.Headers)
	}
	if a.header("etag") == b.header("etag") || c.header("cache-control") != "public, max-age=900" {
		t.Errorf("%v %v", a.Headers, c.Headers)
	}
}

func TestEachPlaceHasAFileOfItsOwn(t *testing.T) {
	v := &vendor{answer: func(r *http.Request) (*http.Response, error) {
		return reply(200, "text/javascript", r.Header.Get("X-Forwarded-CountryRegion")), nil
	}}
	s := open(t, "", google, v)
	for _, region := range []string{"BY", "BE", "BY"} {
		h := &event.Hit{Method: "GET", Path: "/s/gtm.js", Query: "id=G-EXAMPLE", Received: now}
		a := s.Serve(s.Find(h.Path), &Request{Hit: h, Country: "DE", Region: region, Granted: func(string) bool { return true }})
		if string(a.Body) != "DE-"+region {
			t.Errorf("%s gets %s", region, a.Body)
		}
	}
	if len(v.asked) != 2 {
		t.Errorf("fetched %d times", len(v.asked))
	}
}

func TestWhileAVendorFailsTheLastGoodCopyIsServed(t *testing.T) {
	folder := t.TempDir()
	v := &vendor{answer: script("good()")}
	text := "scripts: {v: {path: /v.js, from: 'https://cdn.vendor.example/v.js', needs: none, size: 1KiB}}"
	s := open(t, folder, text, v)
	get(s, "/v.js", now)
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"no answer": func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") },
		"an error":  func(*http.Request) (*http.Response, error) { return reply(500, "text/javascript", "bad()"), nil },
		"a redirect": func(*http.Request) (*http.Response, error) {
			return reply(302, "text/javascript", "bad()", "Location", "https://evil.example/"), nil
		},
		"a page": func(*http.Request) (*http.Response, error) { return reply(200, "text/html", "<h1>bad"), nil },
		"too much": func(*http.Request) (*http.Response, error) {
			return reply(200, "text/javascript", strings.Repeat("x", 1025)), nil
		},
		"nothing": func(*http.Request) (*http.Response, error) { return reply(200, "text/javascript", ""), nil },
		"another coding": func(*http.Request) (*http.Response, error) {
			return reply(200, "text/javascript", "x", "Content-Encoding", "zstd"), nil
		},
		"no content type": func(*http.Request) (*http.Response, error) { return reply(200, "", "x"), nil },
	} {
		v.answer = answer
		for _, one := range []*Set{s, open(t, folder, text, v)} { // the second has the copy on disk only
			a := get(one, "/v.js", now.Add(24*time.Hour))
			if a.Status != 200 || string(a.Body) != "good()" || a.Result != Stale {
				t.Errorf("%s: %d %s %q", name, a.Status, a.Result, a.Body)
			}
			if one.List()[0].Status().Error == "" && a.Err != nil {
				t.Errorf("%s: the status does not say so", name)
			}
		}
		if a := get(open(t, t.TempDir(), text, v), "/v.js", now); a.Status != 502 || a.header("cache-control") != "no-store" {
			t.Errorf("%s, without a copy: %d %v", name, a.Status, a.Headers)
		}
		s = open(t, folder, text, v)
	}
	if a := get(s, "/v.js", now.Add(8*24*time.Hour)); a.Status != 502 {
		t.Errorf("after eight days: %d", a.Status)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.copy"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q %v", files, err)
	}
	if err := os.WriteFile(files[0], []byte("{\"kind\":\"text/javascript\",\"sha256\":\"0\"}\nevil()"), 0o600); err != nil {
		t.Fatal(err)
	}
	if a := get(open(t, folder, text, v), "/v.js", now); a.Status != 502 {
		t.Errorf("a damaged copy is served: %s", a.Body)
	}
}

func TestAChangedFileIsNoticed(t *testing.T) {
	v := &vendor{answer: script(`a("https://one.example/x")` + strings.Repeat(" ", 100))}
	s := open(t, "", "scripts: {v: {path: /v.js, from: 'https://cdn.vendor.example/v.js', needs: none}}", v)
	at := now
	next := func(body string) *Change {
		at = at.Add(time.Hour)
		v.answer = script(body)
		a := get(s, "/v.js", at)
		if string(a.Body) != body {
			t.Errorf("served %q", a.Body)
		}
		return a.Change
	}
	if c := next(`a("https://one.example/x")` + strings.Repeat(" ", 100)); c != nil {
		t.Errorf("the first: %+v", c)
	}
	if c := next(`b("https://one.example/x")` + strings.Repeat(" ", 100)); c == nil || len(c.Alarms) > 0 {
		t.Errorf("another: %+v", c)
	}
	if c := next(`b("https://one.example/x","https://evil.example/")` + strings.Repeat(" ", 100)); c == nil || !slices.Equal(c.Alarms, []string{"hosts"}) || !slices.Equal(c.Hosts, []string{"evil.example"}) {
		t.Errorf("a new host: %+v", c)
	}
	if c := next(`eval (x)`); c == nil || !slices.Equal(c.Alarms, []string{"size", "eval"}) {
		t.Errorf("a small one with eval: %+v", c)
	}
	status := s.List()[0].Status()
	if status.Changes != 3 || !slices.Equal(status.Alarms, []string{"size", "eval"}) || status.Size != 8 || status.ChangedAt == nil {
		t.Errorf("%+v", status)
	}
}

func TestAPinnedFileIsServedInNoOtherVersion(t *testing.T) {
	v := &vendor{answer: script("good()")}
	text := "scripts: {v: {path: /v.js, from: 'https://cdn.vendor.example/v.js', needs: none, pin: [" + newCopy([]byte("good()"), "", "", now, &Script{}).digest + "]}}"
	s := open(t, "", text, v)
	if a := get(s, "/v.js", now); string(a.Body) != "good()" {
		t.Fatalf("%d %v", a.Status, a.Err)
	}
	v.answer = script("other()")
	if a := get(s, "/v.js", now.Add(time.Hour)); string(a.Body) != "good()" || a.Result != Stale || a.Err == nil || !strings.Contains(a.Err.Error(), "is not a pinned version") {
		t.Errorf("%s %v", a.Body, a.Err)
	}
}

func TestConsentIsAskedFirst(t *testing.T) {
	v := &vendor{answer: script("tag()")}
	s := open(t, "", google, v)
	a := ask(s, "GET", "/s/gtag/js?id=G-EXAMPLE", "", now, func(p string) bool { return p == "ads" })
	if a.Status != 200 || a.Result != Denied || !strings.HasPrefix(string(a.Body), "/*") || a.header("cache-control") != "no-store" || len(v.asked) > 0 {
		t.Errorf("%d %s %v, asked %d times", a.Status, a.Body, a.Headers, len(v.asked))
	}
	if a := ask(s, "GET", "/s/gtag/js?id=G-EXAMPLE", "", now, func(p string) bool { return p == "analytics" }); a.Result != Fetched {
		t.Errorf("%s", a.Result)
	}
}
