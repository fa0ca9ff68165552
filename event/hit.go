package event

import (
	"net/netip"
	"strings"
	"time"
)

// Hit is one request as a browser or server sent it, copied once out of the HTTP server: its texts stay valid for as
// long as the events read from it.
type Hit struct {
	Method   string
	Scheme   string // http or https, as the visitor used it
	Host     string // as sent, with the port if there was one
	Path     string // percent-decoded, without dot segments and doubled slashes
	RawPath  string // as sent, where that is not Path; "" where it is
	Query    string // raw, without the question mark
	Headers  Headers
	Cookie   string // the raw Cookie header; several are joined by "; "
	Body     []byte // as sent: a source undoes its compression
	Peer     netip.Addr
	Received time.Time
	Sender   Sender   // noted by the source that reads the hit
	Stated   []Stated // noted by the source that reads the hit

	// Anonymous is noted by the source that reads the hit: the client asks that nothing of the connection tells the visitor
	// from another. Enrich takes neither the address nor an id from it, and gives none.
	Anonymous bool

	// Address is the visitor's, found behind trusted proxies, and Trusted says whether the peer was one of those, so that
	// its geo headers may be believed. Both are set by enrich; until then Address is the peer's.
	Address netip.Addr
	Trusted bool

	// From is set by the proxy, which knows the site's origins.
	From PageOrigin

	// Room is asked before much more is held for the hit than was sent; nil is no limit.
	Room Room
}

// Room is how much the hits may hold together.
type Room interface {
	// Take reports whether so many bytes more may be held for a hit. They are given back when the hit is answered.
	Take(bytes int) bool
}

// PageOrigin is what page had the visitor's browser send a hit, as far as the request itself tells.
type PageOrigin uint8

// The origins.
const (
	UnknownPage PageOrigin = iota // a server, an app, or a browser that says nothing of where it is
	OwnPage                       // a page of the site
	ForeignPage                   // a page of another site: what it states of the visitor's consent grants nothing
)

// Sender is who sent a hit, as far as its protocol or its write key tells. What the connection says (address, user agent,
// cookies) is the visitor's only where the sender is not a server.
type Sender uint8

// The senders.
const (
	Anyone  Sender = iota // a browser, an app, or a server that proved nothing
	Browser               // the visitor's own browser: nothing else speaks the protocol
	Server                // one of the site's servers, which speaks for a visitor elsewhere
)

// Headers are names in lower case and values, in the order they were sent.
type Headers []Header

// Header is one header line.
type Header struct{ Name, Value string }

// Get returns the first value of a header; name is in lower case.
func (hs Headers) Get(name string) string {
	for i := range hs {
		if hs[i].Name == name {
			return hs[i].Value
		}
	}
	return ""
}

// QueryValue returns the percent-decoded value of a query parameter; a repeated one gives its last value.
func (h *Hit) QueryValue(name string) string {
	var found string
	for rest := h.Query; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		key, value, _ := strings.Cut(pair, "=")
		if Unescape(key) == name {
			found = Unescape(value)
		}
	}
	return found
}

// CookieValue returns the raw value of the first cookie of that name and whether there is one. It scans the header by
// itself, since HTTP libraries silently drop cookies that contain a quote or a backslash.
func (h *Hit) CookieValue(name string) (string, bool) {
	for rest := h.Cookie; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, ";")
		key, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if ok && key == name {
			return value, true
		}
	}
	return "", false
}

// Unescape undoes percent-encoding and turns "+" into a space. It never fails: a broken escape stays as it is. A text
// without escapes is returned itself.
func Unescape(s string) string {
	i := strings.IndexAny(s, "%+")
	if i < 0 {
		return s
	}
	out := make([]byte, i, len(s))
	copy(out, s)
	for ; i < len(s); i++ {
		switch {
		case s[i] == '+':
			out = append(out, ' ')
		case s[i] == '%' && i+2 < len(s) && unhex[s[i+1]] < 16 && unhex[s[i+2]] < 16:
			out = append(out, unhex[s[i+1]]<<4|unhex[s[i+2]])
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return string(out)
}

var unhex = func() (t [256]byte) {
	for i := range t {
		t[i] = 255
	}
	for c := byte('0'); c <= '9'; c++ {
		t[c] = c - '0'
	}
	for c := byte('a'); c <= 'f'; c++ {
		t[c], t[c-32] = c-'a'+10, c-'a'+10
	}
	return t
}()
