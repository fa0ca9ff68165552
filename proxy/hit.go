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
	uri := req.Header.RequestURI()
	if p := req.Header.Protocol(); string(p) != "HTTP/1.1" && string(p) != "HTTP/1.0" {
		return nil, errRequest
	}
	if len(uri) == 0 || uri[0] != '/' {
		return nil, errRequest // an absolute URI's host would win over Host
	}
	parsed := req.URI() // the server has parsed it to refuse a broken one
	path, query := parsed.Path(), parsed.QueryString()
	host, raw, body := req.Header.Host(), req.Header.RawHeaders(), req.Body()

	buf := make([]byte, 0, len(path)+len(query)+len(host)+len(raw)+len(body))
	keep := func(b []byte) []byte {
		start := len(buf)
		buf = append(buf, b...)
		return buf[start:len(buf):len(buf)] // buf never grows: what is kept stays where it is
	}
	h := &event.Hit{
		Method:   methodName(req.Header.Method()),
		Scheme:   "http",
		Host:     textOf(keep(host)),
		Path:     textOf(keep(path)),
		Query:    textOf(keep(query)),
		Received: now,
	}
	if err := readHeaders(h, keep(raw)); err != nil {
		return nil, err
	}
	h.Body = keep(body)
	if ctx.IsTLS() {
		h.Scheme = "https"
	}
	if tcp, ok := ctx.RemoteAddr().(*net.TCPAddr); ok {
		h.Peer = tcp.AddrPort().Addr().Unmap()
	}
	h.Address = h.Peer
	return h, nil
}

// textOf is b as a text; b must not change any more.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// readHeaders cuts raw header lines, which are the hit's to keep, into names and values, and the cookies out of them, joined
// as browsers do. It refuses what fasthttp lets through although RFC 9112 calls it an attack or an error.
func readHeaders(h *event.Hit, raw []byte) error {
	h.Headers = make(event.Headers, 0, bytes.Count(raw, []byte("\n"))+1)
	encodings, lengths := 0, 0
	for len(raw) > 0 {
		line := raw
		if end := bytes.IndexByte(raw, '\n'); end >= 0 {
			line, raw = raw[:end], raw[end+1:]
		} else {
			raw = nil
		}
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			return errRequest // a folded line
		}
		colon := bytes.IndexByte(line, ':')
		if colon < 0 {
			continue
		}
		name := textOf(lowered(line[:colon]))
		value := strings.Trim(strings.TrimSuffix(textOf(line[colon+1:]), "\r"), " \t")
		switch name {
		case "cookie":
			if h.Cookie != "" {
				value = h.Cookie + "; " + value
			}
			h.Cookie = value
			continue
		case "transfer-encoding":
			encodings++
			if !strings.EqualFold(value, "chunked") {
				return errRequest
			}
		case "content-length":
			lengths++
		}
		h.Headers = append(h.Headers, event.Header{Name: name, Value: value})
	}
	if encodings+lengths > 1 {
		return errRequest
	}
	return nil
}

// lowered makes the letters of a header's name small, where they stand.
func lowered(name []byte) []byte {
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			name[i] = c + 'a' - 'A'
		}
	}
	return name
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
