package proxy

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"headgate/config"
	"headgate/event"
	"headgate/event/layout"
	"headgate/proxy/decide"
	"headgate/proxy/explain"
	"headgate/sources"
)

const markedConfig = `
listen: "127.0.0.1:0"
data: %s
admin: {listen: "off"}
sources: {events: {path: /e}}
identity: {adopt: [_ga], secret: a secret of the shop, sessions: {}, keep: {}, link: {domains: [shop.example]}, meta: {}}
enrich: {bots: keep, address: %s}
consent:
  scrub: [%s]
  regions: {unknown: opt_in}
destinations:
  hook: {use: webhook, consent: {needs: [analytics], refused: %s, reason: a test}, settings: {url: "https://hook.example/"}}
  stats: {use: ga4, consent: {needs: [analytics], refused: %s, reason: a test}, settings: {measurement_id: G-TEST, api_secret: s}}
`

// markedServer is a server that is asked about its decisions and sends nothing.
func markedServer(t *testing.T, address, scrub, refused string) *Server {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "headgate.yaml")
	text := fmt.Sprintf(markedConfig, filepath.Join(folder, "data"), address, scrub, refused, refused) + markedRules
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	s, _, err := wired(t.Context(), Options{Path: path, Deps: config.Deps{Logger: logger}, Logger: logger}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Shutdown(t.Context()) })
	return s
}

// views are all that comes of a hit, by who sees it.
type views struct{ log, live, requests []byte }

func (s *Server) see(t *testing.T, h *event.Hit) (out views) {
	plan := s.plan.Load()
	h.Received = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	plan.Enricher.Client(h)
	source := plan.Source(h)
	reading, err := sources.Read(source, h)
	if err != nil || len(reading.Events) != 1 {
		t.Errorf("%s cannot be read: %v %+v", h.Body, err, reading.Rejected)
		return out
	}
	visit := plan.Enricher.Visit(h)
	site, _ := plan.Site(h.Host)
	w := decide.New(plan, h, site, true)
	defer w.Release()
	w.CountInto(s.counts, s.subjects)
	s.ids.Complete(h, site, &reading.Events[0])
	w.Take(&visit, &reading.Events[0])
	entries, _ := w.Written()
	for i := range entries {
		out.log = append(out.log, entries[i].Bytes...)
	}
	traces, _ := w.Shown()
	for i, trace := range traces {
		shown, err := json.Marshal(trace)
		if err != nil {
			t.Error(err)
		}
		var line strings.Builder
		_ = trace.WriteText(&line)
		out.live = append(append(out.live, shown...), line.String()...)
		if layout.IsRefused(entries[i].Bytes, nil) {
			continue // only reasons are stored, which out.log holds
		}
		d, err := layout.Decode(string(entries[i].Bytes)) // as destinations get it
		if err != nil {
			t.Error(err)
			continue
		}
		stored := explain.TraceOf(d)
		explain.AddRequests(plan, stored, d)
		shown, _ = json.Marshal(stored)
		out.requests = append(out.requests, shown...)
		for k := range stored.Destinations {
			for _, r := range stored.Destinations[k].Requests {
				out.requests = append(append(append(out.requests, r.URL...), '\n'), r.Body...)
			}
		}
	}
	return out
}

// foundMark returns the first of the marks that a text holds, whatever its case; a short one only as a word.
func foundMark(text []byte, marks []string) string {
	low := strings.ToLower(string(text))
	for _, mark := range marks {
		mark := strings.ToLower(mark)
		for from := 0; ; {
			i := strings.Index(low[from:], mark)
			if i < 0 {
				break
			}
			i += from
			before, _ := utf8.DecodeLastRuneInString(low[:i])
			after, _ := utf8.DecodeRuneInString(low[i+len(mark):])
			if len(mark) > 5 || !unicode.IsLetter(before) && !unicode.IsLetter(after) && !unicode.IsDigit(before) && !unicode.IsDigit(after) {
				return mark
			}
			from = i + 1
		}
	}
	return ""
}

// Every kind of personal value, copied to every place: where consent is refused nothing of it is stored, sent or shown, and
// where it is granted all of it is, so that the test is known to find it.
func TestNoMarkerLeavesWhereConsentIsRefused(t *testing.T) {
	const everything = `{"analytics":true,"ads":true,"personalized_ads":true,"functional":true,"sharing":true}`
	all := []class{"", ofVisitor, ofNetwork, ofClick}
	for _, c := range []struct {
		name, address, scrub, refused, consent string
		classes                                []class
		found                                  bool
	}{
		{name: "granted", address: "keep", scrub: "none", refused: "drop", consent: everything, classes: all, found: true},
		{name: "cookieless", address: "by_consent", scrub: "urls, texts", refused: "{redact: cookieless}", consent: `{"analytics":false,"ads":false}`, classes: all},
		{name: "cookieless, address kept", address: "keep", scrub: "none", refused: "{redact: cookieless}", consent: `{"analytics":false,"ads":false}`, classes: all},
		{name: "cnil_proxy", address: "by_consent", scrub: "urls, texts", refused: "{redact: cnil_proxy}", consent: `{"analytics":false,"ads":false}`, classes: all},
		{name: "aggregate", address: "by_consent", scrub: "urls, texts", refused: "{redact: aggregate}", consent: `{"analytics":false,"ads":false}`, classes: all},
		{name: "all denied", address: "by_consent", scrub: "urls, texts", refused: "drop", consent: `{"analytics":false,"ads":false}`, classes: all},
		{name: "ads denied", address: "by_consent", scrub: "urls, texts", refused: "drop", consent: `{"analytics":true,"ads":false}`, classes: []class{ofNetwork, ofClick}},
		{name: "ads denied, address dropped", address: "drop", scrub: "none", refused: "drop", consent: `{"analytics":true,"ads":false}`, classes: []class{ofNetwork, ofClick}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := markedServer(t, c.address, c.scrub, c.refused)
			var mu sync.Mutex
			missed := map[string][]string{}
			work := make(chan *kind)
			var workers sync.WaitGroup
			for range runtime.GOMAXPROCS(0) {
				workers.Go(func() {
					for k := range work {
						for i := range places {
							p := &places[i]
							if p.coded && k.loose || p.form != nil && !p.escaped && k.home == "" {
								continue // nothing tells that it is there
							}
							h, marks := k.hit(p, c.consent)
							out := s.see(t, h)
							got := map[string]string{"log": foundMark(out.log, marks), "live view": foundMark(out.live, marks), "requests": foundMark(out.requests, marks)}
							mu.Lock()
							for where, mark := range got {
								if (mark != "") != c.found {
									missed[where+": "+k.name] = append(missed[where+": "+k.name], p.name)
								}
							}
							mu.Unlock()
						}
					}
				})
			}
			for i := range personal {
				if slices.Contains(c.classes, personal[i].class) {
					work <- &personal[i]
				}
			}
			close(work)
			workers.Wait()
			for what, where := range missed {
				t.Errorf("%s: found %v, want %v, in %d places: %s", what, !c.found, c.found, len(where), strings.Join(where, "; "))
			}
		})
	}
}
