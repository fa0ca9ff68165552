package console_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"headgate/proxy/live"
)

func TestLiveShowsWhatIsPickedAsItHappens(t *testing.T) {
	m := newMemory()
	server := httptest.NewServer(handler(m))
	defer server.Close()
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/api/live?where=name+%3D%3D+%22purchase%22", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+testToken)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got := response.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("Content-Type %s", got)
	}
	lines := bufio.NewScanner(response.Body)
	next := func() string {
		for lines.Scan() {
			if lines.Text() != "" {
				return lines.Text()
			}
		}
		return "the end"
	}
	if got := next(); !strings.HasPrefix(got, ":") {
		t.Errorf("it begins with %s", got)
	}
	m.show(live.Sighting{Trace: traceOf("1", "sign_up")})
	m.show(live.Sighting{Trace: traceOf("2", "purchase")})
	if got := next(); !strings.HasPrefix(got, `data: {"event":{"id":"2","name":"purchase"}`) {
		t.Errorf("line %s", got)
	}
	m.show(live.Sighting{Trace: traceOf("3", "purchase"), Lost: 5})
	for _, want := range []string{"event: lost", `data: {"lost":5}`, `data: {"event":{"id":"3"`} {
		if got := next(); !strings.HasPrefix(got, want) {
			t.Errorf("line %s, want %s", got, want)
		}
	}
	m.stop()
	if got := next(); got != "the end" {
		t.Errorf("after the proxy stopped: %s", got)
	}
}

func TestLiveStaysAliveAndLetsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		ctx, leave := context.WithCancel(t.Context())
		read, write := io.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			r := httptest.NewRequestWithContext(ctx, "GET", "/api/live", nil)
			r.Host = "localhost"
			r.Header.Set("Authorization", "Bearer "+testToken)
			handler(m).ServeHTTP(&piped{w: write, header: http.Header{}}, r)
		}()
		lines := bufio.NewReader(read)
		for range 2 {
			if _, err := lines.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		if got, err := lines.ReadString('\n'); got != ":\n" || err != nil {
			t.Errorf("heartbeat %q, %v", got, err)
		}
		if waited := time.Since(start); waited != 15*time.Second {
			t.Errorf("the heartbeat came after %s", waited)
		}
		leave()
		go func() { _, _ = io.Copy(io.Discard, read) }()
		<-done
		write.Close()
		synctest.Wait()
		if n := m.watched(); n != 0 {
			t.Errorf("%d still watch", n)
		}
	})
}

func TestLiveRefusesAWrongFormula(t *testing.T) {
	run(t, handler(newMemory()), []exchange{
		{"where", "GET", "/api/live?where=nmae", "", 400, `~did you mean`, "", ""},
		{"sampled", "GET", "/api/live?sampled=1", "", 400, `~sampled is true`, "", ""},
	})
}
