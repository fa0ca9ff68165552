package door

import (
	"errors"
	"net"
	"runtime/debug"
	"time"

	"github.com/valyala/fasthttp"

	"headgate/event"
	"headgate/proxy/refusal"
	"headgate/sources"
)

// handle is fasthttp's entry: it copies the request, answers it and writes the answer.
func (d *Door) handle(ctx *fasthttp.RequestCtx) {
	defer d.survive(ctx)
	r := lease(d.options.Budget, d.options.Limits.Body.Int())
	defer r.release()
	if err := r.read(ctx, d.options.Now()); err != nil {
		d.turnAway(ctx, err)
		return
	}
	answer := d.options.Answer(r)
	if d.closing.Load() || d.draining.Load() {
		ctx.SetConnectionClose()
	}
	write(ctx, answer, r.Extra)
	r.answered = true
}

// turnAway answers a request that could not be read, and closes its connection: what follows on it may be the rest of the request.
func (d *Door) turnAway(ctx *fasthttp.RequestCtx, err error) {
	d.options.Counts.Refused("", err)
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
func (d *Door) survive(ctx *fasthttp.RequestCtx) {
	if bug := recover(); bug != nil {
		d.options.Logger.Error("BUG: a hit could not be handled; please report it", "panic", bug, "stack", string(debug.Stack()))
		d.options.Counts.Unwritten()
		ctx.SetConnectionClose()
		write(ctx, refusal.Unavailable, nil)
	}
}

// unreadable answers what fasthttp could not read as a request.
func (d *Door) unreadable(ctx *fasthttp.RequestCtx, err error) {
	d.options.Counts.Refused("", refusal.ErrRequest)
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
