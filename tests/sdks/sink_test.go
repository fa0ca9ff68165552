package sdks_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// sink is a destination that keeps what it is sent.
type sink struct {
	*httptest.Server
	mu   sync.Mutex
	came []arrival
}

// arrival is an event as the sink got it.
type arrival struct {
	text string // the whole event in JSON

	ID     string `json:"id"`
	Name   string `json:"name"`
	Source string `json:"source"`
	User   struct {
		ClientID string `json:"client_id"`
		UserID   string `json:"user_id"`
		Email    string `json:"email"`
	} `json:"user"`
	Page struct {
		URL   string `json:"url"`
		Title string `json:"title"`
	} `json:"page"`
	Params struct {
		ID       string  `json:"transaction_id"`
		Value    float64 `json:"value"`
		Currency string  `json:"currency"`
	} `json:"params"`
	Items []struct {
		ID       string  `json:"id"`
		Name     string  `json:"name"`
		Price    float64 `json:"price"`
		Quantity float64 `json:"quantity"`
	} `json:"items"`
}

func newSink(t *testing.T) *sink {
	s := new(sink)
	s.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var events []json.RawMessage
		if err := json.NewDecoder(r.Body).Decode(&events); err != nil {
			return // the sender was stopped in the middle
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, text := range events {
			a := arrival{text: string(text)}
			if err := json.Unmarshal(text, &a); err != nil {
				t.Errorf("%s: %v", text, err)
			}
			s.came = append(s.came, a)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// of returns the events of one run, by name.
func (s *sink) of(run, name string) (list []arrival) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.came {
		if strings.ReplaceAll(a.Name, " ", "_") == name && strings.Contains(a.text, run) {
			list = append(list, a)
		}
	}
	return list
}

// from counts the events of a source under a name.
func (s *sink) from(source, name string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.came {
		if a.Source == source && a.Name == name {
			n++
		}
	}
	return n
}

// until waits for a condition that the browser brings about, for two minutes at most.
func until(holds func() bool) bool {
	limit := time.After(2 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-limit:
			return false
		case <-tick.C:
		}
	}
	return true
}
