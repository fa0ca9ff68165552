package console_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
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
	s.process.Until("insight has counted the events", func() bool { // a question would take longer than the counting
		var now struct {
			Insight struct {
				Events int     `json:"events"`
				Lag    float64 `json:"lag_seconds"`
			} `json:"insight"`
		}
		s.process.Ask("GET", "/api/status", &now)
		return now.Insight.Events >= n && now.Insight.Lag == 0
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
