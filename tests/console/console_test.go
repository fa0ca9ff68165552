// Package console_test has real people: Chromium at the console of the running program, with what they came for and with
// text in it that means harm.
package console_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"headgate/event"
	"headgate/tests/trial"
)

func TestMain(m *testing.M) {
	trial.BeHeadgate()
	os.Exit(m.Run())
}

// hostile would run if any of it were taken for more than text.
const hostile = `"><img src=x onerror=hacked('image')><script>hacked('script')</script><svg/onload=hacked('svg')>`

const config = `
listen: "%PUBLIC%"
data: "%DATA%"
admin: {listen: "%ADMIN%"}
limits: {per_address: 0, volume_per_address: 0}
egress: {allow: [127.0.0.0/8]}
trusted_proxies: [127.0.0.0/8]
sites: {shop: {hosts: [t.shop.example]}}
sources: {events: {path: /e}}
enrich: {bots: keep, geo: {headers: cloudflare}}
rules:
  - name: %HOSTILE%
    when: name == "purchase"
    set:
      params.value: =params.value - default(params.tax, 0)
  - name: no scrolls
    when: name == "scroll"
    drop: true
destinations:
  stats: {use: webhook, consent: {needs: [analytics]}, settings: {url: "%SINK%/stats"}, delivery: {wait: 10ms}}
  ads:
    use: webhook
    consent: {needs: [analytics, ads]}
    settings: {url: "%SINK%/ads"}
    delivery: {wait: 10ms, batch: 1}
    rules:
      - name: purchases as ads has them
        when: name == "purchase"
        set:
          params.brand: shop
  crm: {use: webhook, consent: {needs: [analytics]}, settings: {url: "%SINK%/crm"}, delivery: {wait: 10ms}}
%INSIGHT%
tests:
  - name: value is net
    event: {sample: purchase, params.value: 119, params.tax: 19}
    expect: {params.value: 100}
`

// insight is what the shop counts of its visitors.
const insight = `insight:
  paths:
    - {match: "^/product/[^/]+", name: "/product/*"}
  funnels:
    checkout: {within: 1d, steps: [view_item, {event: add_to_cart, optional: true}, purchase]}
  segments:
    buyer: {when: 'count("purchase", "7d") > 0', public: true}
`

// shop is a site with its Headgate, a vendor, and a person at the console.
type shop struct {
	t       *testing.T
	process *trial.Process
	*person
	sink string // URL of the vendor

	mu   sync.Mutex
	gets map[string]int // requests of the vendor, by path
}

// open starts a Headgate that has had some events. Its ads vendor refuses purchases without a currency, its crm is down.
func open(t *testing.T) *shop {
	t.Helper()
	s := openCounting(t, insight)
	s.counted()
	return s
}

// openCounting is open with another section insight of the configuration, or none.
func openCounting(t *testing.T, section string) *shop {
	t.Helper()
	s := &shop{t: t, gets: map[string]int{}}
	sink := httptest.NewServer(http.HandlerFunc(s.vendor))
	t.Cleanup(sink.Close)
	text := strings.NewReplacer("%INSIGHT%", section, "%SINK%", sink.URL, "%HOSTILE%", "'"+strings.ReplaceAll(hostile, "'", "''")+"'").Replace(config)
	s.process, s.sink = trial.New(t, text), sink.URL
	s.process.Start()
	for i := range 40 {
		s.send(i)
	}
	s.process.Drained("stats", "ads")
	token, err := os.ReadFile(filepath.Join(s.process.Folder, "data", "admin-token"))
	if err != nil {
		t.Fatal(err)
	}
	s.person = newPerson(t, s.process.Admin, strings.TrimSpace(string(token)))
	return s
}

// counted waits until insight has read the log.
func (s *shop) counted() {
	s.t.Helper()
	s.process.Until("insight has counted the events", func() bool {
		var now struct {
			Events int `json:"events"`
		}
		s.process.Ask("GET", "/api/insight/overview?site=shop", &now)
		return now.Events >= 20
	})
}

// got is how many requests have come to a path of the vendor.
func (s *shop) got(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gets[path]
}

// vendor is all three destinations, and takes whatever comes to other paths.
func (s *shop) vendor(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.gets[r.URL.Path]++
	s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil: // the sender was stopped in the middle
	case r.URL.Path == "/crm":
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, hostile)
	case r.URL.Path == "/ads" && bytes.Contains(body, []byte(`"purchase"`)) && !bytes.Contains(body, []byte(`"currency"`)):
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"message": "a purchase needs its currency " + hostile}})
	}
}

// clientOf is the browser of the i-th event.
func clientOf(i int) string { return fmt.Sprintf("18902300%02d.1793265120", i%8) }

// send sends the i-th event. Each eighth is hostile in every field that a browser can fill.
func (s *shop) send(i int) {
	s.t.Helper()
	names := []string{"page_view", "view_item", "purchase", "scroll", "add_to_cart"}
	e := map[string]any{
		"name": names[i%len(names)], "user": map[string]any{"client_id": clientOf(i)}, "page": map[string]any{"url": fmt.Sprintf("https://shop.example/product/%d", i)},
		"consent": map[string]bool{"analytics": i%8 != 5, "ads": i%8 != 5 && i%8 != 6}, "params": map[string]any{"transaction_id": fmt.Sprintf("T-%d", i), "value": 119, "tax": 19},
	}
	if i%8 == 7 {
		e = hostileEvent()
		e["name"] = cmp.Or(map[bool]string{i%16 == 7: "purchase"}[true], hostile)
		user, page := e["user"].(map[string]any), e["page"].(map[string]any)
		user["client_id"], user["email"] = clientOf(i), "anna@example.com"
		page["url"], page["referrer"] = "https://shop.example/?q="+hostile, "javascript:hacked('referrer')"
		e["consent"] = map[string]bool{"analytics": true, "ads": true}
		e["params"] = map[string]any{"transaction_id": hostile, "search_term": hostile, hostile: hostile, "value": 10}
	}
	body, err := json.Marshal(e)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), "POST", s.process.Public+"/e", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Host = "t.shop.example"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cf-Ipcountry", []string{"DE", "FR", "US"}[i%3])
	r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(resp.Body)
		s.t.Fatalf("%s: %s", resp.Status, text)
	}
}

