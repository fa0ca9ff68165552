// Package refusal is why a request is not taken: the error that it is counted by, and the answer that its client gets.
package refusal

import (
	"errors"
	"fmt"

	"headgate/event"
	"headgate/sources"
)

// ErrRequest is a request that no browser sends: answered with 400 and a closed connection, since what follows on the
// connection may be smuggled.
var ErrRequest = errors.New("malformed request")

// Requests that are refused before a source sees them.
var (
	ErrOrigin = errors.New("origin not allowed")
	ErrRate   = errors.New("too much from one address")
	ErrKey    = errors.New("too much under one key")
	ErrSpace  = errors.New("the log has room for known visitors only")
	ErrHost   = errors.New("a host that no site names")
)

// Events that the log does not take: to send them again would not help.
var (
	ErrUnfit = fmt.Errorf("%w: its events do not fit into the log", sources.ErrTooLarge)
	ErrLarge = fmt.Errorf("%w: an event takes too much memory", sources.ErrTooLarge)
)

// Answers to requests that no source answers for.
var (
	BadRequest  = Problem(400, "malformed request")
	Forbidden   = Problem(403, "this origin is none of the site's: add it to sites: origins:")
	NotFound    = Problem(404, "no source listens on this path")
	TooLong     = Problem(414, "the address is too long")
	TooSlow     = Problem(408, "the request came too slowly")
	TooLarge    = Problem(413, "request too large")
	Misdirected = Problem(421, "no site has this host: add it to sites: hosts:")
	TooMany     = later(429, "too many requests", "1")
	Busy        = later(503, "too many large requests at once", "1")
	Unavailable = later(503, "not accepting events now", "5")
)

// Reason is the word that a refused request is counted under.
func Reason(err error) string {
	switch {
	case errors.Is(err, ErrOrigin):
		return "origin"
	case errors.Is(err, ErrRate):
		return "rate"
	case errors.Is(err, ErrKey):
		return "key_rate"
	case errors.Is(err, ErrSpace):
		return "space"
	case errors.Is(err, ErrHost):
		return "host"
	case errors.Is(err, sources.ErrBusy):
		return "busy"
	case errors.Is(err, sources.ErrKey):
		return "key"
	case errors.Is(err, sources.ErrSignature):
		return "signature"
	case errors.Is(err, sources.ErrTooLarge):
		return "too_large"
	}
	return "malformed"
}

// later is a problem that will pass after that many seconds.
func later(status int, fact, seconds string) sources.Answer {
	a := Problem(status, fact)
	a.Headers = event.Headers{{Name: "retry-after", Value: seconds}}
	return a
}

// Problem is an answer that says what was wrong.
func Problem(status int, fact string) sources.Answer {
	return sources.Answer{Status: status, ContentType: "application/json", Body: append(event.AppendString([]byte(`{"error":`), fact), '}')}
}
