package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"
)

var destinations = []string{"one", "two", "three", "failing", "hanging"}

// sinks are the destinations' other side: they count the events that they took.
type sinks struct {
	*httptest.Server
	down  atomic.Bool // failing answers 503, hanging not at all
	taken map[string]*atomic.Int64
}

func newSinks() *sinks {
	s := &sinks{taken: map[string]*atomic.Int64{}}
	for _, name := range destinations {
		s.taken[name] = new(atomic.Int64)
	}
	s.Server = httptest.NewServer(s)
	return s
}

func (s *sinks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender has ended
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	switch {
	case !s.down.Load():
	case name == "failing":
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case name == "hanging":
		select {
		case <-r.Context().Done():
		case <-time.After(3 * time.Second):
		}
		w.WriteHeader(http.StatusGatewayTimeout)
		return
	}
	s.taken[name].Add(int64(bytes.Count(body, []byte(`"name":"page_view"`))))
}

// fail takes two of them away for 20 seconds of every 50.
func (s *sinks) fail(ctx context.Context) {
	for {
		for _, down := range []bool{false, true} {
			s.down.Store(down)
			pause := 30 * time.Second
			if down {
				pause = 20 * time.Second
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
		}
	}
}

func (s *sinks) heal() { s.down.Store(false) }