// hostileEvent has hostile text in every field and key that can hold text.
func hostileEvent() map[string]any {
	e := map[string]any{}
	for _, f := range event.Fields {
		var value any = hostile
		switch f.Ref(new(event.Event)).(type) {
		case *string:
		case *event.Map:
			value = map[string]any{hostile: hostile}
		default:
			continue
		}
		if group, name, nested := strings.Cut(f.Path, "."); nested {
			if e[group] == nil {
				e[group] = map[string]any{}
			}
			e[group].(map[string]any)[name] = value
		} else {
			e[f.Path] = value
		}
	}
	delete(e, "id") // the tests look for events by theirs
	item := map[string]any{"params": map[string]any{hostile: hostile}}
	for _, f := range event.ItemFields {
		if _, text := f.Ref(new(event.Item)).(*string); text {
			item[f.Path] = hostile
		}
	}
	e["items"] = []any{item}
	return e
}

// deadLetter is the id of a purchase that ads has refused.
func (s *shop) deadLetter() string {
	s.t.Helper()
	var page struct {
		Dead []struct {
			EventID string `json:"event_id"`
		} `json:"dead"`
	}
	s.process.Ask("GET", "/api/dead?destination=ads", &page)
	if len(page.Dead) == 0 {
		s.t.Fatal("ads has refused nothing")
	}
	return page.Dead[0].EventID
}

type screen struct {
	name, path, shows string
}

// screens are all of them, each with a text that it shows at any width when it has its data.
func (s *shop) screens() []screen {
	return []screen{
		{"overview", "/", "This machine"},
		{"overview-open", "/?open=ads.rejected", "ads: "},
		{"live", "/live", "Showing every event"},
		{"live-stored", "/live?view=stored", "view_item"},
		{"event", "/events/" + s.deadLetter(), "Reached"},
		{"event-none", "/events/none", "Nothing with the id"},
		{"people", "/people", "hashed here"},
		{"person", "/people/" + clientOf(7), "Known by"},
		{"destination", "/destinations/ads", "a purchase needs its currency"},
		{"destination-down", "/destinations/crm", "503"},
		{"destination-new", "/destinations/new", "Advertising"},
		{"destination-form", "/destinations/new?use=meta", "pixel_id"},
		{"configuration", "/configuration", "No mistake."},
		{"configuration-tests", "/configuration?tab=tests", "value is net"},
		{"configuration-history", "/configuration?tab=history", "in force"},
		{"consent", "/consent", "By purpose"},
		{"conversions", "/conversions", "What each platform got"},
		{"alerts", "/alerts", "Alerts"},
		{"audit", "/audit", "sign_in"},
		{"insight", "/insight", "Searched for"},
		{"insight-page", "/insight?by=page&of=event&since=7d", "/product/*"},
		{"insight-retention", "/insight?view=retention", "Weeks begin on Monday"},
		{"insight-segments", "/insight?view=segments", "buyer"},
		{"funnels", "/insight/funnels", "checkout"},
		{"funnel", "/insight/funnels/checkout?by=country", "What each platform got"},
		{"funnel-unnamed", "/insight/funnels/-?steps=page_view,purchase&mode=any", "Who left after page_view"},
		{"paths", "/insight/paths", "Step by step"},
		{"paths-walk", "/insight/paths?from=view_item&walk=%5B%22purchase%22%5D", "Step by step"},
		{"carts", "/insight/carts", "Left behind most"},
		{"campaigns", "/insight/campaigns?model=linear", "All measured"},
		{"visitor", "/insight/visitors/" + clientOf(7), "keyed hash"},
		{"visitor-none", "/insight/visitors/nobody", "insight knows nothing of it"},
	}
}

func TestEveryScreenIsSoundAtEachSizeAndScheme(t *testing.T) {
	s := open(t)
	if n := many(t); n > 0 {
		s.crowd(n)
		s.measured(n)
		for i := range 40 {
			s.send(i) // what the screens show of the newest
		}
	}
	for _, size := range [][2]int{{1400, 900}, {390, 844}} {
		for _, dark := range []bool{false, true} {
			look := fmt.Sprintf("%d-%s", size[0], map[bool]string{false: "light", true: "dark"}[dark])
			s.arrive(size[0], size[1], dark)
			s.sound("sign-in", look)
			s.signIn()
			for _, screen := range s.screens() {
				s.goTo(screen.path, screen.shows)
				s.sound(screen.name, look)
			}
			s.goTo("/live", "Showing every event")
			for i := range 16 {
				s.send(i)
			}
			s.sees("view_item")
			s.sound("live-rows", look)
		}
	}
}

// sound looks for what no screen may have, and keeps a picture of it for those who look.
func (s *shop) sound(name, look string) {
	s.t.Helper()
	s.ask(map[string]any{"do": "shot", "file": filepath.Join(s.t.ArtifactDir(), name+"-"+look+".png")}, nil)
	for _, what := range []string{"problems", "overflow", "axe"} {
		var found []string
		s.ask(map[string]any{"do": what}, &found)
		for _, f := range found {
			s.t.Errorf("%s %s: %s: %s", name, look, what, f)
		}
	}
}
