// Package goserver is the web server in Go of docs/web-servers.md.
package goserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Tracker sends events of visitors from a queue of its own.
type Tracker struct {
	url, key string // https://t.shop.example/e, one of server_keys
	queue    chan []byte
	done     sync.WaitGroup
}

// NewTracker starts one; Close ends it.
func NewTracker(url, key string) *Tracker {
	t := &Tracker{url: url, key: key, queue: make(chan []byte, 1000)}
	t.done.Go(func() {
		for event := range t.queue {
			t.send(event)
		}
	})
	return t
}

// Track copies what the event needs of the request and returns at once. It reports false when the queue is full.
func (t *Tracker) Track(r *http.Request, name string, params map[string]any) bool {
	return t.enqueue(r, rand.Text(), name, params)
}

// PageView sends a page view and returns its id for the page: data-view of the browser script, which completes it. A visitor's first
// view has no id of theirs yet, and a prefetched page may never be seen: these are left to the browser.
func (t *Tracker) PageView(r *http.Request) (id string) {
	id = rand.Text()
	if _, err := r.Cookie("_hg"); err == nil && r.Header.Get("Sec-Purpose") == "" {
		t.enqueue(r, id, "page_view", nil)
	}
	return id
}

func (t *Tracker) enqueue(r *http.Request, id, name string, params map[string]any) bool {
	cookie := func(name string) string {
		if c, err := r.Cookie(name); err == nil {
			return c.Value
		}
		return ""
	}
	ip, _, _ := net.SplitHostPort(r.RemoteAddr) // behind a proxy of yours: what that says
	event, err := json.Marshal(map[string]any{
		"id": id, "name": name, "time": time.Now(), "params": params,
		"user":    map[string]any{"client_id": clientID(cookie("_hg"))},
		"page":    map[string]any{"url": "https://" + r.Host + r.URL.RequestURI(), "referrer": r.Referer()},
		"device":  map[string]any{"ip": ip, "user_agent": r.UserAgent()},
		"consent": map[string]any{"analytics": cookie("consent_analytics") == "yes", "ads": cookie("consent_ads") == "yes"},
	})
	if err != nil {
		return false
	}
	select {
	case t.queue <- event:
		return true
	default:
		return false
	}
}

// clientID is what follows the version and the time in Headgate's cookie.
func clientID(cookie string) string {
	if parts := strings.SplitN(cookie, ".", 3); len(parts) == 3 {
		return parts[2]
	}
	return ""
}

// send tries four times, with the same id: it counts once.
func (t *Tracker) send(event []byte) {
	for wait := 500 * time.Millisecond; wait <= 4*time.Second; wait *= 2 {
		if t.try(event) {
			return
		}
		time.Sleep(wait)
	}
}

func (t *Tracker) try(event []byte) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(event))
	if err != nil {
		return true // the address is wrong: trying again does not help
	}
	req.Header.Set("X-Write-Key", t.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests
}

// Close sends what is left.
func (t *Tracker) Close() {
	close(t.queue)
	t.done.Wait()
}
