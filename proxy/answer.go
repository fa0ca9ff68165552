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

// answer is what a hit gets; extra are the headers that are the server's and not the protocol's.
func (s *Server) answer(r *door.Incoming) (answer sources.Answer, extra event.Headers) {
	h, p := &r.Hit, s.plan.Load()
	if h.Path == "/healthz" { // a probe calls us by any name
		return s.health(), nil
	}
	site, named := p.Site(h.Host)
	if !named {
		s.counts.Refused("", refusal.ErrHost)
		return refusal.Misdirected, nil
	}
	if answer, ok := fixed(h.Path); ok {
		return answer, nil
	}
	if s.door.Refusing() {
		return refusal.Unavailable, nil
	}
	source, page := s.claimant(p, h)
	if source == nil {
		if one := p.Scripts.Find(h.Path); one != nil {
			return s.script(p, site, one, h)
		}
		return refusal.NotFound, nil
	}
	p.Enricher.Client(h)
	h.From = site.PageOf(h)
	if h.From == event.ForeignPage && h.Headers.Get("origin") != "" {
		s.counts.Refused(source.Name(), refusal.ErrOrigin)
		return refusal.Forbidden, nil
	}
	if len(h.Query) > p.Config.Limits.URL.Int() {
		s.counts.Refused(source.Name(), sources.ErrTooLarge)
		return refusal.TooLong, door.CORS(h)
	}
	if h.Method == "OPTIONS" {
		return door.Preflight(h, source), nil
	}
	cors := door.CORS(h)
	from := p.Limit.Visitor(h.Address)
	if s.nearlyFull() {
		if !source.Signed() && !p.Enricher.Knows(h) {
			s.counts.Refused(source.Name(), refusal.ErrSpace)
			return source.Delay(h, refusal.Unavailable), cors
		}
		from = from.WhenFull()
	}
	if !from.Ask(len(h.Query)+len(h.Body), h.Received) {
		s.counts.Refused(source.Name(), refusal.ErrRate)
		return source.Delay(h, refusal.TooMany), cors
	}
	var cookie event.Headers
	if page != nil {
		answer, cookie = page.Serve(p, site, h)
	} else {
		answer, cookie = s.walk(p, site, source, r, from)
	}
	return answer, append(cors, cookie...)
}

// script answers for a vendor's script, which pages of other sites do not get.
func (s *Server) script(p *plan.Plan, site *plan.Site, one *scripts.Script, h *event.Hit) (sources.Answer, event.Headers) {
	p.Enricher.Client(h)
	h.From = site.PageOf(h)
	switch {
	case h.From == event.ForeignPage:
		s.counts.Refused("scripts", refusal.ErrOrigin)
		return refusal.Forbidden, nil
	case len(h.Query) > p.Config.Limits.URL.Int():
		s.counts.Refused("scripts", sources.ErrTooLarge)
		return refusal.TooLong, door.CORS(h)
	}
	return s.pages.Script(p, one, h, p.Limit.Visitor(h.Address)), door.CORS(h)
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
