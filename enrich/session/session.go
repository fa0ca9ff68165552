// Package session follows visits by GA4's definition, in a cookie, for events that say no session themselves.
//
// A session ends after 30 minutes without an event, or what the configuration says; neither midnight nor a new campaign ends it.
// Its id is the unix second of its start, its number counts the browser's sessions from 1, and it is engaged once it has lasted
// more than 10 seconds of engagement or has two page views: https://support.google.com/analytics/answer/9191807
//
// The cookie is signed, and bound to the client id, so that nobody can make up a session, or keep one beside another id. The
// package is pure.
package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// State is one session.
type State struct {
	Start      int64 // unix seconds; the session's id
	Number     int64 // 1 is the browser's first
	Last       int64 // unix seconds of the last event
	Views      int64 // page views, at most 2 are counted
	Engagement int64 // milliseconds, as the events say
}

// Event is what an event adds to a session.
type Event struct {
	At         time.Time
	PageView   bool
	Engagement time.Duration // since the event before; at most a day counts
}

// engagedAfter is how much engagement makes a session engaged.
const engagedAfter = 10 * time.Second

// Engaged reports whether the session counts as engaged.
func (s State) Engaged() bool {
	return s.Views >= 2 || time.Duration(s.Engagement)*time.Millisecond > engagedAfter
}

// ID is the session's id.
func (s State) ID() string { return strconv.FormatInt(s.Start, 10) }

// Next returns the session that an event belongs to: the same one, or a new one when it comes later than timeout after the last.
// The zero State has no session yet.
func (s State) Next(e Event, timeout time.Duration) State {
	now := e.At.Unix()
	if s.Number == 0 || e.At.Sub(time.Unix(s.Last, 0)) > timeout {
		s = State{Start: now, Number: s.Number + 1}
	}
	s.Last = max(s.Last, now)
	if e.PageView {
		s.Views = min(s.Views+1, 2)
	}
	s.Engagement += min(max(e.Engagement, 0), 24*time.Hour).Milliseconds()
	return s
}

// Signer writes and reads the cookie. It is safe for concurrent use.
type Signer struct{ key []byte }

// NewSigner returns a signer. All machines need the same secret.
func NewSigner(secret string) *Signer {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("headgate session 1"))
	return &Signer{mac.Sum(nil)}
}

const version = "1."

// Write returns the cookie's value: 1.<start>.<number>.<last>.<views>.<engagement ms>.<signature>, of a client id.
func (g *Signer) Write(s State, clientID string) string {
	b := append(make([]byte, 0, 96), version...)
	for _, n := range [...]int64{s.Start, s.Number, s.Last, s.Views, s.Engagement} {
		b = append(strconv.AppendInt(b, n, 10), '.')
	}
	return string(append(b, g.sign(string(b), clientID)...))
}

// longest is longer than any value that Write returns.
const longest = 160

// Read returns the session in a cookie's value; ok is false when we did not write it for this client id.
func (g *Signer) Read(value, clientID string) (s State, ok bool) {
	last := strings.LastIndexByte(value, '.')
	if last < 0 || len(value) > longest || !strings.HasPrefix(value, version) {
		return s, false
	}
	if signature := g.sign(value[:last+1], clientID); !hmac.Equal([]byte(signature), []byte(value[last+1:])) {
		return s, false
	}
	parts := strings.Split(value[len(version):last], ".")
	into := [...]*int64{&s.Start, &s.Number, &s.Last, &s.Views, &s.Engagement}
	if len(parts) != len(into) {
		return State{}, false
	}
	for i, part := range parts {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil || n < 0 {
			return State{}, false
		}
		*into[i] = n
	}
	return s, s.Number > 0
}

// sign returns the first 16 bytes of the HMAC-SHA256 of a value and a client id.
func (g *Signer) sign(value, clientID string) string {
	mac := hmac.New(sha256.New, g.key)
	mac.Write([]byte(value)) // its length is known by its last dot
	mac.Write([]byte(clientID))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
