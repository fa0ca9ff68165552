package proxy

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"
	"unsafe"

	"github.com/valyala/fasthttp"

	"headgate/event"
)

// errRequest is a request that no browser sends: answered with 400 and a closed connection, since what follows on the
// connection may be smuggled.
var errRequest = errors.New("malformed request")

// readHit copies what the walk needs out of fasthttp's buffers, which die with the request: one allocation holds all
// texts and the body. The headers come from their raw bytes, since fasthttp drops cookies with quotes or backslashes and
// hides a Transfer-Encoding that contradicts the Content-Length.
func readHit(ctx *fasthttp.RequestCtx, now time.Time) (*event.Hit, error) {
	req := &ctx.Request
	raw := req.Header.RawHeaders()
	if err := wellFormed(ctx, raw); err != nil {
		return nil, err
	}
	uri, body := req.URI(), req.Body()
	path, query, host := uri.Path(), uri.QueryString(), req.Header.Host()

	buf := make([]byte, 0, len(path)+len(query)+len(host)+len(raw)+len(body))
	keep := func(b []byte) string {
		start := len(buf)
		buf = append(buf, b...)
		return unsafe.String(unsafe.SliceData(buf[start:]), len(b)) // buf never grows: its strings stay where they are
	}
	h := &event.Hit{
		Method:   methodName(req.Header.Method()),
		Scheme:   "http",
		Host:     keep(host),
		Path:     keep(path),
		Query:    keep(query),
		Received: now,
	}
	h.Headers, h.Cookie = splitHeaders(keep(lowerNames(raw)))
	start := len(buf)
	buf = append(buf, body...)
	h.Body = buf[start:len(buf):len(buf)]
	if ctx.IsTLS() {
		h.Scheme = "https"
	}
	if tcp, ok := ctx.RemoteAddr().(*net.TCPAddr); ok {
		h.Peer = tcp.AddrPort().Addr().Unmap()
	}
	h.Address = h.Peer
	return h, nil
}

// wellFormed refuses what fasthttp lets through although RFC 9112 calls it an attack or an error.
func wellFormed(ctx *fasthttp.RequestCtx, raw []byte) error {
	header := &ctx.Request.Header
	if p := header.Protocol(); string(p) != "HTTP/1.1" && string(p) != "HTTP/1.0" {
		return errRequest
	}
	if uri := header.RequestURI(); len(uri) == 0 || uri[0] != '/' {
		return errRequest // an absolute URI's host would win over Host
	}
	var encodings, lengths int
	for rest := raw; len(rest) > 0; {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			return errRequest // a folded line
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case len(name) == len("Transfer-Encoding") && bytes.EqualFold(name, []byte("Transfer-Encoding")):
			encodings++
			if !bytes.EqualFold(bytes.TrimSpace(value), []byte("chunked")) {
				return errRequest
			}
		case len(name) == len("Content-Length") && bytes.EqualFold(name, []byte("Content-Length")):
			lengths++
		}
	}
	if encodings > 1 || lengths > 1 || encodings+lengths > 1 {
		return errRequest
	}
	return nil
}

// lowerNames lowers the names of raw header lines where they stand: fasthttp has parsed them already.
func lowerNames(raw []byte) []byte {
	name := true
	for i, c := range raw {
		switch {
		case c == '\n':
			name = true
		case c == ':':
			name = false
		case name && 'A' <= c && c <= 'Z':
			raw[i] = c + 'a' - 'A'
		}
	}
	return raw
}

// splitHeaders cuts raw header lines into names and values, and the cookies out of them, joined as browsers do.
func splitHeaders(raw string) (headers event.Headers, cookie string) {
	headers = make(event.Headers, 0, strings.Count(raw, "\n")+1)
	for rest := raw; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\r"), ":")
		if !ok {
			continue
		}
		value = strings.Trim(value, " \t")
		switch {
		case name != "cookie":
			headers = append(headers, event.Header{Name: name, Value: value})
		case cookie == "":
			cookie = value
		default:
			cookie += "; " + value
		}
	}
	return headers, cookie
}

// methodName returns the constant of a usual method, so that it needs no copy.
func methodName(m []byte) string {
	for _, known := range [...]string{"GET", "POST", "OPTIONS", "HEAD"} {
		if string(m) == known {
			return known
		}
	}
	return string(m)
}

// addressOf is the visitor's address as a key of the rate limit: an IPv6 visitor owns a /64.
func addressOf(h *event.Hit) netip.Addr {
	if h.Address.Is6() {
		if p, err := h.Address.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return h.Address
}
