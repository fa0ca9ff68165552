package proxy

import (
	"errors"

	"headgate/event"
	"headgate/proxy/delivery"
	"headgate/proxy/refusal"
	"headgate/sources"
)

// What the server returns when it could not do what the admin side asked.
var (
	ErrNotFound    = delivery.ErrNotFound
	ErrUnavailable = errors.New("not available now")
)

// unread refuses a hit whose events are not taken.
func (s *Server) unread(source sources.Source, h *event.Hit, err error) sources.Answer {
	s.counts.Refused(source.Name(), err)
	if errors.Is(err, sources.ErrBusy) {
		return source.Delay(h, refusal.Busy)
	}
	return source.Refuse(h, err)
}

// cannotAccept answers a hit that could not be written: the client keeps it and comes again.
func (s *Server) cannotAccept() sources.Answer {
	s.counts.Unwritten()
	return refusal.Unavailable
}
