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
	"fmt"

	"headgate/enrich"
	"headgate/event"
	"headgate/queue"
	"headgate/sources"
)

// walk takes one hit through the plan: read → enrich → consent → rules → log → answer.
func (s *Server) walk(p *Plan, site *Site, source sources.Source, h *event.Hit) (sources.Answer, event.Headers) {
	reading, err := sources.Read(source, h)
	if err != nil {
		s.counts.refused(source.Name(), err)
		return source.Refuse(h, err), nil
	}
	if len(reading.Events) > 1 && sizeOf(reading.Events) > queue.MostBytes {
		return s.unfit(source, h), nil
	}
	s.counts.read(source.Name(), len(reading.Events), len(reading.Rejected))
	p.unread.look(p.Policy, h.Cookie)

	visit := p.Enricher.Visit(h)
	w := newWalker(p, h, site, s.watchers.watched())
	w.live = s
	defer w.release()
	for i := range reading.Events {
		s.ids.complete(h, site, &reading.Events[i])
		w.take(&visit, &reading.Events[i])
	}

	switch err := s.log.Append(context.Background(), w.entries); {
	case errors.Is(err, queue.ErrTooLarge):
		return s.unfit(source, h), nil
	case err != nil:
		return s.cannotAccept(err), nil
	}
	s.counts.formulas(w.failed)
	w.show(&s.watchers)
	return source.Answer(h, reading), setCookies(&visit, site)
}

// sizeOf is far more than was sent when many events share what was sent once.
func sizeOf(events []event.Event) (n int) {
	for i := range events {
		n += events[i].Size()
	}
	return n
}

// unfit refuses a hit whose events together are more than the log takes: to come again would not help.
func (s *Server) unfit(source sources.Source, h *event.Hit) sources.Answer {
	err := fmt.Errorf("%w: its events do not fit into the log", sources.ErrTooLarge)
	s.counts.refused(source.Name(), err)
	return source.Refuse(h, err)
}

// take brings one event from the source to its entry in the log.
func (w *walker) take(visit *enrich.Visit, e *event.Event) {
	w.begin(e)
	visit.Describe(e)
	w.arrived.note(w.plan.Policy.Suppression, e, visit.BrowserID(e))
	w.origin.Event = *e
	record := w.plan.Policy.ResolveFor(w.hit, e, w.arrived.ids)
	if w.live != nil {
		w.live.noticed(w, visit, e, &record)
	}
	visit.Identify(e)
	w.origin.Address = w.plan.Enricher.Truncate(e)
	found := w.plan.Policy.Scrub(e, &w.scrubbed)
	if w.live != nil {
		w.live.counts.scrubbed(&found)
	}
	w.decide(e, &record)
}

// cannotAccept answers a hit that could not be written: the client keeps it and comes again.
func (s *Server) cannotAccept(err error) sources.Answer {
	s.counts.unwritten(err)
	return unavailable
}

var unavailable = sources.Answer{Status: 503, ContentType: "application/json",
	Headers: event.Headers{{Name: "retry-after", Value: "5"}}, Body: []byte(`{"error":"not accepting events now"}`)}
