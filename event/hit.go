package event

import (
	"net/netip"
	"strings"
	"time"

	"headgate/event/wire"
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
	Proven   bool     // noted by the source that reads the hit: a key or a signature shows it to be the site's own server's
	Stated   []Stated // noted by the source that reads the hit

	// Anonymous is noted by the source that reads the hit: the client asks that nothing of the connection identify the
	// visitor. Enrich takes neither the address nor an id from it, and gives none.
	Anonymous bool

	// Address is the visitor's, found behind trusted proxies, and Trusted says whether the peer was one of those, so that
	// its geo headers may be believed. Both are set by enrich; until then Address is the peer's.
	Address netip.Addr
	Trusted bool

	// From is set by the proxy, which knows the site's origins.
	From PageOrigin

	// Room is asked before much more is held for the hit than was sent; nil is no limit.
	Room Room

	// Only is memory for the event of a hit that has one, and Arena for what its texts are made with; nil where there is none. Both last
	// as long as the hit, the texts as long as anyone holds them.
	Only  *[1]Event
	Arena *Arena
}

// Texts returns where texts are made for the events of the hit, the first of which make room for that many bytes.
func (h *Hit) Texts(size int) *Arena {
	if h.Arena == nil {
		h.Arena = new(Arena)
	}
	if h.Arena.Size == 0 {
		h.Arena.Size = size
	}
	return h.Arena
}

// Single returns room for the event of a hit that has one. What outlives the hit needs a copy of the event.
func (h *Hit) Single() []Event {
	if h.Only == nil {
		return make([]Event, 1)
	}
	return h.Only[:]
}

// Room is how much the hits may hold together.
type Room interface {
	// Take reports whether that many more bytes may be held for a hit. They are returned when the hit is answered.
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

// AddHeader adds a header line of a request that someone describes, by its name in any case: Cookie and Host have fields of
// their own, and cookies of several lines are joined as browsers do.
func (h *Hit) AddHeader(name, value string) {
	switch name = strings.ToLower(name); {
	case name == "host":
		h.Host = value
	case name != "cookie":
		h.Headers = append(h.Headers, Header{Name: name, Value: value})
	case h.Cookie != "":
		h.Cookie += "; " + value
	default:
		h.Cookie = value
	}
}

// QueryValue returns the percent-decoded value of a query parameter; a repeated one gives its last value.
func (h *Hit) QueryValue(name string) string {
	var found string
	for rest := h.Query; rest != ""; {
		var key, value string
		_, key, value, rest = wire.CutPair(rest)
		if wire.Unescape(key) == name {
			found = wire.Unescape(value)
		}
	}
	return found
}

// CookieValue returns the raw value of the first cookie of that name and whether there is one.
func (h *Hit) CookieValue(name string) (string, bool) {
	for rest := h.Cookie; rest != ""; {
		var key, value string
		var ok bool
		if key, value, rest, ok = wire.CutCookie(rest); ok && key == name {
			return value, true
		}
	}
	return "", false
}
