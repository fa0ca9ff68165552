// Package browser_test has real visitors: Chromium on a page with a consent tool, whose events go through the running program
// to sinks. What arrives where must be what the visitor chose.
package browser_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"headgate/tests/docs"
	"headgate/tests/driver"
	"headgate/tests/trial"
)

func TestMain(m *testing.M) {
	trial.BeHeadgate()
	os.Exit(m.Run())
}

const config = `
listen: "%PUBLIC%"
data: "%DATA%"
admin: {listen: "%ADMIN%"}
limits: {per_address: 0, volume_per_address: 0}
egress: {allow: [127.0.0.0/8]}
trusted_proxies: [127.0.0.0/8]
sources: {events: {path: /e}, ga4: {path: /g/collect}}
enrich: {bots: keep, geo: {headers: cloudflare}}
consent:
  cmp:
    didomi: {map: {audience-x: analytics, ads-x: [ads, sharing]}}
    axeptio: {map: {google_analytics: analytics, facebook_pixel: [ads, sharing]}}
    klaro: {map: {google_analytics: analytics, facebook_pixel: [ads, sharing]}}
    orejime: {map: {google_analytics: analytics, facebook_pixel: [ads, sharing]}}
    cookieconsent: {map: {accepted: [analytics, ads]}}
    cookies_eu_banner: {map: {accepted: [analytics, ads]}}
    react_cookie_consent: {map: {accepted: [analytics, ads]}}
    trustarc: {map: {"2": [functional, analytics], "3": [ads, personalized_ads, sharing]}}
    usercentrics: {map: {service-1: analytics, service-2: [ads, sharing]}}
    tarteaucitron: {map: {google_analytics: analytics, facebook_pixel: [ads, sharing]}}
destinations:
  stats: {use: webhook, consent: {needs: [analytics]}, settings: {url: "%SINK%/stats"}, delivery: {wait: 10ms}}
  ads: {use: webhook, consent: {needs: [analytics, ads]}, settings: {url: "%SINK%/ads"}, delivery: {wait: 10ms}}
`

// shop is a site with its Headgate, the sinks of its destinations, and a browser.
type shop struct {
	t       *testing.T
	pages   *httptest.Server
	sinks   *httptest.Server
	edge    *httptest.Server // a CDN before Headgate, which knows where the visitor is
	process *trial.Process
	browser *browser

	mu   sync.Mutex
	came []string // "stats" or "ads", per event
	ill  bool     // the sinks answer 503

	place string // of the visitor: US-CA, "" when the edge does not know
}

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t}
	s.pages = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/formats.js":
			http.ServeFile(w, r, "formats.js")
		case "/snippets.js":
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write(snippets(t))
		default:
			http.ServeFile(w, r, "page.html")
		}
	}))
	t.Cleanup(s.pages.Close)
	s.sinks = httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(s.sinks.Close)
	s.process = trial.New(t, strings.ReplaceAll(config, "%SINK%", s.sinks.URL))
	s.process.Start()
	s.edge = httptest.NewServer(&httputil.ReverseProxy{Rewrite: s.pass})
	t.Cleanup(s.edge.Close)
	s.browser = newBrowser(t)
	return s
}

// snippets are the scripts of docs/consent-snippets.md by the tool that they are for: those of the standards, then the rest.
func snippets(t *testing.T) []byte {
	t.Helper()
	scripts := docs.On(t, "docs/consent-snippets.md", "js")
	byTool := map[string]string{}
	for i, tool := range []string{"Usercentrics", "Termly", "Osano"} {
		byTool[tool] = scripts[i].Text
	}
	rest, err := json.Marshal(byTool)
	if err != nil {
		t.Error(err)
	}
	return fmt.Appendf(nil, "%s\nconst snippets = %s;\n", scripts[len(scripts)-1].Text, rest)
}

