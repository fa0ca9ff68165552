package proxy

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// What will never fit is no reason to come again, and costs nothing: many events may share what was sent once.
func TestEventsThatDoNotFitIntoTheLogAreRefused(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "limits: {body: 16MiB}\n")
	many := strings.Repeat(`{"name":"a"},`, 400) + `{"name":"a"}`
	for name, body := range map[string]string{
		"shared by many": `{"events":[` + many + `],"page":{"title":"` + strings.Repeat("x", 100_000) + `"}}`,
		"one":            `{"name":"a","page":{"title":"` + strings.Repeat("x", 9<<20) + `"}}`,
	} {
		if status, said := r.post(t, "/e", body); status != 413 || !strings.Contains(said, "do not fit into the log") {
			t.Errorf("%s: answered %d %.200s", name, status, said)
		}
	}
	if s, err := r.Status(t.Context()); err != nil || s.Accepted != 0 {
		t.Errorf("%d events accepted, %v", s.Accepted, err)
	}
}

// Few clients look for an answer before they have sent all they have.
func TestWhoSendsTooMuchIsToldSo(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "")
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"a long body":   {"POST /e HTTP/1.1\r\nHost: t.shop.example\r\nContent-Length: 6000000\r\n\r\n" + strings.Repeat("x", 6e6), 413},
		"a long stream": {"POST /e HTTP/1.1\r\nHost: t.shop.example\r\nTransfer-Encoding: chunked\r\n\r\n5b8d80\r\n" + strings.Repeat("x", 6e6) + "\r\n0\r\n\r\n", 413},
		"long cookies":  {"GET /e HTTP/1.1\r\nHost: t.shop.example\r\nCookie: " + strings.Repeat("a=b; ", 200_000) + "\r\n\r\n", 431},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", strings.TrimPrefix(r.base, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if _, err := io.WriteString(conn, c.request); err != nil {
				t.Fatal(err)
			}
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			said, err := io.ReadAll(answer.Body)
			if err != nil || answer.StatusCode != c.status || !answer.Close || !strings.Contains(string(said), "too large") {
				t.Errorf("answered %d %s %v, want %d", answer.StatusCode, said, err, c.status)
			}
		})
	}
}
