// Package script_test has the browser script run in Chromium and Firefox, on pages of a site with its own Headgate, whose events arrive at a sink.
package script_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/tests/driver"
	"headgate/tests/trial"
)

func TestMain(m *testing.M) {
	trial.BeHeadgate()
	status := m.Run()
	if err := quit(); err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		status = 1
	}
	os.Exit(status)
}

const config = `
listen: "%PUBLIC%"
data: "%DATA%"
admin: {listen: "%ADMIN%"}
limits: {per_address: 0, volume_per_address: 0, connections_per_address: 0}
egress: {allow: [127.0.0.0/8]}
trusted_proxies: [127.0.0.0/8]
enrich: {bots: keep}
sources: {events: {debug_key: a-key-of-the-shop-to-debug}}
scripts: {own: {path: /a.js}}
identity: {secret: "${LINK_SECRET}", endpoint: /id, link: {domains: [shop.example, other.example]}}
insight: {}
destinations:
  sink: {use: webhook, consent: {needs: [analytics]}, settings: {url: "%SINK%/stats"}, delivery: {wait: 10ms}}
  ads: {use: webhook, consent: {needs: [analytics, ads]}, settings: {url: "%SINK%/ads"}, delivery: {wait: 10ms}}
`

// Where a law is opt-out, and where nobody is delivered without a choice.
const (
	open   = "consent: {regions: {unknown: none}}\n"
	strict = "consent: {regions: {unknown: opt_in}}\n"
)

// site is a site with its Headgate, a sink and a browser.
type site struct {
	*browser
	t       *testing.T
	pages   *httptest.Server
	edge    *httptest.Server // before Headgate: it sees every request of the browser's
	process *trial.Process

	once  sync.Once
	ready chan struct{} // a prerendered page is

	mu        sync.Mutex
	failing   bool
	asked     []string // method and path of what the browser has asked the edge for
	preflight int
	came      map[string][]arrived // by destination
}

// arrived is an event as a destination gets it.
type arrived struct {
	ID, Name string
	Time     time.Time
	User     struct {
		UserID   string `json:"user_id"`
		ClientID string `json:"client_id"`
	}
	Page struct {
		URL, Path, Title, Referrer, View string
		Sequence                         int
	}
	Campaign struct {
		Source   string
		ClickIDs map[string]string `json:"click_ids"`
	}
	Device  struct{ Screen, Language string }
	Consent map[string]bool
	Params  map[string]any
	Items   []map[string]any
}

func openSite(t *testing.T, more string) *site {
	t.Helper()
	return openConfigured(t, config+more)
}

// openInFirefox is openSite with Firefox.
func openInFirefox(t *testing.T, more string) *site {
	t.Helper()
	return openWith(t, config+more, driver.Firefox)
}

func openConfigured(t *testing.T, configuration string) *site {
	t.Helper()
	return openWith(t, configuration, driver.Chromium)
}

func openWith(t *testing.T, configuration, browser string) *site {
	t.Helper()
	s := &site{t: t, ready: make(chan struct{}), came: map[string][]arrived{}}
	sinks := httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(sinks.Close)
	s.process = trial.New(t, strings.ReplaceAll(configuration, "%SINK%", sinks.URL))
	s.process.Env = []string{"LINK_SECRET=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}
	s.process.Start()
	s.edge = httptest.NewServer(http.HandlerFunc(s.pass))
	t.Cleanup(s.edge.Close)
	s.pages = httptest.NewServer(http.HandlerFunc(s.page))
	t.Cleanup(s.pages.Close)
	s.browser = newBrowser(t, browser)
	t.Cleanup(s.sound)
	return s
}

// pass hands a request on to Headgate, unless the edge is failing.
func (s *site) pass(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	failing := s.failing && r.Method == http.MethodPost
	s.asked = append(s.asked, r.Method+" "+r.RequestURI)
	if r.Method == http.MethodOptions {
		s.preflight++
	}
	s.mu.Unlock()
	if failing {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.Out.URL.Scheme, p.Out.URL.Host = "http", strings.TrimPrefix(s.process.Public, "http://")
		p.SetXForwarded()
		// A person's browser: a headless one says what it is, and would be counted among the bots.
		p.Out.Header.Set("Sec-Ch-Ua", strings.ReplaceAll(p.In.Header.Get("Sec-Ch-Ua"), "HeadlessChrome", "Google Chrome"))
	}, ErrorHandler: func(http.ResponseWriter, *http.Request, error) {}} // the browser has gone
	proxy.ServeHTTP(w, r)
}

