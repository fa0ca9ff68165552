// Package sources is the face of what turns the requests of foreign protocols into events: what a protocol declares, what is read
// from a hit and how it is answered, and who has which path.
//
// The protocols are in rooms of their own, one file each and more where a protocol is large: google, segment, snowplow, product,
// analytics, meta and own (our vocabulary). What they read requests with is in reading. Webhooks, which files describe, are read by webhook.
//
// A new protocol is one file in the room that fits, which declares it (see Declaration), and its cases in testdata;
// own/pixel.go is the smallest, and docs/adding-a-source.md goes through it. Nothing else needs an edit: configuration, reference, routing, CORS, enrichment
// and consent read the declaration. A new room also gets a line in the package protocols.
//
// It promises that nothing a client sends is lost (what the vocabulary has no name for is kept under params), that one
// bad event does not cost the others of its request, and that no bytes of any kind make it panic or work without bound.
// It never does I/O, reads no clock, and believes no address that an unproven sender states.
package sources

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"headgate/event"
)

// Source reads the requests of one protocol and answers them as that protocol's clients expect. It is safe for concurrent
// use.
type Source interface {
	// Name is the protocol's key in the configuration; events carry it as their source.
	Name() string
	// Speakers says who speaks the protocol: browsers only, servers only, or anyone.
	Speakers() event.Sender
	// Claims reports whether requests of this method to this path are this source's. A preflight is asked about as the request
	// that is to follow.
	Claims(method, path string) bool
	// Read reads the events of a hit, as Protocol's does. Callers use the function Read, which also notes on the hit who sent it.
	Read(h *event.Hit) (Reading, error)
	// Answer is what the client is told once the events of r are safe; it sees them as the caller left them, ids and all.
	Answer(h *event.Hit, r Reading) Answer
	// Refuse is what the client is told instead of Answer when Read or a limit failed.
	Refuse(h *event.Hit, err error) Answer
	// Delay returns a, an answer with the status 429 or 503, in the form that the protocol's clients read.
	Delay(h *event.Hit, a Answer) Answer
	// AllowHeaders lists the request headers, in lower case, that clients of this protocol may send from another origin.
	AllowHeaders() []string
	// Signed reports whether unsigned requests are refused before anything is written, so that strangers cannot fill the log.
	Signed() bool
}

// Reading is what was found in one request.
type Reading struct {
	Events   []event.Event          // Received, Source and what the client said; ID and Time stay empty when it said nothing
	Rejected []Rejected             // events that could not be read; the others are not affected
	Proven   bool                   // a key that only the site's servers know came with the request
	Key      int                    // which of the source's configured keys the request counts for, from 1; 0 when none came with it
	State    any                    // what Answer needs to know, private to the source
	Once     *Once                  // what must not be accepted twice; nil for protocols that cannot tell
	Requests []event.PrivacyRequest // what is asked for about people; only of proven senders
	Failed   int                    // formulas of the source that failed and left their key out

	Explain   bool   // the sender has proved that it may be told what is decided about its events
	Decisions []byte // set by the server where Explain is: that, as a JSON list
}

// Once tells a request and its events from those that were taken before. The server keeps the marks of what it has written and
// takes none of them a second time.
type Once struct {
	Delivery Mark   // of the request; what comes with it again is dropped as a whole
	Events   []Mark // of each of Reading.Events, in their order
	Repeated int    // set by the server: events and requests that it left out since it has taken them before
}

// Mark is 128 bits of a SHA-256: the same for the same thing, and for nothing else.
type Mark [16]byte

// MarkOf is the mark of some texts, in their order.
func MarkOf(texts ...string) (m Mark) {
	h := sha256.New()
	var size [8]byte
	for _, text := range texts {
		binary.BigEndian.PutUint64(size[:], uint64(len(text)))
		h.Write(size[:])
		h.Write([]byte(text))
	}
	copy(m[:], h.Sum(nil))
	return m
}

// Read reads a hit by its source and notes on it who sent it.
func Read(s Source, h *event.Hit) (Reading, error) {
	r, err := s.Read(h)
	if h.Sender = s.Speakers(); r.Proven {
		h.Sender, h.Proven = event.Server, true
	}
	return r, err
}

// Rejected is one event of a request that could not be read.
type Rejected struct {
	Index int    // its place in the request, from 0
	Why   string // for the client: no values, only names and limits
}

// What a request can be refused for.
var (
	ErrMalformed = errors.New("malformed request")               // 400
	ErrKey       = errors.New("unknown write key")               // 401
	ErrSignature = errors.New("not accepted")                    // 401: a webhook's delivery that proves nothing
	ErrTooLarge  = errors.New("request too large")               // 413
	ErrBusy      = errors.New("too many large requests at once") // 503: it may be sent again
)

// Answer is an HTTP answer, but for CORS headers and the visitor's cookie, which are the server's.
type Answer struct {
	Status      int
	ContentType string
	Headers     event.Headers // names in lower case; shared between answers, not to be changed
	Body        []byte
}
