// Package proxy is the running thing: it takes hits in, decides about their events, writes them to the log, answers, and
// delivers. Start at walk below: it is the way of one hit through the product.
//
// It promises that a success is answered only after the events are on disk, that every event ends in exactly one state
// per destination, that one destination never holds up another, and that a reload happens whole or not at all. It knows
// no vendor and no protocol: those are data of destinations and sources.
package proxy

import (
	"context"
	"errors"

	"headgate/proxy/admission"
	"headgate/proxy/decide"
	"headgate/proxy/door"
	"headgate/proxy/plan"
	"headgate/proxy/refusal"
	"headgate/queue"
	"headgate/sources"
)

// walk takes one hit through the plan: read → enrich → consent → rules → log → answer.
func (s *Server) walk(p *plan.Plan, site *plan.Site, source sources.Source, r *door.Incoming, from admission.Visitor) sources.Answer {
	h := &r.Hit
	reading, err := sources.Read(source, h)
	if err != nil {
		return s.unread(source, h, err)
	}
	if !p.Keys.Ask(source.Name(), reading.Key, h.Received) {
		s.counts.Refused(source.Name(), refusal.ErrKey)
		return source.Delay(h, refusal.TooMany)
	}
	claim := s.once.Claim(&reading)
	defer claim.Release()
	if err := r.Hold(reading.Events); err != nil {
		return s.unread(source, h, err)
	}
	if err := s.ask(reading.Requests); err != nil {
		return source.Delay(h, refusal.Unavailable)
	}
	s.counts.Read(source.Name(), &reading)
	s.counts.Again(source.Name(), reading.Once)
	p.Unread.Look(p.Policy, h.Cookie)

	visit := p.Enricher.Visit(h)
	interest := s.watchers.Interest(len(reading.Events), h.Received)
	r.Kept = interest.Traces() || reading.Explain
	w := decide.New(p, h, site, r.Kept)
	w.CountInto(s.counts, s.subjects)
	defer w.Release()
	for i := range reading.Events {
		s.ids.Complete(h, site, &reading.Events[i])
		w.Take(&visit, &reading.Events[i])
	}
	entries, size := w.Written()
	if more := size - len(h.Query) - len(h.Body); more > 0 && !from.Spend(more, h.Received) {
		s.counts.Refused(source.Name(), refusal.ErrRate)
		return source.Delay(h, refusal.TooMany)
	}

	switch err := s.log.Append(context.Background(), entries); {
	case errors.Is(err, queue.ErrTooLarge):
		return s.unread(source, h, refusal.ErrUnfit)
	case err != nil:
		return source.Delay(h, s.cannotAccept())
	}
	w.Count()
	claim.Keep(h.Received)
	s.counts.Formulas(w.Failures() + reading.Failed)
	traces, _ := w.Shown()
	s.watchers.Show(traces, len(reading.Events), h, interest)
	if reading.Explain {
		reading.Decisions = w.Decisions()
	}
	r.Extra = visit.Cookies(r.Extra, site.CookieDomain)
	return source.Answer(h, reading)
}
