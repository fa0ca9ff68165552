package door

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"time"

	"github.com/valyala/fasthttp"

	"headgate/proxy/admission"
)

// New returns a door that nobody comes through yet.
func New(o Options) *Door {
	d := &Door{options: o}
	d.http = &fasthttp.Server{
		Handler:                      d.handle,
		ErrorHandler:                 d.unreadable,
		Logger:                       quiet{},
		NoDefaultServerHeader:        true,
		SecureErrorLogMessage:        true,
		ReadBufferSize:               o.Limits.Headers.Int(),
		MaxRequestBodySize:           o.Limits.Body.Int(),
		StreamRequestBody:            true, // read by incoming.read, when there is room for it
		DisablePreParseMultipartForm: true,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		CloseOnShutdown:              true,
	}
	return d
}

// Serve answers the hits of a listener until shutdown. secured is nil for plain HTTP.
func (d *Door) Serve(l net.Listener, trusted func(netip.Addr) bool, secured *tls.Config) error {
	admitted := admission.Connections(l, d.options.Limits, trusted, d.options.Logger)
	d.listener.Store(admitted)
	if d.closing.Load() { // shut down before it began
		return l.Close()
	}
	l = admitted
	if secured != nil {
		l = tls.NewListener(l, secured)
	}
	err := d.http.Serve(l)
	if d.closing.Load() {
		return nil
	}
	return err
}

// Drain makes way for a process that has the same listening socket or will have it: connections that come now wait for it in
// the system's queue. Those that are open are answered as ever and close with the answer. It returns when none is open any
// more, or when the rest has been idle for a moment; shutdown has to follow.
func (d *Door) Drain(ctx context.Context) {
	const patience, look = time.Second, 20 * time.Millisecond
	d.draining.Store(true)
	if l := d.listener.Load(); l != nil {
		l.Pause()
	}
	end := time.NewTimer(patience)
	defer end.Stop()
	again := time.NewTicker(look)
	defer again.Stop()
	for d.http.GetOpenConnectionsCount() > 0 {
		select {
		case <-ctx.Done():
			return
		case <-end.C:
			return
		case <-again.C:
		}
	}
}

// Shutdown returns when the hits under way have their answers, or when ctx ends.
func (d *Door) Shutdown(ctx context.Context) error {
	d.Close()
	err := d.http.ShutdownWithContext(ctx)
	if l := d.listener.Load(); l != nil {
		_ = l.Close() // of a Serve that has just begun; otherwise it is closed
	}
	return err
}

// quiet swallows fasthttp's own log: broken connections are the internet's daily noise, and are counted.
type quiet struct{}

// Printf does nothing.
func (quiet) Printf(string, ...any) {}
