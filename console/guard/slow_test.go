package guard

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestABodyThatDoesNotComeIsGivenUp(t *testing.T) {
	ended := make(chan error, 1)
	server := httptest.NewServer(WithBodyTimeout(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		ended <- err
	}), time.Millisecond))
	defer server.Close()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "PUT /api/config HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nlisten"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("half a body was read as a whole")
	}
}

// deadlines is an answer that notes the deadlines set for reading its request.
type deadlines struct {
	httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

// A replay answers line by line for as long as it runs.
func TestAnAnswerMayTakeLongerThanTheBody(t *testing.T) {
	for body, want := range map[string]int{"{}": 2, "": 0} {
		var d deadlines
		WithBodyTimeout(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
		}), time.Minute).ServeHTTP(&d, httptest.NewRequestWithContext(t.Context(), "POST", "/api/replay", strings.NewReader(body)))
		if len(d.set) != want || want == 2 && (d.set[0].IsZero() || !d.set[1].IsZero()) {
			t.Errorf("%q: deadlines %v", body, d.set)
		}
	}
}
