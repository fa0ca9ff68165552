package proxy

import (
	"errors"
	"log/slog"
	"net"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"headgate/config"
	"headgate/event"
	"headgate/proxy/admission"
	"headgate/proxy/delivery"
	"headgate/queue"
	"headgate/sources"
)

// Server is a running Headgate: a plan that reloads replace, the log, a delivery per destination, and the public
// listener.
type Server struct {
	path   string // of the configuration
	env    config.Env
	deps   config.Deps
	folder string // of the log and what else is kept
	logger *slog.Logger
	now    func() time.Time

	plan       atomic.Pointer[Plan]
	reload     reloading
	log        *queue.Log
	deliveries *delivery.Deliveries
	subjects   Subjects
	watchers   watchers
	counts     *counts
	ids        ids

	nearlyFull func() bool      // of the log
	reading    admission.Budget // what the hits hold that are being read and written to the log
	bodyLimit  int

	http    *fasthttp.Server
	closing atomic.Bool
	ready   atomic.Bool
	stopped chan struct{} // closed when the walk has ended for good
}

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
	if s.closing.Load() {
		ctx.SetConnectionClose()
	}
	write(ctx, answer, extra)
}

// turnAway answers a request that could not be read, and closes its connection: what follows on it may be the rest of the request.
func (s *Server) turnAway(ctx *fasthttp.RequestCtx, err error) {
	s.counts.refused("", err)
	answer := badRequest
	switch {
	case errors.Is(err, sources.ErrTooLarge):
		answer = tooLarge
		hearOut(ctx.Conn())
	case errors.Is(err, sources.ErrBusy):
		answer = busy
		hearOut(ctx.Conn())
	case isTimeout(err):
		answer = tooSlow
	}
	ctx.SetConnectionClose()
	write(ctx, answer, nil)
}

// survive keeps a bug that one hit finds from taking the others with it: nothing of the hit was written, and its client
// is told to come again.
func (s *Server) survive(ctx *fasthttp.RequestCtx) {
	if bug := recover(); bug != nil {
		s.logger.Error("BUG: a hit could not be handled; please report it", "panic", bug, "stack", string(debug.Stack()))
		s.counts.full.Inc()
		ctx.SetConnectionClose()
		write(ctx, unavailable, nil)
	}
}

// answer is what a hit gets; extra are the headers that are the server's and not the protocol's.
func (s *Server) answer(r *incoming) (answer sources.Answer, extra event.Headers) {
	h, p := &r.Hit, s.plan.Load()
	if h.Path == "/healthz" { // a probe calls us by any name
		return s.health(), nil
	}
	site, named := p.site(h.Host)
	if !named {
		s.counts.refused("", errHost)
		return misdirected, nil
	}
	if page, ok := page(h.Path); ok {
		return page, nil
	}
	if s.closing.Load() {
		return unavailable, nil
	}
	source := p.source(h)
	if page := (choicePage{}); source == nil && page.Claims(claimed(h), h.Path) {
		source = page
	}
	if source == nil {
		return notFound, nil
	}
	p.Enricher.Client(h)
	h.From = site.pageOf(h)
	if h.From == event.ForeignPage && h.Headers.Get("origin") != "" {
		s.counts.refused(source.Name(), errOrigin)
		return forbidden, nil
	}
	if len(h.Query) > p.Config.Limits.URL.Int() {
		s.counts.refused(source.Name(), sources.ErrTooLarge)
		return tooLong, corsHeaders(h)
	}
	if h.Method == "OPTIONS" {
		return preflight(h, source), nil
	}
	cors := corsHeaders(h)
	from := p.limit.Visitor(h.Address)
	if s.nearlyFull() {
		if !p.Enricher.Knows(h) {
			s.counts.refused(source.Name(), errSpace)
			return source.Delay(h, unavailable), cors
		}
		from = from.WhenFull()
	}
	if !from.Ask(len(h.Query)+len(h.Body), h.Received) {
		s.counts.refused(source.Name(), errRate)
		return source.Delay(h, tooMany), cors
	}
	var cookie event.Headers
	if source == sources.Source(choicePage{}) {
		answer, cookie = s.choose(p, site, h)
	} else {
		answer, cookie = s.walk(p, site, source, r, from)
	}
	return answer, append(cors, cookie...)
}

