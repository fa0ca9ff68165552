package resttest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Service is what fakes have in common: one request at a time, by a clock of the tests, with answers that are lost or given in its place.
type Service struct {
	Clock
	T     testing.TB
	Mu    sync.Mutex
	Calls map[string]int // by method and path
	// Before answers in place of the store; 0 leaves the request to it.
	Before func(call, body string) (status int, answer string)
	// Lose drops the answer to a request that has done its work.
	Lose func(call, body string) bool
}

// Begin makes the service one of a test, at a time.
func (s *Service) Begin(t testing.TB, now time.Time) {
	s.T = t
	s.At(now)
}

// Listen serves what route returns until the test ends.
func (s *Service) Listen(route func(r *http.Request, body []byte) (status int, answer any)) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, route) }))
	s.T.Cleanup(server.Close)
	return server
}

// serve answers a request with what route returns: a text, or what becomes JSON.
func (s *Service) serve(w http.ResponseWriter, r *http.Request, route func(r *http.Request, body []byte) (status int, answer any)) {
	body, err := read(r)
	if err != nil {
		return // whoever asked is gone
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	call := r.Method + " " + r.URL.Path
	if s.Calls == nil {
		s.Calls = map[string]int{}
	}
	s.Calls[call]++
	if r.Header.Get("User-Agent") == "" {
		s.T.Errorf("%s: no User-Agent", call)
	}
	status, answer := 0, any(nil)
	if s.Before != nil {
		status, answer = s.Before(call, string(body))
	}
	if status == 0 {
		if status, answer = route(r, body); s.Lose != nil && s.Lose(call, string(body)) {
			status, answer = http.StatusBadGateway, "the answer is lost"
		}
	}
	text, is := answer.(string)
	if !is {
		b, err := json.Marshal(answer)
		if err != nil {
			s.T.Error(err)
		}
		text = string(b)
	}
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		_, _ = io.WriteString(w, text) // the driver reads it or fails
	}
}

// read is the body of a request.
func read(r *http.Request) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(r.Body)
	}
	unzipped, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unzipped)
}

// Strictly reads JSON and refuses what is not known.
func Strictly(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	d.UseNumber()
	return d.Decode(into)
}

// Clock is put forward by tests, or is this machine's.
type Clock struct {
	mu   sync.Mutex
	at   time.Time
	real bool
}

// At sets the clock.
func (c *Clock) At(now time.Time) {
	c.mu.Lock()
	c.at = now
	c.mu.Unlock()
}

// FollowReal makes it this machine's clock, for drivers in another process.
func (c *Clock) FollowReal() {
	c.mu.Lock()
	c.real = true
	c.mu.Unlock()
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.real {
		return time.Now()
	}
	return c.at
}

// Later puts the clock forward.
func (c *Clock) Later(d time.Duration) {
	c.mu.Lock()
	c.at = c.at.Add(d)
	c.mu.Unlock()
}
