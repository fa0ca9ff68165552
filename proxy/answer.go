package proxy

import (
	"errors"
	"runtime/debug"

	"github.com/valyala/fasthttp"

	"headgate/event"
	"headgate/proxy/plan"
	"headgate/proxy/refusal"
	"headgate/scripts"
	"headgate/sources"
)

// handle is fasthttp's entry: it copies the request, answers it and writes the answer.
func (s *Server) handle(ctx *fasthttp.RequestCtx) {
	defer s.survive(ctx)
	r := &incoming{lease: s.reading.Lease()}
	defer r.lease.Release()
	if err := r.read(ctx, s.now(), s.bodyLimit); err != nil {
		s.turnAway(ctx, err)
		return
	}
	answer, extra := s.answer(r)
	if s.closing.Load() || s.draining.Load() {
		ctx.SetConnectionClose()
	}
	write(ctx, answer, extra)
}

// turnAway answers a request that could not be read, and closes its connection: what follows on it may be the rest of the request.
func (s *Server) turnAway(ctx *fasthttp.RequestCtx, err error) {
	s.counts.Refused("", err)
	answer := refusal.BadRequest
	switch {
	case errors.Is(err, sources.ErrTooLarge):
		answer = refusal.TooLarge
		drainRequest(ctx.Conn())
	case errors.Is(err, sources.ErrBusy):
		answer = refusal.Busy
		drainRequest(ctx.Conn())
	case isTimeout(err):
		answer = refusal.TooSlow
	}
	ctx.SetConnectionClose()
	write(ctx, answer, nil)
}

// survive keeps a bug that one hit finds from taking the others with it: nothing of the hit was written, and its client
// is told to come again.
func (s *Server) survive(ctx *fasthttp.RequestCtx) {
	if bug := recover(); bug != nil {
		s.logger.Error("BUG: a hit could not be handled; please report it", "panic", bug, "stack", string(debug.Stack()))
		s.counts.Unwritten()
		ctx.SetConnectionClose()
		write(ctx, refusal.Unavailable, nil)
	}
}

// answer is what a hit gets; extra are the headers that are the server's and not the protocol's.
func (s *Server) answer(r *incoming) (answer sources.Answer, extra event.Headers) {
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
	if s.closing.Load() && !s.draining.Load() { // another process will have the socket: nobody is turned away
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
		return refusal.TooLong, corsHeaders(h)
	}
	if h.Method == "OPTIONS" {
		return preflight(h, source), nil
	}
	cors := corsHeaders(h)
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
		answer, cookie = page.serve(p, site, h)
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
		return refusal.TooLong, corsHeaders(h)
	}
	return s.pages.script(p, one, h, p.Limit.Visitor(h.Address)), corsHeaders(h)
}

// claimant is who answers a hit: a source, or one of our own pages where no source claims its path; nil when nobody does.
func (s *Server) claimant(p *plan.Plan, h *event.Hit) (sources.Source, page) {
	if source := p.Source(h); source != nil {
		return source, nil
	}
	if page := s.pages.find(p, plan.ClaimedMethod(h), h.Path); page != nil {
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
