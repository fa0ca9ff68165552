package proxy

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/config"
	"headgate/event"
	"headgate/proxy/delivery"
	"headgate/proxy/resend"
	"headgate/proxy/status"
	"headgate/subjects"
)

// sink is a destination that keeps what it is sent and answers as it is told.
type sink struct {
	*httptest.Server
	mu     sync.Mutex
	events []event.Event
	answer func(events []event.Event) int // nil: 200
	came   chan struct{}
}

func newSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{came: make(chan struct{}, 1)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var events []event.Event
		if err := json.NewDecoder(r.Body).Decode(&events); err != nil {
			t.Errorf("the sink was sent something else than a list of events: %v", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		status := http.StatusOK
		if s.answer != nil {
			status = s.answer(events)
		}
		if status == http.StatusOK {
			s.events = append(s.events, events...)
		}
		w.WriteHeader(status)
		select {
		case s.came <- struct{}{}:
		default:
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// ids returns the ids of the events that arrived.
func (s *sink) ids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]string, len(s.events))
	for i := range s.events {
		out[i] = s.events[i].ID
	}
	return out
}

// await waits until n events have arrived.
func (s *sink) await(t *testing.T, n int) []event.Event {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		s.mu.Lock()
		events := s.events
		s.mu.Unlock()
		if len(events) >= n {
			return events
		}
		select {
		case <-s.came:
		case <-limit:
			t.Fatalf("%d of %d events arrived", len(events), n)
		}
	}
}

const testConfig = `
listen: "127.0.0.1:0"
data: %s
admin: {listen: "off"}
egress: {allow: [127.0.0.0/8]}
consent: {regions: {unknown: none}}
sources: {events: {path: /e, debug_key: a-key-to-debug-with}, ga4: {path: /g/collect}, segment: {server_keys: [only-servers-know]}}
destinations:
  sink: {use: webhook, consent: {needs: [analytics]}, settings: {url: "%s"}, delivery: {wait: 10ms}}
%s`

type running struct {
	*Server
	*subjects.Rights
	base   string
	config string
	looks  int    // of the lookout
	stop   func() // once; at the end of the test otherwise
}

// start runs a server with the test configuration, one sink, and more YAML behind it.
func start(t *testing.T, folder string, s *sink, more string) *running {
	t.Helper()
	return startSharing(t, folder, s, more, nil)
}

// startSharing is start for one that shares a board with the others of a cluster.
func startSharing(t *testing.T, folder string, s *sink, more string, b subjects.Board) *running {
	t.Helper()
	path := filepath.Join(folder, "headgate.yaml")
	text := fmt.Sprintf(testConfig, filepath.Join(folder, "data"), s.URL, more)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(testWriter{t}, nil))
	server, rights, err := wired(t.Context(), Options{Path: path, Deps: config.Deps{Logger: logger}, Logger: logger}, b)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(context.Background(), l) }()
	r := &running{Server: server, Rights: rights, base: "http://" + l.Addr().String(), config: path}
	var once sync.Once
	stop := func() {
		once.Do(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := server.Shutdown(ctx); err != nil {
				t.Errorf("shutdown: %v", err)
			}
			if err := <-served; err != nil {
				t.Errorf("serve: %v", err)
			}
		})
	}
	r.stop = stop
	t.Cleanup(stop)
	return r
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func (r *running) post(t *testing.T, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", r.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(said)
}

// account waits until nothing is pending at the destination and checks that the sums match.
func (r *running) account(t *testing.T, destination string) (d status.Destination) {
	t.Helper()
	until(t, func() bool {
		status, err := r.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d = status.Destinations[destination]
		if sum := d.Delivered + d.Filtered + d.Denied + d.Rejected + d.Pending; sum != status.Accepted {
			t.Fatalf("accepted %d is not the sum of %+v", status.Accepted, d)
		}
		return d.Pending == 0
	}, func() string { return fmt.Sprintf("still pending: %+v", d) })
	return d
}

