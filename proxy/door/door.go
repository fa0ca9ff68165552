// Package door takes requests in and gives answers out: it copies each request once, within limits of memory and time, and refuses
// what is no request. It is all that knows fasthttp and certificates, and knows no source.
package door

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"headgate/config"
	"headgate/proxy/admission"
	"headgate/proxy/counts"
	"headgate/sources"
)

// Options are what a door needs.
type Options struct {
	Limits *config.Limits    // they hold until a restart: fasthttp cannot change them while it serves
	Budget *admission.Budget // what the hits may hold that are being read and written to the log
	Answer func(*Incoming) sources.Answer
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

// Close ends what is open: from now on hits are refused, and connections end with their next answer.
func (d *Door) Close() { d.closing.Store(true) }

// Closed reports whether close was called.
func (d *Door) Closed() bool { return d.closing.Load() }

// Refusing reports whether hits are refused since it is closed. After drain another process will have the socket: nobody is turned
// away.
func (d *Door) Refusing() bool { return d.closing.Load() && !d.draining.Load() }
