package proxy

import (
	"headgate/event"
	"headgate/proxy/door"
	"headgate/proxy/pages"
	"headgate/proxy/plan"
	"headgate/proxy/refusal"
	"headgate/scripts"
	"headgate/sources"
)

// answer is what a hit gets.
func (s *Server) answer(r *door.Incoming) sources.Answer {
	h, p := &r.Hit, s.plan.Load()
	if h.Path == "/healthz" { // a probe calls us by any name
		return s.health()
	}
	site, named := p.Site(h.Host)
	if !named {
		s.counts.Refused("", refusal.ErrHost)
		return refusal.Misdirected
	}
	if answer, ok := fixed(h.Path); ok {
		return answer
	}
	if s.door.Refusing() {
		return refusal.Unavailable
	}
	source, page := s.claimant(p, h)
	if source == nil {
		if one := p.Scripts.Find(h.Path); one != nil {
			return s.script(p, site, one, r)
		}
		return refusal.NotFound
	}
	p.Enricher.Client(h)
	h.From = site.PageOf(h)
	if h.From == event.ForeignPage && h.Headers.Get("origin") != "" {
		s.counts.Refused(source.Name(), refusal.ErrOrigin)
		return refusal.Forbidden
	}
	r.AllowPage()
	if len(h.Query) > p.Config.Limits.URL.Int() {
		s.counts.Refused(source.Name(), sources.ErrTooLarge)
		return refusal.TooLong
	}
	if h.Method == "OPTIONS" {
		return r.Preflight(source)
	}
	from := p.Limit.Visitor(h.Address)
	if s.nearlyFull() {
		if !source.Signed() && !p.Enricher.Knows(h) {
			s.counts.Refused(source.Name(), refusal.ErrSpace)
			return source.Delay(h, refusal.Unavailable)
		}
		from = from.WhenFull()
	}
	if !from.Ask(len(h.Query)+len(h.Body), h.Received) {
		s.counts.Refused(source.Name(), refusal.ErrRate)
		return source.Delay(h, refusal.TooMany)
	}
	if page != nil {
		answer, cookies := page.Serve(p, site, h)
		r.Extra = append(r.Extra, cookies...)
		return answer
	}
	return s.walk(p, site, source, r, from)
}

// script answers for a vendor's script, which pages of other sites do not get.
func (s *Server) script(p *plan.Plan, site *plan.Site, one *scripts.Script, r *door.Incoming) sources.Answer {
	h := &r.Hit
	p.Enricher.Client(h)
	if h.From = site.PageOf(h); h.From == event.ForeignPage {
		s.counts.Refused("scripts", refusal.ErrOrigin)
		return refusal.Forbidden
	}
	r.AllowPage()
	if len(h.Query) > p.Config.Limits.URL.Int() {
		s.counts.Refused("scripts", sources.ErrTooLarge)
		return refusal.TooLong
	}
	return s.pages.Script(p, one, h, p.Limit.Visitor(h.Address))
}

// claimant is who answers a hit: a source, or one of our own pages where no source claims its path; nil when nobody does.
func (s *Server) claimant(p *plan.Plan, h *event.Hit) (sources.Source, pages.Page) {
	if source := p.Source(h); source != nil {
		return source, nil
	}
	if page := s.pages.Find(p, plan.ClaimedMethod(h), h.Path); page != nil {
		return page, page
	}
	return nil, nil
}

func (s *Server) health() sources.Answer {
	if err := s.Accepting(); err != nil {
		return refusal.Problem(503, err.Error())
	}
	return sources.Answer{Status: 200, ContentType: "text/plain; charset=utf-8", Body: []byte("ok\n")}
}

// fixed answers the few paths that belong to no source.
func fixed(path string) (sources.Answer, bool) {
	switch path {
	case "/robots.txt":
		return sources.Answer{Status: 200, ContentType: "text/plain; charset=utf-8", Body: []byte("User-agent: *\nDisallow: /\n")}, true
	case "/.well-known/gpc.json":
		// Says that the signal is honoured. The names of its members are unconfirmed: W3C's draft of December 2024.
		return sources.Answer{Status: 200, ContentType: "application/json", Body: []byte(`{"gpc":true,"lastUpdate":"2026-11-22"}`)}, true
	}
	return sources.Answer{}, false
}