func TestAHitOfEverySourceArrivesAtADestination(t *testing.T) {
	s := newSink(t)
	r := start(t, t.TempDir(), s, "")
	if status, said := r.post(t, "/e", `{"name":"purchase","id":"e-1","params":{"value":10}}`); status != 202 || !strings.Contains(said, `"ids":["e-1"]`) {
		t.Fatalf("%d %s", status, said)
	}
	if status, _ := r.post(t, "/g/collect?v=2&tid=G-EXAMPLE&cid=1.2&en=page_view&dl=https%3A%2F%2Fshop.example%2F", ""); status != 204 {
		t.Fatalf("GA4 is answered %d", status)
	}
	events := s.await(t, 2)
	names := map[string]bool{}
	for i := range events {
		names[events[i].Name] = true
	}
	if !names["purchase"] || !names["page_view"] {
		t.Errorf("arrived: %v", names)
	}
	if d := r.account(t, "sink"); d.Delivered != 2 {
		t.Errorf("%+v", d)
	}
}

func TestEventsThatARuleDropsAreCountedAndNotSent(t *testing.T) {
	s := newSink(t)
	r := start(t, t.TempDir(), s, `
rules:
  - {name: no scrolls, when: name == "scroll", drop: true}
  - {name: not here, when: name == "secret", skip: [sink]}
`)
	for _, name := range []string{"scroll", "secret", "purchase"} {
		if status, said := r.post(t, "/e", `{"name":"`+name+`"}`); status != 202 {
			t.Fatalf("%d %s", status, said)
		}
	}
	if events := s.await(t, 1); len(events) != 1 || events[0].Name != "purchase" {
		t.Errorf("arrived: %+v", events)
	}
	if d := r.account(t, "sink"); d.Delivered != 1 || d.Filtered != 2 {
		t.Errorf("%+v", d)
	}
}

func TestADestinationThatRefusesOurSettingsHaltsAndLosesNothing(t *testing.T) {
	s := newSink(t)
	s.answer = func([]event.Event) int { return 401 }
	r := start(t, t.TempDir(), s, "")
	if status, _ := r.post(t, "/e", `[{"name":"a"},{"name":"b"}]`); status != 202 {
		t.Fatal(status)
	}
	d := r.awaitState(t, "sink", delivery.Halted)
	if d.Pending != 2 || d.LastError == "" {
		t.Errorf("halted: %+v", d)
	}
	s.mu.Lock()
	s.answer = nil
	s.mu.Unlock()
	if err := r.Resume(t.Context(), "sink"); err != nil {
		t.Fatal(err)
	}
	s.await(t, 2)
	if d := r.account(t, "sink"); d.Delivered != 2 {
		t.Errorf("%+v", d)
	}
}

func TestAnEventTheDestinationRefusesIsADeadLetterThatCanBeSentAgain(t *testing.T) {
	s := newSink(t)
	s.answer = func(events []event.Event) int {
		for i := range events {
			if events[i].Name == "poison" {
				return 400
			}
		}
		return 200
	}
	r := start(t, t.TempDir(), s, "")
	if status, _ := r.post(t, "/e", `[{"name":"a"},{"name":"poison","id":"p-1"},{"name":"b"}]`); status != 202 {
		t.Fatal(status)
	}
	if d := r.account(t, "sink"); d.Delivered+d.Rejected != 3 || d.Rejected == 0 {
		t.Errorf("%+v", d)
	}
	found, err := r.DeadLetters(t.Context(), resend.Pick{IDs: []string{"p-1"}})
	if err != nil || found.Total != 1 || found.Letters[0].Why == "" {
		t.Fatalf("%+v %v", found, err)
	}
	letter, err := r.DeadLetter(t.Context(), "sink", "p-1")
	if err != nil || letter.Trace == nil || len(letter.Trace.Destinations[0].Requests) == 0 {
		t.Errorf("%+v %v", letter, err)
	}
	s.mu.Lock()
	s.answer = nil
	s.mu.Unlock()
	if n, err := r.RetryDeadLetters(t.Context(), resend.Pick{}); err != nil || n == 0 {
		t.Fatalf("%d %v", n, err)
	}
	if d := r.account(t, "sink"); d.Delivered != 3 || d.Rejected != 0 {
		t.Errorf("after the retry: %+v", d)
	}
}

