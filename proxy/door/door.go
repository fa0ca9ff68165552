// Package door takes requests in and gives answers out: it copies each request once, within limits of memory and time, and refuses
// what is no request. It is all that knows fasthttp and certificates, and knows no source.
package door

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"headgate/config"
	"headgate/event"
	"headgate/proxy/admission"
	"headgate/proxy/counts"
	"headgate/sources"
)

// Options are what a door needs.
type Options struct {
	Limits *config.Limits                                               // they hold until a restart: fasthttp cannot change them while it serves
	Budget *admission.Budget                                            // what the hits may hold that are being read and written to the log
	Answer func(*Incoming) (answer sources.Answer, extra event.Headers) // extra are the headers that are not the protocol's
	Counts *counts.Counts
	Logger *slog.Logger
	Now    func() time.Time
}

// Door is the public listener.
type Door struct {
	options Options
	http    *fasthttp.Server

	listener atomic.Pointer[admission.Listener] // nil until serve
	draining atomic.Bool                        // each connection ends with its next answer, which is as good as ever
	closing  atomic.Bool
}

// The time-outs of a client: fasthttp waits for ever by default.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 10 * time.Second
	idleTimeout  = 60 * time.Second
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

// Close ends what is open: from now on hits are refused, and connections end with their next answer.
func (d *Door) Close() { d.closing.Store(true) }

// Closed reports whether close was called.
func (d *Door) Closed() bool { return d.closing.Load() }

// Refusing reports whether hits are refused since it is closed. After drain another process will have the socket: nobody is turned
// away.
func (d *Door) Refusing() bool { return d.closing.Load() && !d.draining.Load() }

// Shutdown returns when the hits under way have their answers, or when ctx ends.
func (d *Door) Shutdown(ctx context.Context) error {
	d.Close()
	return d.http.ShutdownWithContext(ctx)
}

// quiet swallows fasthttp's own log: broken connections are the internet's daily noise, and are counted.
type quiet struct{}

// Printf does nothing.
func (quiet) Printf(string, ...any) {}
