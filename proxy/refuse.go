package proxy

import (
	"context"
	"errors"

	"headgate/event"
	"headgate/proxy/refusal"
	"headgate/sources"
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

// ask has carried out what a sender asks for about people. A sender that is told to come again asks for all of it again.
func (s *Server) ask(requests []event.PrivacyRequest) error {
	for _, q := range requests {
		state, err := s.subjects.Ask(context.Background(), q)
		if err != nil {
			if state == "" {
				s.logger.Error("a privacy request could not be carried out; its sender is asked to repeat it", "source", q.Source, "do", q.Do, "error", err)
			}
			s.counts.PrivacyRequest(&q, "failed")
			return err
		}
		s.counts.PrivacyRequest(&q, state)
	}
	return nil
}