// Requests that are refused before a source sees them.
var (
	errOrigin = errors.New("origin not allowed")
	errRate   = errors.New("too much from one address")
	errSpace  = errors.New("the log has room for known visitors only")
	errHost   = errors.New("a host that no site names")
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

// later is a problem that will pass after so many seconds.
func later(status int, fact, seconds string) sources.Answer {
	a := problem(status, fact)
	a.Headers = event.Headers{{Name: "retry-after", Value: seconds}}
	return a
}

func problem(status int, fact string) sources.Answer {
	return sources.Answer{Status: status, ContentType: "application/json", Body: append(event.AppendString([]byte(`{"error":`), fact), '}')}
}

func (s *Server) health() sources.Answer {
	if err := s.Accepting(); err != nil {
		return problem(503, err.Error())
	}
	return sources.Answer{Status: 200, ContentType: "text/plain; charset=utf-8", Body: []byte("ok\n")}
}

// page answers the few addresses that are nobody's protocol.
func page(path string) (sources.Answer, bool) {
	switch path {
	case "/robots.txt":
		return sources.Answer{Status: 200, ContentType: "text/plain; charset=utf-8", Body: []byte("User-agent: *\nDisallow: /\n")}, true
	case "/.well-known/gpc.json":
		// Says that the signal is honoured. The names of its members are unconfirmed: W3C's draft of December 2024.
		return sources.Answer{Status: 200, ContentType: "application/json", Body: []byte(`{"gpc":true,"lastUpdate":"2026-11-22"}`)}, true
	}
	return sources.Answer{}, false
}

func write(ctx *fasthttp.RequestCtx, a sources.Answer, extra event.Headers) {
	r := &ctx.Response
	r.SetStatusCode(a.Status)
	if a.ContentType != "" {
		r.Header.SetContentType(a.ContentType)
	} else {
		r.Header.SetNoDefaultContentType(true)
	}
	r.Header.DisableNormalizing() // the names are ours
	for _, h := range a.Headers {
		r.Header.Add(h.Name, h.Value)
	}
	for _, h := range extra {
		r.Header.Add(h.Name, h.Value)
	}
	r.SetBodyRaw(a.Body)
}

// The time-outs of a client: fasthttp waits for ever by default.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 10 * time.Second
	idleTimeout  = 60 * time.Second
)

// listener makes the public server with the plan's limits. They hold until a restart: fasthttp cannot change them while
// it serves.
func (s *Server) listener(p *Plan) *fasthttp.Server {
	limits := p.Config.Limits
	return &fasthttp.Server{
		Handler:                      s.handle,
		ErrorHandler:                 s.unreadable,
		Logger:                       quiet{},
		NoDefaultServerHeader:        true,
		SecureErrorLogMessage:        true,
		ReadBufferSize:               limits.Headers.Int(),
		MaxRequestBodySize:           limits.Body.Int(),
		StreamRequestBody:            true, // read by incoming.read, when there is room for it
		DisablePreParseMultipartForm: true,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		CloseOnShutdown:              true,
	}
}

// unreadable answers what fasthttp could not read as a request.
func (s *Server) unreadable(ctx *fasthttp.RequestCtx, err error) {
	s.counts.refused("", errRequest)
	answer := badRequest
	var small *fasthttp.ErrSmallBuffer
	switch {
	case errors.As(err, &small):
		answer = problem(431, "the headers are too large")
		hearOut(ctx.Conn())
	case isTimeout(err):
		answer = tooSlow
	}
	ctx.SetConnectionClose()
	write(ctx, answer, nil)
}

// hearOut reads what a client is still sending, until it falls silent. Most clients look for an answer only then, and would
// see none: a connection that is closed with something unread in it is reset.
func hearOut(c net.Conn) {
	const (
		silence = time.Second
		most    = 64 << 20
	)
	end := time.Now().Add(readTimeout)
	buffer := make([]byte, 16<<10)
	for heard := 0; heard < most && time.Now().Before(end); {
		_ = c.SetReadDeadline(time.Now().Add(silence))
		n, err := c.Read(buffer)
		if err != nil {
			return
		}
		heard += n
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// quiet swallows fasthttp's own log: broken connections are the internet's daily noise, and are counted.
type quiet struct{}

// Printf does nothing.
func (quiet) Printf(string, ...any) {}

// Accepting returns nil while the log accepts events, else the reason why it does not.
func (s *Server) Accepting() error {
	if s.closing.Load() {
		return errors.New("shutting down")
	}
	return s.log.Healthy()
}

// Ready returns nil once the listener is up, until shutdown begins.
func (s *Server) Ready() error {
	if !s.ready.Load() {
		return errors.New("starting")
	}
	return s.Accepting()
}

// source is the one that claims a hit, nil when none does.
func (p *Plan) source(h *event.Hit) sources.Source {
	method := claimed(h)
	for _, source := range p.Sources {
		if source.Claims(method, h.Path) {
			return source
		}
	}
	return nil
}

// claimed is the method that sources are asked about: of a preflight, that of the request which is to follow.
func claimed(h *event.Hit) string {
	switch {
	case h.Method != "OPTIONS":
		return h.Method
	case h.Headers.Get("access-control-request-method") == "GET": // a settings file that is asked for with a key in a header
		return "GET"
	}
	return "POST"
}

// site is the one that a host belongs to, and whether there is one. Without any sites, all hosts share one without a name.
func (p *Plan) site(host string) (*Site, bool) {
	if len(p.sites) == 0 {
		return &noSite, true
	}
	if site, named := p.sites[hostname(host)]; named {
		return site, true
	}
	return &noSite, false
}

var noSite Site
