package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// hits are GA4's page views at a steady rate, of visitors who come for a few pages each.
type hits struct {
	address string
	rate    int
	client  *http.Client

	sent, accepted, refused, failed atomic.Int64

	mu   sync.Mutex
	took []time.Duration // from when the hit was due
}

func newHits(address string, rate int) *hits {
	return &hits{address: address, rate: rate, client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// clients is how many connections carry the hits.
const clients = 64

// send sends until ctx ends, and returns when all are answered. A hit that could not be sent in time is sent late, and counted from when
// it was due.
func (h *hits) send(ctx context.Context) {
	began := time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for {
				n := next.Add(1)
				due := began.Add(time.Duration(n) * time.Second / time.Duration(h.rate))
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Until(due)):
				}
				h.one(n, due)
			}
		})
	}
	all.Wait()
}

func (h *hits) one(n int64, due time.Time) {
	h.sent.Add(1)
	url := fmt.Sprintf("%s/g/collect?v=2&tid=G-EXAMPLE&cid=%d.1787400000&sid=1787400001&en=page_view&ep.event_id=soak-%d&gcs=G111&gcd=13t3t3t3t5l1"+
		"&dl=https%%3A%%2F%%2Fwww.shop.example%%2Fproduct%%2F%d%%3Futm_source%%3Dnews&dr=https%%3A%%2F%%2Fwww.example.org%%2F&dt=A%%20product&ep.content_group=shop", h.address, n/8, n, n%500)
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(""))
	if err != nil {
		panic("BUG: " + err.Error())
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	resp, err := h.client.Do(req)
	if err != nil {
		h.failed.Add(1)
		return
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	switch {
	case err != nil:
		h.failed.Add(1)
	case resp.StatusCode >= 300:
		h.refused.Add(1)
	default:
		h.accepted.Add(1)
		if n%16 == 0 { // enough for a percentile, and not what the soak itself would grow by
			h.mu.Lock()
			h.took = append(h.took, time.Since(due))
			h.mu.Unlock()
		}
	}
}

// within is how long so many percent of the hits took at most.
func (h *hits) within(percent int) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.took) == 0 {
		return 0
	}
	slices.Sort(h.took)
	return h.took[(len(h.took)-1)*percent/100].Round(10 * time.Microsecond)
}
