package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"path/filepath"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/valyala/fasthttp"

	"headgate/event"
	"headgate/proxy/plan"
	"headgate/proxy/refusal"
	"headgate/sources"
)

// The time-outs of a client: fasthttp waits for ever by default.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 10 * time.Second
	idleTimeout  = 60 * time.Second
)

// listener makes the public server with the plan's limits. They hold until a restart: fasthttp cannot change them while
// it serves.
func (s *Server) listener(p *plan.Plan) *fasthttp.Server {
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
	s.counts.Refused("", refusal.ErrRequest)
	answer := refusal.BadRequest
	var small *fasthttp.ErrSmallBuffer
	switch {
	case errors.As(err, &small):
		answer = refusal.Problem(431, "the headers are too large")
		drainRequest(ctx.Conn())
	case isTimeout(err):
		answer = refusal.TooSlow
	}
	ctx.SetConnectionClose()
	write(ctx, answer, nil)
}

// drainRequest reads what a client is still sending, until it stops. Most clients read an answer only then, and would get none: a
// connection that is closed with unread data is reset.
func drainRequest(c net.Conn) {
	const (
		silence = time.Second
		most    = 64 << 20
	)
	end := time.Now().Add(readTimeout)
	buffer := make([]byte, 16<<10)
	for drained := 0; drained < most && time.Now().Before(end); {
		_ = c.SetReadDeadline(time.Now().Add(silence))
		n, err := c.Read(buffer)
		if err != nil {
			return
		}
		drained += n
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

// certificates returns how the public listener is secured, nil for plain HTTP. A certificate from files is the one of the
// plan in force, so that a reload replaces it; ACME's certificates are obtained before the first connection and renewed by
// themselves, proved through the TLS listener (TLS-ALPN-01).
func (s *Server) certificates(ctx context.Context) (*tls.Config, error) {
	c := s.plan.Load().Config.TLS
	switch {
	case c == nil:
		return nil, nil
	case c.ACME == nil:
		return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if pair := s.plan.Load().Certificate; pair != nil {
				return pair, nil
			}
			return nil, errors.New("the configuration in force names no certificate files; restart to serve without TLS")
		}}, nil
	}
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil },
	})
	magic = certmagic.New(cache, certmagic.Config{Storage: &certmagic.FileStorage{Path: filepath.Join(s.folder, "tls")}})
	issuer := certmagic.ACMEIssuer{Email: c.ACME.Email, CA: c.ACME.Directory, Agreed: true, DisableHTTPChallenge: true}
	if issuer.CA == "" {
		issuer.CA = certmagic.LetsEncryptProductionCA
	}
	magic.Issuers = []certmagic.Issuer{certmagic.NewACMEIssuer(magic, issuer)}
	hosts := make([]string, len(c.ACME.Hosts))
	for i, h := range c.ACME.Hosts {
		hosts[i] = h.Value
	}
	if err := magic.ManageAsync(ctx, hosts); err != nil {
		return nil, err
	}
	config := magic.TLSConfig() // names acme-tls/1 in NextProtos, without which the challenge fails silently
	config.NextProtos = append([]string{"http/1.1"}, "acme-tls/1")
	return config, nil
}