func (s *shop) take(w http.ResponseWriter, r *http.Request) {
	var events []json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&events); err != nil {
		return // the sender was stopped in the middle
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ill {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	for range events {
		s.came = append(s.came, strings.TrimPrefix(r.URL.Path, "/"))
	}
}

// pass hands a request on as Cloudflare does with its visitor location headers.
func (s *shop) pass(r *httputil.ProxyRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Out.URL.Scheme, r.Out.URL.Host = "http", strings.TrimPrefix(s.process.Public, "http://")
	r.SetXForwarded()
	country, region, _ := strings.Cut(s.place, "-")
	r.Out.Header.Set("CF-IPCountry", country)
	r.Out.Header.Set("CF-Region-Code", region)
}

func (s *shop) setIll(ill bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ill = ill
}

// arrived waits until nothing is pending and returns where events have arrived since the last call, sorted.
func (s *shop) arrived() string {
	s.t.Helper()
	s.process.Drained()
	s.mu.Lock()
	defer s.mu.Unlock()
	came := s.came
	s.came = nil
	slices.Sort(came)
	return strings.Join(came, " ")
}

// visit opens the page of a consent tool as a new visitor, in a place such as US-CA, "" when nobody knows where.
func (s *shop) visit(tool, place string, gpc bool) {
	s.t.Helper()
	s.mu.Lock()
	s.place = place
	s.mu.Unlock()
	s.browser.ask(map[string]any{"do": "open", "url": s.pages.URL + "/" + tool + "?headgate=" + url.QueryEscape(s.edge.URL), "gpc": gpc}, nil)
}

// click clicks buttons of the page one after the other; what the page sends must be answered with success.
func (s *shop) click(ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		var statuses []string
		s.browser.ask(map[string]any{"do": "click", "id": id}, &statuses)
		for _, status := range statuses {
			if !strings.HasSuffix(status, " 202") && !strings.HasSuffix(status, " 204") {
				s.t.Errorf("%s: %s", id, status)
			}
		}
	}
}

func (s *shop) cookies() (cookies map[string]string) {
	s.t.Helper()
	s.browser.ask(map[string]any{"do": "cookies"}, &cookies)
	return cookies
}

// browser is Chromium as one test uses it.
type browser struct {
	t *testing.T
	*driver.Browser
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	b, err := driver.Start(driver.Chromium, "browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Quit(); err != nil {
			t.Error(err)
		}
	})
	return &browser{t, b}
}

// ask has the browser do something and decodes what comes back into answer, which may be nil.
func (b *browser) ask(what map[string]any, answer any) {
	b.t.Helper()
	if err := b.Ask(what, answer); err != nil {
		b.t.Fatal(err)
	}
}

// tools are the names in formats.js.
func tools(t *testing.T) (names []string) {
	t.Helper()
	text, err := os.ReadFile("formats.js")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ = bytes.Cut(text, []byte("\nconst formats = {\n"))
	for _, found := range regexp.MustCompile(`(?m)^  ([a-z0-9]+): \(`).FindAllSubmatch(text, -1) {
		names = append(names, string(found[1]))
	}
	if len(names) < 20 {
		t.Fatalf("only %d consent tools: %v", len(names), names)
	}
	return names
}

func TestWhatArrivesIsWhatTheVisitorChose(t *testing.T) {
	s := open(t)
	for _, c := range []struct {
		name   string
		gpc    bool
		clicks []string
		want   string
	}{
		{"who was not asked", false, []string{"buy"}, ""},
		{"who accepts", false, []string{"accept", "buy"}, "ads stats"},
		{"who rejects", false, []string{"reject", "buy"}, ""},
		{"who accepts statistics only", false, []string{"statistics", "buy"}, "stats"},
		{"who buys before accepting and after", false, []string{"buy", "accept", "buy"}, "ads stats"},
		{"who changes to no", false, []string{"accept", "buy", "reject", "buy"}, "ads stats"},
		{"who changes to yes", false, []string{"reject", "buy", "accept", "buy"}, "ads stats"},
		{"whose browser objects, and who was not asked", true, []string{"buy"}, ""},
		{"whose browser objects, although the answer is yes", true, []string{"accept", "buy"}, "stats"},
		{"whose browser objects, and who rejects", true, []string{"reject", "buy"}, ""},
		{"whom Google's tag reports without an answer", false, []string{"tag"}, ""},
		{"whom Google's tag reports with a yes", false, []string{"accept", "tag"}, "ads stats"},
		{"whom Google's tag reports with a no", false, []string{"reject", "tag"}, ""},
		{"whom Google's tag reports with statistics", false, []string{"statistics", "tag"}, "stats"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.visit("onetrust", "DE", c.gpc)
			s.click(c.clicks...)
			if got := s.arrived(); got != c.want {
				t.Errorf("arrived: %q, want %q", got, c.want)
			}
		})
	}
}

