package proxy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/config"
	"headgate/consent/people"
	"headgate/event"
	"headgate/event/trace"
	"headgate/proxy/live"
	"headgate/proxy/resend"
)

// journalled is a log that can be read while it is written.
type journalled struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journalled) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journalled) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

const coveredConfig = `
listen: "127.0.0.1:0"
data: %s
admin: {listen: "off", show_refused: %v}
log: {level: debug}
egress: {allow: [127.0.0.0/8]}
enrich: {bots: keep}
consent: {regions: {unknown: opt_in}}
sources: {events: {path: /e}}
destinations:
  full: {use: webhook, consent: {needs: [analytics]}, settings: {url: "%s"}, delivery: {wait: 10ms}}
  less: {use: webhook, when: name != "private", consent: {needs: [ads], refused: {redact: cookieless}, reason: a test}, settings: {url: "%s"}, delivery: {wait: 10ms}}
`

// covered runs a server whose log is kept.
func covered(t *testing.T, folder string, full, less *sink, show bool) (*running, *journalled) {
	t.Helper()
	path := filepath.Join(folder, "headgate.yaml")
	text := fmt.Sprintf(coveredConfig, filepath.Join(folder, "data"), show, full.URL, less.URL) + markedRules
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	written := new(journalled)
	logger := slog.New(slog.NewTextHandler(written, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, _, err := wired(t.Context(), Options{Path: path, Deps: config.Deps{Logger: logger}, Logger: logger}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background(), l) }()
	t.Cleanup(func() {
		_ = s.Shutdown(context.Background())
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return &running{Server: s, base: "http://" + l.Addr().String(), config: path}, written
}

const markedEvent = `{"name":"%s","id":"evt-%s","client_id":"2223334445.1787400321","user":{"email":"qiana.zoltan@mark.example","first_name":"Qiana"},
	"page":{"url":"https://shop.example/?gclid=EAIaIQob-mark&uid=mk-uid-885","title":"Hello Qiana"},"params":{"note":"for Qiana (2223334445.1787400321)"},"consent":%s}`

var eventMarks = []string{"2223334445", "qiana", "EAIaIQob-mark", "mk-uid-885", "mark.example", "shop-session-7f3a9"}

func (r *running) sendMarked(t *testing.T, name, id, consent string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", r.base+"/e", strings.NewReader(fmt.Sprintf(markedEvent, name, id, consent)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", markedAgent)
	req.Header.Set("Cookie", "shop_sid=s%3Ashop-session-7f3a9")
	req.Header.Set("X-Sha256", "qiana.zoltan@mark.example")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		t.Fatalf("answered %d", resp.StatusCode)
	}
}

// nextSighting waits for the next trace of a live view.
func nextSighting(t *testing.T, live <-chan live.Sighting) (*trace.Trace, string) {
	t.Helper()
	select {
	case s := <-live:
		shown, err := json.Marshal(s.Trace)
		if err != nil {
			t.Fatal(err)
		}
		return s.Trace, string(shown)
	case <-time.After(time.Minute):
		t.Fatal("nothing is shown")
		return nil, ""
	}
}

func TestTheLiveViewShowsNothingOfWhoRefused(t *testing.T) {
	for _, show := range []bool{false, true} {
		r, log := covered(t, t.TempDir(), newSink(t), newSink(t), show)
		live, err := r.Live(t.Context(), "", false)
		if err != nil {
			t.Fatal(err)
		}
		probe, err := r.Live(t.Context(), `request.cookie("shop_sid") contains "7f3a9" or user.first_name == "Qiana"`, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name, id, consent string
			whole             bool
		}{
			{"purchase", "1", `{"analytics":false,"ads":false}`, false},
			{"private", "2", `{"analytics":false,"ads":false}`, false},
			{"purchase", "3", `{"analytics":true,"ads":true,"functional":true,"personalized_ads":true,"sharing":true}`, true},
		} {
			r.sendMarked(t, c.name, c.id, c.consent)
			trace, shown := nextSighting(t, live)
			if trace.Refused == (show || c.whole) || trace.Received == nil || trace.Event == nil {
				t.Errorf("show_refused: %v, %s: refused %v, event %v", show, c.id, trace.Refused, trace.Event)
			}
			for _, mark := range eventMarks {
				if found := foundMark([]byte(shown), []string{mark}) != ""; found != (show || c.whole) {
					t.Errorf("show_refused: %v, %s: %q is shown: %v\n%s", show, c.id, mark, found, shown)
				}
			}
			if len(trace.Event.Params) == 0 {
				t.Errorf("%s: nothing is left of the event", c.id)
			}
		}
		if trace, _ := nextSighting(t, probe); !show && trace.Event.ID != "evt-3" {
			t.Errorf("a formula finds %s by what is not shown of it", trace.Event.ID)
		}
		if noted := strings.Count(log.text(), "shows visitors who refused"); noted != map[bool]int{false: 0, true: 2}[show] {
			t.Errorf("show_refused: %v: %d lines about it in the log", show, noted)
		}
	}
}

func TestAStoredEventOfWhoIsSuppressedSinceIsNotShown(t *testing.T) {
	full := newSink(t)
	r, _ := covered(t, t.TempDir(), full, newSink(t), false)
	r.sendMarked(t, "purchase", "1", `{"analytics":true,"ads":false}`)
	full.await(t, 1)
	look := func() string {
		traces, err := r.Stored(t.Context(), "evt-1")
		if err != nil || len(traces) != 1 {
			t.Fatalf("%d traces, %v", len(traces), err)
		}
		shown, _ := json.Marshal(traces[0])
		return string(shown)
	}
	if shown := look(); !strings.Contains(shown, "Qiana") {
		t.Errorf("the test cannot find what it looks for: %s", shown)
	}
	r.plan.Load().Policy.Suppression.Add(people.Stop{Subject: people.ClientSubject("2223334445.1787400321")})
	if shown := look(); foundMark([]byte(shown), eventMarks) != "" {
		t.Errorf("shown: %s", shown)
	}
}

// Where one destination may have an event whole and another not, the other gets none of it either, nor do log lines, status or
// dead letters.
func TestRefusedIsNowhereInAWholeRun(t *testing.T) {
	folder := t.TempDir()
	full, less := newSink(t), newSink(t)
	less.answer = func(events []event.Event) int {
		if events[0].Name == "refund" {
			return http.StatusBadRequest
		}
		return http.StatusOK
	}
	r, log := covered(t, folder, full, less, false)
	r.sendMarked(t, "purchase", "1", `{"analytics":false,"ads":false}`)
	less.await(t, 1)
	r.sendMarked(t, "refund", "2", `{"analytics":false,"ads":false}`)
	r.account(t, "less")
	read := func() map[string][]byte {
		dead, err := r.DeadLetters(t.Context(), resend.Pick{})
		if err != nil || dead.Total != 1 {
			t.Fatalf("%d dead letters, %v", dead.Total, err)
		}
		letter, err := r.DeadLetter(t.Context(), "less", dead.Letters[0].EventID)
		if err != nil {
			t.Fatal(err)
		}
		status, err := r.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		measured := prometheus.NewRegistry()
		measured.MustRegister(r.Metrics()...)
		metrics, err := measured.Gather()
		if err != nil {
			t.Fatal(err)
		}
		out := map[string][]byte{"log lines": []byte(log.text())}
		for name, v := range map[string]any{"dead letters": dead, "dead letter": letter, "status": status, "metrics": metrics, "sent": less.await(t, 1)} {
			if out[name], err = json.Marshal(v); err != nil {
				t.Fatal(err)
			}
		}
		err = filepath.WalkDir(filepath.Join(folder, "data"), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				b, failed := os.ReadFile(path)
				out["data"], err = append(out["data"], b...), failed
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	marks := append([]string{markedAgent, sha256Of("qiana.zoltan@mark.example")}, eventMarks...)
	for where, text := range read() {
		if mark := foundMark(text, marks); mark != "" || len(text) == 0 && where != "log lines" { // there may be none
			t.Errorf("%s: %q is there", where, mark)
		}
	}

	// Whole for one, redacted for the other: the copies that only the request tells of are not sent to the other.
	r.sendMarked(t, "purchase", "3", `{"analytics":true,"ads":false}`)
	full.await(t, 1)
	sent, _ := json.Marshal(less.await(t, 2))
	if mark := foundMark(sent, marks); mark != "" {
		t.Errorf("%q is sent to who may not have it: %s", mark, sent)
	}
	kept, _ := json.Marshal(full.await(t, 1))
	for _, mark := range []string{"2223334445", "qiana", "mk-uid-885", "shop-session-7f3a9"} {
		if foundMark(kept, []string{mark}) == "" {
			t.Errorf("%q is kept from who may have it: %s", mark, kept)
		}
	}
	if mark := foundMark(kept, []string{"EAIaIQob-mark"}); mark != "" {
		t.Errorf("a click id is sent without consent to ads: %s", kept)
	}
	if mark := foundMark(read()["data"], []string{"2223334445"}); mark == "" {
		t.Error("the test cannot find in the data what was stored there")
	}
}
