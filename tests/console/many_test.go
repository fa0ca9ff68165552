package console_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// many is how many events the screens are looked at with besides the first few: none in make test, a million in make screens.
func many(t *testing.T) int {
	t.Helper()
	text := os.Getenv("HEADGATE_CONSOLE_EVENTS")
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// crowd sends many events of visitors who each look at five pages and buy at the tenth, and waits until insight has counted them.
func (s *shop) crowd(n int) {
	s.t.Helper()
	const together = 250
	var sent atomic.Int64
	var clients sync.WaitGroup
	began := time.Now()
	for range 8 {
		clients.Go(func() {
			for {
				from := int(sent.Add(together)) - together
				if from >= n || s.t.Failed() {
					return
				}
				s.sendMany(from, min(together, n-from))
			}
		})
	}
	clients.Wait()
	took := time.Since(began)
	s.t.Logf("%d events were accepted in %v, %.0f a second", n, took.Round(time.Second), float64(n)/took.Seconds())
	s.process.Until("insight has counted the events", func() bool {
		var now struct {
			Events int `json:"events"`
		}
		s.process.Ask("GET", "/api/insight/overview?site=shop", &now)
		return now.Events >= n
	})
}

func (s *shop) sendMany(from, count int) {
	events := make([]map[string]any, count)
	for i := range events {
		n := from + i
		name, params := "page_view", map[string]any{}
		if n%10 == 9 {
			name, params = "purchase", map[string]any{"transaction_id": fmt.Sprint("M-", n), "value": 59.9, "currency": "EUR"}
		}
		events[i] = map[string]any{"id": fmt.Sprint("many-", n), "name": name, "user": map[string]any{"client_id": fmt.Sprintf("%d.1793265120", 2_000_000_000+n/10)},
			"page": map[string]any{"url": fmt.Sprintf("https://shop.example/product/%d", n%500)}, "params": params, "consent": map[string]bool{"analytics": true, "ads": false}}
	}
	body, err := json.Marshal(events)
	if err != nil {
		s.t.Error(err)
		return
	}
	r, err := http.NewRequestWithContext(s.t.Context(), "POST", s.process.Public+"/e", bytes.NewReader(body))
	if err != nil {
		s.t.Error(err)
		return
	}
	r.Host = "t.shop.example"
	r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode >= 300 {
		s.t.Errorf("%s: %s", resp.Status, text)
	}
}

// measured logs how long what people wait for takes. Nothing fails by it: the goals are those of `docs/console.md`.
func (s *shop) measured(n int) {
	s.t.Helper()
	text, err := os.ReadFile(s.process.Path())
	if err != nil {
		s.t.Fatal(err)
	}
	files := map[string]any{"files": map[string]string{"headgate.yaml": string(text)}}
	for _, q := range []struct {
		what, method, path string
		body               any
	}{
		{"an exact id, the newest 50", "GET", fmt.Sprintf("/api/search?q=many-%d&limit=50", n/2), nil},
		{"a client id", "GET", fmt.Sprintf("/api/search?q=%d.1793265120", 2_000_000_000+n/20), nil},
		{"a filter over the last hour", "GET", "/api/search?destination=stats&state=delivered&since=1h&limit=50", nil},
		{"a check of the configuration", "POST", "/api/check", files},
		{"10,000 events through two configurations", "POST", "/api/diff", map[string]any{"files": files["files"], "since": "24h", "sample": 10_000}},
		{"the overview of insight", "GET", "/api/insight/overview?site=shop", nil},
		{"the status", "GET", "/api/status", nil},
	} {
		var took []time.Duration
		for range 5 {
			began := time.Now()
			s.asked(q.method, q.path, q.body)
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		s.t.Logf("%-42s %8v, the slowest of five %v", q.what, took[2].Round(time.Millisecond), took[4].Round(time.Millisecond))
	}
	s.arrive(1400, 900, false)
	s.signIn()
	s.goTo("/", "This machine")
	var painted float64
	s.ask(map[string]any{"do": "painted"}, &painted)
	s.t.Logf("%-42s %.0f ms", "the first contentful paint of the overview", painted)
}

// asked asks the admin API as a command does.
func (s *shop) asked(method, path string, body any) {
	s.t.Helper()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	resp := s.process.Send(method, path, content)
	defer func() { _ = resp.Body.Close() }()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode >= 300 {
		s.t.Errorf("%s %s: %s %s %v", method, path, resp.Status, text, err)
	}
}
