package stores_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/proxy/status"
	"headgate/tests/trial"
)

// load posts events from several clients until enough of them were answered with success.
type load struct {
	most int

	mu       sync.Mutex
	sent     int
	answered []string
	clients  sync.WaitGroup
}

const perRequest = 25

// note is what makes an event as long as a common one.
var note = strings.Repeat("what a shop says ", 20)

func startLoad(t *testing.T, base string, events int) *load { return startLoadFrom(t, base, 0, events) }

// startLoadFrom counts the ids from a number on.
func startLoadFrom(t *testing.T, base string, from, events int) *load {
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{most: events, sent: from}
	for range 4 {
		l.clients.Go(func() {
			client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for ctx.Err() == nil && l.post(ctx, client, base) {
			}
		})
	}
	t.Cleanup(func() { cancel(); l.clients.Wait() })
	return l
}

// post posts the next events; it returns false when there are enough.
func (l *load) post(ctx context.Context, client *http.Client, base string) bool {
	l.mu.Lock()
	first, enough := l.sent, len(l.answered) >= l.most
	l.sent += perRequest
	l.mu.Unlock()
	if enough {
		return false
	}
	ids := make([]string, perRequest)
	texts := make([]string, perRequest)
	for i := range ids {
		ids[i] = fmt.Sprintf("e%07d", first+i)
		texts[i] = fmt.Sprintf(`{"name":"purchase","id":"%s","params":{"value":%d,"note":"%s"}}`, ids[i], first+i, note)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/e", strings.NewReader("["+strings.Join(texts, ",")+"]"))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(r)
	if err != nil || answer.StatusCode >= 300 {
		<-time.After(5 * time.Millisecond) // as a client does that is refused
	}
	if err != nil {
		return true
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	if answer.StatusCode < 300 {
		l.mu.Lock()
		l.answered = append(l.answered, ids...)
		l.mu.Unlock()
	}
	return true
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.answered)
}

// drained waits as long as less and less is pending.
func drained(t *testing.T, p *trial.Process, names ...string) (s status.Status) {
	t.Helper()
	for least := int64(1 << 62); least > 0; {
		p.Until("has delivered more", func() bool {
			s = p.Status()
			var pending int64
			for _, name := range names {
				pending += s.Destinations[name].Pending
			}
			less := pending < least
			least = min(least, pending)
			return less
		})
	}
	return s
}

// idsOf are the ids in lines of JSON.
func idsOf(t *testing.T, r io.Reader) iter.Seq[string] {
	return func(yield func(string) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			var row struct {
				ID string `json:"id"`
			}
			if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
				t.Fatalf("%s: %v", lines.Bytes(), err)
			}
			if !yield(row.ID) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
}