func TestInTheUnitedStatesAnOptOutIsWhatCounts(t *testing.T) {
	s := open(t)
	for _, c := range []struct {
		name, tool string
		gpc        bool
		clicks     []string
		want       string
	}{
		{"who says nothing", "usprivacy", false, []string{"buy"}, "ads stats"},
		{"whose browser objects", "usprivacy", true, []string{"buy"}, "stats"},
		{"who does not opt out, by US Privacy", "usprivacy", false, []string{"accept", "buy"}, "ads stats"},
		{"who opts out, by US Privacy", "usprivacy", false, []string{"reject", "buy"}, "stats"},
		{"who does not opt out, by GPP", "gpp", false, []string{"accept", "buy"}, "ads stats"},
		{"who opts out, by GPP", "gpp", false, []string{"reject", "buy"}, "stats"},
		{"who opts out after buying", "gpp", false, []string{"buy", "reject", "buy"}, "ads stats stats"},
		{"who opted out, and does so no more", "gpp", false, []string{"reject", "accept", "buy"}, "ads stats"},
		{"who does not opt out, by the API of GPP", "gppapi", false, []string{"accept", "buy"}, "ads stats"},
		{"who opts out later, by the API of GPP", "gppapi", false, []string{"accept", "buy", "reject", "buy"}, "ads stats stats"},
		{"who opted out by the API of GPP, and does so no more", "gppapi", false, []string{"reject", "buy", "accept", "buy"}, "ads stats stats"},
		{"whose browser objects, whatever is said", "gpp", true, []string{"accept", "buy"}, "stats"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.visit(c.tool, "US-CA", c.gpc)
			s.click(c.clicks...)
			if got := s.arrived(); got != c.want {
				t.Errorf("arrived: %q, want %q", got, c.want)
			}
		})
	}
}

func TestAWithdrawalStopsWhatIsPendingAndTakesTheCookieBack(t *testing.T) {
	s := open(t)
	s.setIll(true)
	s.visit("cookiebot", "", false)
	s.click("accept", "buy", "tell")
	if s.cookies()["_hg"] == "" {
		t.Fatalf("no first-party id after consent: %v", s.cookies())
	}
	s.click("reject", "tell")
	if id, there := s.cookies()["_hg"]; there {
		t.Errorf("the id is still there: %s", id)
	}
	s.setIll(false)
	if got := s.arrived(); got != "" {
		t.Errorf("arrived after the withdrawal: %q", got)
	}
	s.click("buy")
	if got := s.arrived(); got != "" {
		t.Errorf("arrived without consent: %q", got)
	}
	s.click("accept", "tell", "buy")
	if got := s.arrived(); got != "ads stats" {
		t.Errorf("arrived after a new consent: %q", got)
	}
}

func TestTheCookiesOfEveryConsentToolAreRead(t *testing.T) {
	s := open(t)
	for _, tool := range tools(t) {
		t.Run(tool, func(t *testing.T) {
			for button, want := range map[string]string{"accept": "ads stats", "reject": "", "statistics": "stats"} {
				s.visit(tool, "DE", false)
				s.click(button, "buy")
				if got := s.arrived(); got != want {
					t.Errorf("%s: arrived: %q, want %q", button, got, want)
				}
			}
		})
	}
}

func TestTheAnswerToASingleQuestionIsRead(t *testing.T) {
	s := open(t)
	for _, tool := range []string{"cookieconsent", "cookieseubanner", "reactcookieconsent", "canonical"} {
		t.Run(tool, func(t *testing.T) {
			for _, c := range []struct{ button, want string }{{"accept", "ads stats"}, {"reject", ""}} {
				s.visit(tool, "DE", false)
				s.click(c.button, "buy")
				if got := s.arrived(); got != c.want {
					t.Errorf("%s: arrived: %q, want %q", c.button, got, c.want)
				}
			}
		})
	}
}