func (s *site) fail(failing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = failing
}

func (s *site) take(_ http.ResponseWriter, r *http.Request) {
	var events []arrived
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &events)
	}
	if err != nil {
		return // the sender was stopped in the middle
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	to := strings.TrimPrefix(r.URL.Path, "/")
	s.came[to] = append(s.came[to], events...)
}

// page serves the pages folder, in which EDGE is where Headgate is and TAG is what the address says: ?tag=data-hash.
func (s *site) page(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/ready":
		s.once.Do(func() { close(s.ready) })
		return
	case "/agree": // cookies know no ports: they are those of every server of the test
		for _, name := range []string{"consent_analytics", "consent_ads"} {
			http.SetCookie(w, &http.Cookie{Name: name, Value: "yes", Path: "/"})
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><title>Agreed</title>") // the browser has gone
		return
	case "/wait":
		<-s.ready
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if !strings.HasSuffix(name, ".html") {
		name = "shop.html"
	}
	text, err := os.ReadFile("pages/" + name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if policy := r.URL.Query().Get("policy"); policy != "" {
		w.Header().Set("Content-Security-Policy", strings.ReplaceAll(policy, "EDGE", s.edge.URL))
	}
	tag := r.URL.Query().Get("tag")
	edge := s.edge.URL
	if name, _, _ := strings.Cut(r.Host, ":"); strings.HasSuffix(name, ".example") { // Headgate is on the same domain
		edge = strings.Replace(edge, "127.0.0.1", strings.Replace(name, "www.", "t.", 1), 1)
	}
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("EDGE"), []byte(edge)), []byte("TAG"), []byte(tag))
	_, _ = w.Write(text) // the browser has gone
}

// events waits until at least n events of the names given have arrived at the sink, and returns all of those in the order of their times.
func (s *site) events(n int, names ...string) []arrived {
	s.t.Helper()
	return s.arrivedAt("stats", n, names...)
}

func (s *site) arrivedAt(to string, n int, names ...string) (found []arrived) {
	s.t.Helper()
	s.process.Until(fmt.Sprintf("has sent %d of %v to %s", n, names, to), func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		found = nil
		for _, a := range s.came[to] {
			if len(names) == 0 || slices.Contains(names, a.Name) {
				found = append(found, a)
			}
		}
		return len(found) >= n
	})
	s.process.Drained()
	slices.SortStableFunc(found, func(a, b arrived) int {
		if c := a.Time.Compare(b.Time); c != 0 {
			return c
		}
		return a.Page.Sequence - b.Page.Sequence
	})
	return found
}

// forget has the visitor go and forgets what has arrived.
func (s *site) forget() {
	s.t.Helper()
	s.ask(map[string]any{"do": "end"}, nil)
	s.process.Drained()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.came = map[string][]arrived{}
	s.asked = nil
}

// requests is how often the browser has asked the edge for this.
func (s *site) requests(what string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.asked {
		if one == what {
			n++
		}
	}
	return n
}

// loaded waits until the page has loaded parts of the script: they capture nothing that happens before.
func (s *site) loaded(parts ...string) {
	s.t.Helper()
	for _, part := range parts {
		s.process.Until("has served the part "+part, func() (there bool) {
			s.run(`performance.getEntriesByType('resource').some((e) => e.name.endsWith('/`+part+`.js') && e.responseEnd > 0)`, &there)
			return there
		})
	}
}

// known waits until the visitor has an id, which comes with the first answer. A visitor who opens the next page before that is counted as two.
func (s *site) known() {
	s.t.Helper()
	var names []string
	s.process.Until("has given the visitor an id", func() bool {
		s.ask(map[string]any{"do": "cookies"}, &names)
		return slices.Contains(names, "_hg")
	})
}

// sound checks what holds in every test: no preflight, no cookie by script, nothing that the console shows in red.
func (s *site) sound() {
	var said []string
	s.ask(map[string]any{"do": "end"}, nil)
	s.ask(map[string]any{"do": "said"}, &said)
	if len(said) > 0 {
		s.t.Errorf("the pages said %q", said)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.preflight > 0 {
		s.t.Errorf("%d preflights", s.preflight)
	}
}
