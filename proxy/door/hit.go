package door

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"headgate/event"
	"headgate/proxy/admission"
	"headgate/proxy/refusal"
	"headgate/queue"
	"headgate/sources"
)

// Incoming is a hit, what it holds of the server's memory, and what is added to its answer.
type Incoming struct {
	event.Hit
	Lease admission.Lease
	Extra event.Headers // of the answer, beside the protocol's own
	Kept  bool          // someone looks at the hit after its answer

	most     int  // bytes that a body may have
	answered bool // nothing went wrong with it
	room          // memory for the next hit
}

// read copies what the walk needs out of fasthttp's buffers, which die with the request: one allocation holds all
// texts and the body. The headers come from their raw bytes, since fasthttp drops cookies with quotes or backslashes and
// hides a Transfer-Encoding that contradicts the Content-Length. The body is read only when there is room for it.
func (r *Incoming) read(ctx *fasthttp.RequestCtx, now time.Time) error {
	req := &ctx.Request
	uri := req.Header.RequestURI()
	if p := req.Header.Protocol(); string(p) != "HTTP/1.1" && string(p) != "HTTP/1.0" {
		return refusal.ErrRequest
	}
	if len(uri) == 0 || uri[0] != '/' {
		return refusal.ErrRequest // an absolute URI's host would win over Host
	}
	parsed := req.URI() // the server has parsed it to refuse a broken one
	path, query := parsed.Path(), parsed.QueryString()
	var sent []byte // the path, where it has been changed
	if original := parsed.PathOriginal(); !bytes.Equal(original, path) {
		sent = original
	}
	host, raw := req.Header.Host(), req.Header.RawHeaders()
	if !isHost(host) {
		return refusal.ErrRequest
	}
	size := max(req.Header.ContentLength(), 0) // negative when it is chunked, or when there is no body
	if size > r.most {
		return sources.ErrTooLarge
	}
	if !r.Lease.Take(size) {
		return sources.ErrBusy
	}

	buf := make([]byte, 0, len(path)+len(sent)+len(query)+len(host)+len(raw)+size)
	keep := func(b []byte) []byte {
		start := len(buf)
		buf = append(buf, b...)
		return buf[start:len(buf):len(buf)] // buf never grows: what is kept stays where it is
	}
	r.Hit = event.Hit{
		Method:   methodName(req.Header.Method()),
		Scheme:   "http",
		Host:     event.TextOf(keep(host)),
		Path:     event.TextOf(keep(path)),
		RawPath:  event.TextOf(keep(sent)),
		Query:    event.TextOf(keep(query)),
		Received: now,
		Room:     &r.Lease,
		Headers:  r.lines[:0],
		Only:     &r.only,
		Arena:    &r.texts,
	}
	r.Extra = r.extra[:0]
	if err := readHeaders(&r.Hit, keep(raw)); err != nil {
		return err
	}
	if ctx.IsTLS() {
		r.Scheme = "https"
	}
	if tcp, ok := ctx.RemoteAddr().(*net.TCPAddr); ok {
		r.Peer = tcp.AddrPort().Addr().Unmap()
	}
	r.Address = r.Peer
	return r.readBody(req, buf[len(buf):cap(buf)])
}

// readBody reads a body into the place that was made for it, or, when its length was not announced, into one that grows.
func (r *Incoming) readBody(req *fasthttp.Request, place []byte) error {
	stream := req.BodyStream()
	if stream == nil {
		return nil
	}
	if req.Header.ContentLength() >= 0 {
		r.Body = place
		_, err := io.ReadFull(stream, place)
		return bodyError(err)
	}
	if !r.Lease.Take(r.most) {
		return sources.ErrBusy
	}
	body, err := io.ReadAll(io.LimitReader(stream, int64(r.most)+1))
	if len(body) > r.most {
		return sources.ErrTooLarge
	}
	r.Body = body
	r.Lease.Hold(len(body)) // less than it was
	return bodyError(err)
}

// bodyError distinguishes a slow client from one that sent something other than it announced.
func bodyError(err error) error {
	if err == nil || isTimeout(err) {
		return err
	}
	return refusal.ErrRequest
}

// isHost reports whether a Host is a name or an address, with or without a port (RFC 9110, section 7.2). HTTP/1.0 needs none.
func isHost(host []byte) bool {
	const longest = 255 + len(":65535")
	for _, c := range host {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-', c == '.', c == '_', c == ':', c == '[', c == ']':
		default:
			return false
		}
	}
	return len(host) <= longest
}

// readHeaders cuts raw header lines, which are the hit's to keep, into names and values, and the cookies out of them, joined
// as browsers do. It refuses what fasthttp lets through although RFC 9112 calls it an attack or an error.
func readHeaders(h *event.Hit, raw []byte) error {
	encodings, lengths := 0, 0
	for len(raw) > 0 {
		line := raw
		if end := bytes.IndexByte(raw, '\n'); end >= 0 {
			line, raw = raw[:end], raw[end+1:]
		} else {
			raw = nil
		}
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			return refusal.ErrRequest // a folded line
		}
		colon := bytes.IndexByte(line, ':')
		if colon < 0 {
			continue
		}
		name := event.TextOf(lowered(line[:colon]))
		value := strings.Trim(strings.TrimSuffix(event.TextOf(line[colon+1:]), "\r"), " \t")
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
				return refusal.ErrRequest
			}
		case "content-length":
			lengths++
		}
		h.Headers = append(h.Headers, event.Header{Name: name, Value: value})
	}
	if encodings+lengths > 1 {
		return refusal.ErrRequest
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

// Hold bounds what the events of a hit take once they are decoded, which can be far more than was sent: each of them, all of
// them, and those of all hits together.
func (r *Incoming) Hold(events []event.Event) error {
	if len(events) == 1 && r.Lease.Little() {
		return nil // what was taken to read it is more than it takes now
	}
	all := 0
	for i := range events {
		size := events[i].Size()
		if size > largestEvent*max(1, r.most>>20) {
			return refusal.ErrLarge
		}
		all += size
	}
	if all > queue.MaxAppend && len(events) > 1 {
		return refusal.ErrUnfit
	}
	if !r.Lease.Hold(len(r.Body) + 2*all) { // the events, and how the log writes them
		return sources.ErrBusy
	}
	return nil
}

// largestEvent is how many bytes of memory one event may take for every MiB that a body may have.
const largestEvent = 2 << 20

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
