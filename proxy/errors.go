package proxy

import (
	"errors"
	"fmt"

	"headgate/event"
	"headgate/proxy/delivery"
	"headgate/sources"
)

// What the server returns when it could not do what the admin side asked.
var (
	ErrNotFound    = delivery.ErrNotFound
	ErrStale       = errors.New("the configuration was changed meanwhile: read it again")
	ErrReadOnly    = errors.New("the files of the configuration cannot be written by this process: apply the patch where they come from")
	ErrUnavailable = errors.New("not available now")
)

// errRequest is a request that no browser sends: answered with 400 and a closed connection, since what follows on the
// connection may be smuggled.
var errRequest = errors.New("malformed request")

// Requests that are refused before a source sees them.
var (
	errOrigin = errors.New("origin not allowed")
	errRate   = errors.New("too much from one address")
	errKey    = errors.New("too much under one key")
	errSpace  = errors.New("the log has room for known visitors only")
	errHost   = errors.New("a host that no site names")
)

// Events that the log does not take: to send them again would not help.
var (
	errUnfit = fmt.Errorf("%w: its events do not fit into the log", sources.ErrTooLarge)
	errLarge = fmt.Errorf("%w: an event takes too much memory", sources.ErrTooLarge)
)

var (
	badRequest  = problem(400, "malformed request")
	forbidden   = problem(403, "this origin is none of the site's: add it to sites: origins:")
	notFound    = problem(404, "no source listens on this path")
	tooLong     = problem(414, "the address is too long")
	tooSlow     = problem(408, "the request came too slowly")
	tooLarge    = problem(413, "request too large")
	misdirected = problem(421, "no site has this host: add it to sites: hosts:")
	tooMany     = later(429, "too many requests", "1")
	busy        = later(503, "too many large requests at once", "1")
	unavailable = later(503, "not accepting events now", "5")
)

// later is a problem that will pass after that many seconds.
func later(status int, fact, seconds string) sources.Answer {
	a := problem(status, fact)
	a.Headers = event.Headers{{Name: "retry-after", Value: seconds}}
	return a
}

func problem(status int, fact string) sources.Answer {
	return sources.Answer{Status: status, ContentType: "application/json", Body: append(event.AppendString([]byte(`{"error":`), fact), '}')}
}

// unread refuses a hit whose events are not taken.
func (s *Server) unread(source sources.Source, h *event.Hit, err error) sources.Answer {
	s.counts.refused(source.Name(), err)
	if errors.Is(err, sources.ErrBusy) {
		return source.Delay(h, busy)
	}
	return source.Refuse(h, err)
}

// cannotAccept answers a hit that could not be written: the client keeps it and comes again.
func (s *Server) cannotAccept(err error) sources.Answer {
	s.counts.unwritten(err)
	return unavailable
}
