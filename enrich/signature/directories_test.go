package signature

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// vendor answers for agents, in place of the network.
type vendor struct {
	mu     sync.Mutex
	asked  []string
	answer func(*http.Request) *http.Response
}

func (v *vendor) RoundTrip(r *http.Request) (*http.Response, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked = append(v.asked, r.URL.String())
	if a := v.answer(r); a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("no route to %s", r.URL.Host)
}

func answer(status int, kind, body string, headers ...string) *http.Response {
	a := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i < len(headers); i += 2 {
		a.Header.Set(headers[i], headers[i+1])
	}
	return a
}

const (
	agentA = "https://agent-a.example"
	keyA   = "EwdxYS00qWgtkaWeUQrYxWt7jPZ2Oe5E3dYYAT8G3ws"
	kind   = "application/http-message-signatures-directory+json"
)

func directoryOfA(t testing.TB) string {
	t.Helper()
	var file struct{ Response struct{ Body string } }
	read(t, "directory-response.json", &file)
	return file.Response.Body
}

// settled waits for the fetches that a look-up has begun.
func (d *Directories) settled() { d.fetch.Wait() }

func TestKeysOfAListedAgentAreFetchedOnceAndKept(t *testing.T) {
	body := directoryOfA(t)
	v := &vendor{answer: func(*http.Request) *http.Response { return answer(200, kind, body, "Cache-Control", "max-age=86400") }}
	d := NewDirectories([]string{agentA}, v)
	defer d.Close()
	now := time.Unix(1795900000, 0)
	if _, ok := d.Key(agentA, keyA, now); ok {
		t.Error("a key is known before it was fetched")
	}
	d.settled()
	for range 3 {
		if _, ok := d.Key(agentA, keyA, now); !ok {
			t.Fatal("the key was not fetched")
		}
	}
	if _, ok := d.AnyKey(keyA, now); !ok {
		t.Error("the key is not found by its id")
	}
	if len(v.asked) != 1 || v.asked[0] != agentA+directoryPath {
		t.Errorf("asked for %q", v.asked)
	}
	// A directory that fails to answer leaves the keys as they are, for a day; one that answers without the key takes it away.
	later := now.Add(25 * time.Hour)
	v.answer = func(*http.Request) *http.Response { return nil }
	d.Key(agentA, keyA, later)
	d.settled()
	if _, ok := d.Key(agentA, keyA, later); !ok {
		t.Error("a failure took the key away")
	}
	if _, ok := d.Key(agentA, keyA, now.Add(49*time.Hour)); ok {
		t.Error("the key counts for ever")
	}
	d.settled()
	v.answer = func(*http.Request) *http.Response { return answer(200, kind, `{"keys":[]}`) }
	later = now.Add(50 * time.Hour)
	d.Key(agentA, keyA, later)
	d.settled()
	if _, ok := d.Key(agentA, keyA, later); ok {
		t.Error("a key that was taken back still counts")
	}
}

func TestNothingIsFetchedForStrangers(t *testing.T) {
	v := &vendor{answer: func(*http.Request) *http.Response { return answer(200, kind, directoryOfA(t)) }}
	d := NewDirectories([]string{agentA}, v)
	for _, agent := range []string{"https://other.example", agentA + "/", agentA + "/path", "http://agent-a.example", "https://agent-a.example.", "https://127.0.0.1", ""} {
		if _, ok := d.Key(agent, keyA, time.Unix(1795900000, 0)); ok {
			t.Errorf("%q has a key", agent)
		}
	}
	d.Close()
	if len(v.asked) > 0 || len(d.known) > 0 {
		t.Errorf("asked for %q; known: %d", v.asked, len(d.known))
	}
	if _, ok := d.Key(agentA, keyA, time.Unix(1795900000, 0)); ok || len(v.asked) > 0 {
		t.Error("something is fetched after the end")
	}
}

func TestAnswersThatAreNoDirectoryAreLeftAlone(t *testing.T) {
	body := directoryOfA(t)
	now := time.Unix(1795900000, 0)
	for name, a := range map[string]func() *http.Response{
		"redirect": func() *http.Response { return answer(302, kind, body, "Location", "https://other.example/keys") },
		"status":   func() *http.Response { return answer(203, kind, body) },
		"type":     func() *http.Response { return answer(200, "text/html", body) },
		"size":     func() *http.Response { return answer(200, kind, body+strings.Repeat(" ", mostBody)) },
		"nothing":  func() *http.Response { return nil },
	} {
		v := &vendor{answer: func(*http.Request) *http.Response { return a() }}
		d := NewDirectories([]string{agentA}, v)
		for range 3 {
			d.Key(agentA, keyA, now)
			d.settled()
			if _, ok := d.Key(agentA, keyA, now); ok {
				t.Errorf("%s: the key counts", name)
			}
		}
		if len(v.asked) != 1 {
			t.Errorf("%s: asked %d times within five minutes", name, len(v.asked))
		}
		d.Close()
	}
}

func TestHowLongADirectoryIsKept(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": usualAge, "no-store": usualAge, "max-age=86400": 24 * time.Hour, "public, max-age=600": 10 * time.Minute,
		"max-age=1": leastAge, "max-age=99999999": greatestAge, "s-maxage=9": usualAge, "max-age=99999999999": usualAge,
	} {
		if got := ageOf(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
