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

	"headgate/enrich"
	"headgate/event"
	"headgate/proxy/admission"
	"headgate/queue"
	"headgate/sources"
)

// walk takes one hit through the plan: read → enrich → consent → rules → log → answer.
func (s *Server) walk(p *Plan, site *Site, source sources.Source, r *incoming, from admission.Visitor) (sources.Answer, event.Headers) {
	h := &r.Hit
	reading, err := sources.Read(source, h)
	if err != nil {
		return s.unread(source, h, err), nil
	}
	if !p.keys.Ask(source.Name(), reading.Key, h.Received) {
		s.counts.refused(source.Name(), errKey)
		return source.Delay(h, tooMany), nil
	}
	claim := s.once.Claim(&reading)
	defer claim.Release()
	if err := r.hold(reading.Events, s.bodyLimit); err != nil {
		return s.unread(source, h, err), nil
	}
	if err := s.ask(reading.Requests); err != nil {
		return source.Delay(h, unavailable), nil
	}
	s.counts.read(source.Name(), &reading)
	s.counts.again(source.Name(), reading.Once)
	p.unread.look(p.Policy, h.Cookie)

	visit := p.Enricher.Visit(h)
	w := newWalker(p, h, site, s.watchers.watched() || reading.Explain)
	w.live, w.flows = s, p.flows[site]
	defer w.release()
	for i := range reading.Events {
		s.ids.complete(h, site, &reading.Events[i])
		w.take(&visit, &reading.Events[i])
	}
	if more := len(w.bytes) - len(h.Query) - len(h.Body); more > 0 && !from.Spend(more, h.Received) {
		s.counts.refused(source.Name(), errRate)
		return source.Delay(h, tooMany), nil
	}

	switch err := s.log.Append(context.Background(), w.entries); {
	case errors.Is(err, queue.ErrTooLarge):
		return s.unread(source, h, errUnfit), nil
	case err != nil:
		return source.Delay(h, s.cannotAccept(err)), nil
	}
	w.count()
	claim.Keep(h.Received)
	s.counts.formulas(w.failed + reading.Failed)
	w.show(&s.watchers)
	if reading.Explain {
		reading.Decisions = w.decisions()
	}
	return source.Answer(h, reading), visit.Cookies(site.CookieDomain)
}

// take brings one event from the source to its entry in the log.
func (w *walker) take(visit *enrich.Visit, e *event.Event) {
	w.begin(e)
	visit.Describe(e)
	w.classified(visit, e)
	w.arrived.note(w.plan.Policy.Suppression, e, visit.BrowserID(e))
	w.origin.Take(e)
	w.ask(e, w.arrived.ids)
	w.notice(visit, e)
	visit.Identify(e)
	w.origin.Address = w.plan.Enricher.Truncate(e)
	w.decide(e)
}
