package tests_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"headgate/commands"
	"headgate/tests/trial"
)

func TestMain(m *testing.M) {
	trial.BeHeadgate()
	testscript.Main(m, map[string]func(){
		"headgate": func() { os.Exit(commands.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// process is a Headgate of its own, of which some tests ask more.
type process struct {
	*trial.Process
	t *testing.T
}

func newProcess(t *testing.T, config string) *process {
	t.Helper()
	return &process{trial.New(t, config), t}
}

// vendor is a webhook's other end: it notes which events came, and how often.
type vendor struct {
	*httptest.Server
	mu     sync.Mutex
	came   map[string]int
	asked  int // how often
	status int // 0: 200
}

func newVendor(t *testing.T) *vendor {
	v := &vendor{came: map[string]int{}}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sender was killed in the middle: nothing came
		}
		var events []struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(body, &events); err != nil {
			t.Errorf("the vendor was sent %q: %v", body, err)
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.asked++
		if v.status != 0 {
			w.WriteHeader(v.status)
			return
		}
		for _, e := range events {
			v.came[e.ID]++
		}
	}))
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) answer(status int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.status = status
}

// tries counts requests, refused ones too.
func (v *vendor) tries() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.asked
}

// received counts the events that came, again and again counting each time.
func (v *vendor) received() (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, times := range v.came {
		n += times
	}
	return n
}

// missing lists ids that never came, and counts those that came more than once.
func (v *vendor) missing(ids []string) (missing []string, duplicates int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, id := range ids {
		switch n := v.came[id]; {
		case n == 0:
			missing = append(missing, id)
		case n > 1:
			duplicates += n - 1
		}
	}
	return missing, duplicates
}

// load posts events from several clients until it is stopped, and knows which of them were answered with success.
type load struct {
	mu       sync.Mutex
	answered []string
	statuses map[int]int
	broken   int // requests without an answer
	cancel   context.CancelFunc
	clients  sync.WaitGroup
}

// startLoad posts small events; more are further parameters of theirs, as members in JSON.
func startLoad(t *testing.T, base string, clients int, more ...string) *load {
	return runLoad(t, base, clients, &http.Transport{}, more...)
}

// startFreshLoad is startLoad by clients that make a new connection for each event.
func startFreshLoad(t *testing.T, base string, clients int) *load {
	return runLoad(t, base, clients, &http.Transport{DisableKeepAlives: true})
}

func runLoad(t *testing.T, base string, clients int, by *http.Transport, more ...string) *load {
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{statuses: map[int]int{}, cancel: cancel}
	run := time.Now().UnixNano()
	params := strings.Join(append([]string{`"value":1`}, more...), ",")
	for c := range clients {
		l.clients.Go(func() {
			client := &http.Client{Timeout: 30 * time.Second, Transport: by.Clone()}
			defer client.CloseIdleConnections()
			for i := 0; ctx.Err() == nil; i++ {
				id := fmt.Sprintf("%x-%d-%d", run, c, i)
				l.post(client, base, `{"name":"purchase","id":"`+id+`","params":{`+params+`}}`, id)
			}
		})
	}
	t.Cleanup(func() { cancel(); l.clients.Wait() })
	return l
}

func (l *load) post(client *http.Client, base, body, id string) {
	resp, err := client.Post(base+"/e", "application/json", strings.NewReader(body))
	if err != nil || resp.StatusCode >= 500 {
		<-time.After(5 * time.Millisecond) // as a client does that is refused
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.broken++
		return
	}
	_ = resp.Body.Close()
	l.statuses[resp.StatusCode]++
	if resp.StatusCode < 300 {
		l.answered = append(l.answered, id)
	}
}

// count returns how many requests were answered with success so far.
func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.answered)
}

// stop ends the load and returns the ids of the answered events.
func (l *load) stop() []string {
	l.cancel()
	l.clients.Wait()
	return l.answered
}
