package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// What will never fit is no reason to come again, and costs nothing: many events may share what was sent once.
func TestEventsThatDoNotFitIntoTheLogAreRefused(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "limits: {body: 16MiB, volume_per_address: 0}\n")
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

// A few bytes of JSON can take a hundred times as much memory.
func TestEventsThatTakeTooMuchMemoryAreRefused(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "limits: {body: 2MiB, volume_per_address: 0}\n")
	for name, c := range map[string]struct {
		body string
		said string
	}{
		"small objects":                         {`{"name":"a","x":[` + strings.Repeat(`{"a":1},`, 48_999) + `{}]}`, "values"},
		"empty lists":                           {`{"name":"a","x":[` + strings.Repeat(`[],`, 48_999) + `[]]}`, "values"},
		"a long text in what many events share": {`{"events":[` + strings.Repeat(`{"name":"a"},`, 300) + `{"name":"a"}],"s":"` + strings.Repeat("x", 50_000) + `"}`, "fit into the log"},
		"keys that many events share":           {`{"events":[` + strings.Repeat(`{"name":"a"},`, 499) + `{"name":"a"}],"params":{` + manyKeys(480) + `}}`, "fit into the log"},
	} {
		if status, said := r.post(t, "/e", c.body); status != 413 || !strings.Contains(said, c.said) {
			t.Errorf("%s: answered %d %.200s", name, status, said)
		}
	}
	if held := r.reading.Held(); held != 0 {
		t.Errorf("%d bytes are held by nobody", held)
	}
}

// manyKeys returns the inside of an object with n keys.
func manyKeys(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"key %d":0`, i)
	}
	return strings.Join(all, ",")
}

func TestHitsAreToldToComeAgainWhileOthersHoldTheMemory(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "")
	others := r.reading.Lease()
	if !others.Take(int(r.reading.Limit)/2) || !others.Take(int(r.reading.Limit)/4-4096) {
		t.Fatal("an idle server has no room")
	}
	large := `{"name":"a","x":[` + strings.Repeat(`1,`, 10_000) + `1]}`
	if status, said := r.post(t, "/e", large); status != 503 || !strings.Contains(said, "too many large requests") {
		t.Errorf("a large one was answered %d %s", status, said)
	}
	if status, said := r.post(t, "/e", strings.Repeat(" ", 900_000)+`{"name":"a"}`); status != 503 {
		t.Errorf("a long one was answered %d %s", status, said)
	}
	if status, said := r.post(t, "/e", `{"name":"small"}`); status != 202 {
		t.Errorf("a small one was answered %d %s", status, said)
	}
	others.Release()
	if status, said := r.post(t, "/e", large); status != 202 {
		t.Errorf("later the large one was answered %d %s", status, said)
	}
	if held := r.reading.Held(); held != 0 {
		t.Errorf("%d bytes are held by nobody", held)
	}
}

func TestAHostThatNoSiteNamesIsRefused(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "sites: {shop: {hosts: [t.shop.example]}}\n")
	for _, c := range []struct {
		host, path string
		status     int
	}{
		{"t.shop.example", "/e", 202}, {"T.SHOP.example:8080", "/e", 202}, {"other.example", "/e", 421}, {"127.0.0.1", "/e", 421},
		{"other.example", "/robots.txt", 421}, {"other.example", "/healthz", 200},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", r.base+c.path, strings.NewReader(`{"name":"a"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = c.host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		said, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("%s%s was answered %d %s, want %d", c.host, c.path, resp.StatusCode, said, c.status)
		}
	}
}

func TestOneAddressHasOnlySoManyBytesWrittenToTheLog(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "limits: {volume_per_address: 1KiB/h}\n")
	// What is sent once and shared is written many times.
	body := `{"events":[` + strings.Repeat(`{"name":"a"},`, 100) + `{"name":"a"}],"page":{"title":"` + strings.Repeat("x", 30_000) + `"}}`
	refused := 0
	for range 4 {
		switch status, said := r.post(t, "/e", body); status {
		case 202:
		case 429:
			refused++
		default:
			t.Fatalf("answered %d %.200s", status, said)
		}
	}
	if refused != 2 {
		t.Errorf("%d of 4 were refused; 3 MB each were to be written, and 8 MB may be", refused)
	}
}

func TestKnownVisitorsComeFirstWhileTheLogIsNearlyFull(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "limits: {volume_per_address: 1MiB/h}\n")
	full := true
	r.nearlyFull = func() bool { return full }
	post := func(cookie string, size int) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "POST", r.base+"/e", strings.NewReader(`{"name":"a"}`+strings.Repeat(" ", size)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Cookie", cookie)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode == 503 && resp.Header.Get("Retry-After") == "" {
			t.Error("nobody says when to come again")
		}
		return resp.StatusCode
	}
	for cookie, want := range map[string]int{"": 503, "_hg=nonsense": 503, "_hg=1.1763800000.123.456": 202, "_hg=1.99999999999.123.456": 503} {
		if got := post(cookie, 0); got != want {
			t.Errorf("cookie %q: answered %d, want %d", cookie, got, want)
		}
	}
	if first, second := post("_hg=1.1763800000.123.456", 900_000), post("_hg=1.1763800000.123.456", 900_000); first != 202 || second != 429 {
		t.Errorf("one address was answered %d and %d for what counts as 7 MiB each", first, second)
	}
	full = false
	if got := post("", 0); got != 202 {
		t.Errorf("with room again a new visitor is answered %d", got)
	}
}
