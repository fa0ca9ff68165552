package main

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// The harness counts an event as lost when it came from no destination, and as a duplicate whenever it came again. Of several
// destinations with the same sink this file counts what the harness cannot tell: whether every one of them delivered.

// sinkStats is where the harness' first sink says what it has counted.
const sinkStats = "http://127.0.0.1:8189/stats"

// arrivals are the events that came to a sink, with and without those that had come before.
type arrivals struct {
	Received int64 `json:"received"`
	Unique   int64 `json:"unique"`
}

// share is which part of the deliveries to so many destinations has arrived: 1 is all.
func (a arrivals) share(destinations int) float64 {
	return float64(a.Received) / float64(int64(destinations)*a.Unique)
}

// watching runs a measurement and returns the last that the sink said meanwhile: the harness ends its sinks with the scenario.
func watching(address string, measure func() error) (last arrivals, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	var watch sync.WaitGroup
	watch.Go(func() {
		for ctx.Err() == nil {
			if now, err := ask(ctx, address); err == nil && now.Unique > 0 {
				last = now
			}
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	})
	err = measure()
	cancel()
	watch.Wait()
	return last, err
}

func ask(ctx context.Context, address string) (now arrivals, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return now, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return now, err
	}
	defer func() { _ = resp.Body.Close() }()
	return now, json.NewDecoder(resp.Body).Decode(&now)
}
