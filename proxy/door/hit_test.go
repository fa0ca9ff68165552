package door

import (
	"bufio"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fasthttp"

	"headgate/event"
)

// request parses a request as the server does.
func request(t *testing.T, text string) *fasthttp.RequestCtx {
	t.Helper()
	ctx, err := parse(text)
	if err != nil {
		t.Fatalf("fasthttp refuses it: %v", err)
	}
	return ctx
}

func parse(text string) (*fasthttp.RequestCtx, error) {
	ctx := new(fasthttp.RequestCtx)
	r := bufio.NewReader(strings.NewReader(text))
	err := ctx.Request.Header.Read(r)
	if err == nil {
		err = ctx.Request.ContinueReadBodyStream(r, 1<<20, false)
	}
	return ctx, err
}

func readHit(ctx *fasthttp.RequestCtx, now time.Time) (*event.Hit, error) {
	r := &Incoming{most: 1 << 20}
	err := r.read(ctx, now)
	return &r.Hit, err
}

func TestAnAddressInTheQueryIsNoHost(t *testing.T) {
	h, err := readHit(request(t, "GET /g/collect?dl=https://other.example/x HTTP/1.1\r\nHost: t.shop.example\r\n\r\n"), time.Time{})
	if err != nil || h.Path != "/g/collect" || h.Query != "dl=https://other.example/x" || h.Host != "t.shop.example" {
		t.Errorf("%+v, %v", h, err)
	}
}

func TestHeadersAreKeptAsTheyWereSent(t *testing.T) {
	h, err := readHit(request(t, "POST /e HTTP/1.1\r\nHost: t.shop.example\r\nX-Odd: \t a: b \t\r\nCookie: a=\"1\\2\"\r\nSEC-GPC:1\r\ncookie: b=2\r\nContent-Length: 2\r\nEmpty:\r\n\r\nhi"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	want := event.Headers{{Name: "host", Value: "t.shop.example"}, {Name: "x-odd", Value: "a: b"}, {Name: "sec-gpc", Value: "1"}, {Name: "content-length", Value: "2"}, {Name: "empty", Value: ""}}
	if diff := cmp.Diff(want, h.Headers); diff != "" {
		t.Error(diff)
	}
	if h.Cookie != `a="1\2"; b=2` || string(h.Body) != "hi" || h.Method != "POST" {
		t.Errorf("%q %q %q", h.Cookie, h.Body, h.Method)
	}
}

func TestHeadersThatSmuggleARequestAreRefused(t *testing.T) {
	for name, lines := range map[string]string{
		"two lengths":              "Content-Length: 2\r\ncontent-length: 2\r\n",
		"a length and an encoding": "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
		"two encodings":            "Transfer-Encoding: chunked\r\ntransfer-encoding: chunked\r\n",
		"another encoding":         "Transfer-Encoding: gzip\r\n",
		"a folded line":            "X-A: b\r\n  c: d\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			h := new(event.Hit)
			if err := readHeaders(h, []byte("Host: t.shop.example\r\n"+lines)); err == nil {
				t.Errorf("read as %+v", h.Headers)
			}
		})
	}
	if err := readHeaders(new(event.Hit), []byte("Transfer-Encoding: Chunked\r\n")); err != nil {
		t.Errorf("chunked alone: %v", err)
	}
}

func TestHostsThatAreNoHostAreRefused(t *testing.T) {
	for host, good := range map[string]bool{
		"t.shop.example": true, "T.Shop.Example:8080": true, "[2001:db8::1]:8080": true, "127.0.0.1": true, "xn--bcher-kva.example": true, "head_gate": true,
		"": false, "a@h": false, "a,b": false, "a b": false, "a/b": false, "a?b": false, "b\u00fccher.example": false, strings.Repeat("a", 9000): false,
	} {
		ctx, err := parse("GET /e HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
		if err == nil {
			_, err = readHit(ctx, time.Time{})
		}
		if (err == nil) != good {
			t.Errorf("%.40q: %v", host, err)
		}
	}
}

func BenchmarkReadHit(b *testing.B) {
	ctx := new(fasthttp.RequestCtx)
	text := "GET /g/collect?" + strings.Repeat("ep.some_parameter=some-value&", 30) + " HTTP/1.1\r\nHost: t.shop.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36\r\n" +
		"Accept: */*\r\nAccept-Language: en-GB,en;q=0.9\r\nReferer: https://www.shop.example/\r\nCookie: _ga=GA1.1.1309730329.1709757290\r\n\r\n"
	if err := ctx.Request.Read(bufio.NewReaderSize(strings.NewReader(text), 8192)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readHit(ctx, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}
