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
	w := newWalker(p, h, site, s.watchers.watched())
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
	return source.Answer(h, reading), visit.Cookies(site.CookieDomain)
}

// Events that the log does not take: to send them again would not help.
var (
	errUnfit = fmt.Errorf("%w: its events do not fit into the log", sources.ErrTooLarge)
	errLarge = fmt.Errorf("%w: an event takes too much memory", sources.ErrTooLarge)
)

// hold bounds what the events of a hit take once they are decoded, which can be far more than was sent: each of them, all of
// them, and those of all hits together.
func (r *incoming) hold(events []event.Event, bodyLimit int) error {
	if len(events) == 1 && r.lease.Little() {
		return nil // what was taken to read it is more than it takes now
	}
	all := 0
	for i := range events {
		size := events[i].Size()
		if size > largestEvent*max(1, bodyLimit>>20) {
			return errLarge
		}
		all += size
	}
	if all > queue.MaxAppend && len(events) > 1 {
		return errUnfit
	}
	if !r.lease.Hold(len(r.Body) + 2*all) { // the events, and how the log writes them
		return sources.ErrBusy
	}
	return nil
}

// largestEvent is how many bytes of memory one event may take for every MiB that a body may have.
const largestEvent = 2 << 20

// unread refuses a hit whose events are not taken.
func (s *Server) unread(source sources.Source, h *event.Hit, err error) sources.Answer {
	s.counts.refused(source.Name(), err)
	if errors.Is(err, sources.ErrBusy) {
		return source.Delay(h, busy)
	}
	return source.Refuse(h, err)
}

// ask has carried out what a sender asks for about people. A sender that is told to come again asks for all of it again.
func (s *Server) ask(requests []event.PrivacyRequest) error {
	for _, q := range requests {
		state, err := s.subjects.Ask(context.Background(), q)
		if err != nil {
			if state == "" {
				s.logger.Error("a privacy request could not be carried out; its sender is asked to repeat it", "source", q.Source, "do", q.Do, "error", err)
			}
			s.counts.asked.WithLabelValues(q.Source, string(q.Do), "failed").Inc()
			return err
		}
		s.counts.asked.WithLabelValues(q.Source, string(q.Do), state).Inc()
	}
	return nil
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

// cannotAccept answers a hit that could not be written: the client keeps it and comes again.
func (s *Server) cannotAccept(err error) sources.Answer {
	s.counts.unwritten(err)
	return unavailable
}
