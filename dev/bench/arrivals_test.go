package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

func TestTheLastThatASinkSaidIsKept(t *testing.T) {
	said := make(chan string)
	var gone atomic.Bool
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gone.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte(<-said))
	}))
	defer sink.Close()
	failed := errors.New("failed")
	last, err := watching(sink.URL, func() error {
		for _, text := range []string{`{"received": 4, "unique": 1}`, `{"received": 48, "unique": 10, "mode": "ok"}`, `{"received": 0, "unique": 0}`, `{`} {
			select {
			case said <- text:
			case <-time.After(10 * time.Second):
				t.Error("it is not asked again")
			}
		}
		gone.Store(true)
		return failed
	})
	if want := (arrivals{Received: 48, Unique: 10}); last != want || !errors.Is(err, failed) {
		t.Errorf("got %v, %v", last, err)
	}
	if share := last.share(5); share != 0.96 {
		t.Errorf("share %v", share)
	}
}