func TestAResentEventIsSentOnce(t *testing.T) {
	s := newSink(t)
	folder := t.TempDir()
	r := start(t, folder, s, "")
	for range 2 {
		if status, _ := r.post(t, "/e", `{"name":"purchase","id":"same"}`); status != 202 {
			t.Fatal(status)
		}
		r.account(t, "sink")
	}
	if d := r.account(t, "sink"); d.Delivered != 1 || d.Filtered != 1 {
		t.Errorf("%+v", d)
	}
	if got := s.ids(); len(got) != 1 {
		t.Errorf("arrived: %v", got)
	}
}

func TestReplaySendsDeliveredEventsAgain(t *testing.T) {
	s := newSink(t)
	r := start(t, t.TempDir(), s, "")
	if status, _ := r.post(t, "/e", `[{"name":"a"},{"name":"b"}]`); status != 202 {
		t.Fatal(status)
	}
	r.account(t, "sink")
	tally, err := r.Replay(t.Context(), resend.Replay{To: "sink", Where: `name == "b"`, DryRun: true}, func(resend.Tally) {})
	if err != nil || tally.Matched != 1 || tally.Read != 2 {
		t.Fatalf("dry run: %+v %v", tally, err)
	}
	tally, err = r.Replay(t.Context(), resend.Replay{To: "sink", Where: `name == "b"`}, func(resend.Tally) {})
	if err != nil || tally.Matched != 1 {
		t.Fatalf("%+v %v", tally, err)
	}
	if events := s.await(t, 3); events[2].Name != "b" {
		t.Errorf("sent again: %s", events[2].Name)
	}
	if d := r.account(t, "sink"); d.Delivered != 2 {
		t.Errorf("%+v", d)
	}
}

func TestAReloadWithMistakesChangesNothing(t *testing.T) {
	s := newSink(t)
	r := start(t, t.TempDir(), s, "")
	good, err := os.ReadFile(r.config)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(r.config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(string(good) + "\nrules:\n  - {name: x, when: nam == 1, drop: true}\n")
	if err := r.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), `did you mean "name"`) {
		t.Fatalf("%v", err)
	}
	status, err := r.Status(t.Context())
	if err != nil || status.Config.Error == "" {
		t.Errorf("the error is not visible: %+v %v", status.Config, err)
	}
	write(string(good) + "\nrules:\n  - {name: all, drop: true}\n")
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if code, _ := r.post(t, "/e", `{"name":"a"}`); code != 202 {
		t.Fatal(code)
	}
	if d := r.account(t, "sink"); d.Filtered != 1 {
		t.Errorf("the new rule is not in force: %+v", d)
	}
}

func TestWhatChangesWhileTheServerOpensIsLoaded(t *testing.T) {
	s := newSink(t)
	r := start(t, t.TempDir(), s, "")
	hash := func() string {
		status, err := r.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return status.Config.Hash
	}
	before := hash()
	good, err := os.ReadFile(r.config)
	if err == nil {
		err = os.WriteFile(r.config, append(good, "\nrules:\n  - {name: all, drop: true}\n"...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	watching := make(chan error, 1)
	go func() { watching <- r.Watch(ctx) }()
	until(t, func() bool { return hash() != before }, func() string { return "what changed before it was watched is not in force" })
	cancel()
	if err := <-watching; err != nil {
		t.Error(err)
	}
}
