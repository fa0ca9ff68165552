package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// client is one that has an address of its own.
type client struct {
	base   string
	number int
	http   http.Client
}

func newClient(address string, number int) *client {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(number>>8), byte(number))}, Timeout: 5 * time.Second}
	return &client{base: "http://" + address, number: number,
		http: http.Client{Transport: &http.Transport{DialContext: d.DialContext, MaxIdleConnsPerHost: 4}, Timeout: 30 * time.Second}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// do returns the status of an answer, 0 when there was none.
func (c *client) do(method, path string, body []byte, headers ...string) int {
	r, err := http.NewRequestWithContext(context.Background(), method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.StatusCode
}

func (c *client) get(path string) int { return c.do("GET", path, nil) }

func (c *client) post(body string) int { return c.do("POST", "/e", []byte(body)) }

// half sends the beginning of a large body and leaves the connection open until ctx ends.
func (c *client) half(ctx context.Context) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(c.number>>8), byte(c.number))}}
	conn, err := d.DialContext(ctx, "tcp", strings.TrimPrefix(c.base, "http://"))
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprintf(conn, "POST /e HTTP/1.1\r\nHost: t.shop.example\r\nContent-Length: 1048576\r\n\r\n%s", strings.Repeat(" ", mib-1))
	select {
	case <-ctx.Done():
	case <-time.After(2 * time.Second):
	}
}

// weapons are bodies that cost more than they look.
var weapons = []struct {
	body    []byte
	headers []string
}{
	{body: []byte(`{"name":"a","x":[` + strings.Repeat(`{"a":1},`, 48_999) + `{"a":1}]}`)},
	{body: []byte(`{"name":"a","x":[` + strings.Repeat(`{"a":1},`, 16_000) + `{"a":1}]}`)},
	{body: []byte(`{"name":"a","x":[` + strings.Repeat(`0,`, 49_000) + `0]}`)},
	{body: []byte(`{"name":"a","x":[` + strings.Repeat(`[],`, 24_000) + `0]}`)},
	{body: []byte(`{"name":"a","x":` + strings.Repeat(`[`, 99) + strings.Repeat(`]`, 99) + `}`)},
	{body: []byte(`{"name":"a","x":"` + strings.Repeat(`é`, 500_000) + `"}`)},
	{body: []byte(`{"events":[` + strings.Repeat(`{"name":"a"},`, 499) + `{"name":"a"}],"page":{"title":"` + strings.Repeat("x", 15_000) + `"}}`)},
	{body: zipped(strings.Repeat(" ", 50*mib)), headers: []string{"Content-Encoding", "gzip"}},
	{body: zipped(`{"name":"a","x":[` + strings.Repeat(`{"a":1},`, 16_000) + `{"a":1}]}`), headers: []string{"Content-Encoding", "gzip"}},
}

func zipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic("BUG: " + err.Error()) // a buffer takes everything
	}
	return b.Bytes()
}

const mib = 1 << 20
