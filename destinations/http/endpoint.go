package http

import (
	"net/url"
	"slices"
	"sync/atomic"

	"headgate/destinations/catalog"
	"headgate/destinations/http/auth"
	"headgate/destinations/http/body"
	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// endpoint is one compiled entry of send:: where requests go, what they contain and how events share them.
type endpoint struct {
	name    string
	method  string
	url     *rules.Template
	address string // the URL, when it is the same for all events
	shown   string // the same with secrets masked
	dynamic bool   // the URL depends on the event
	when    *rules.Formula
	by      *rules.Template
	most    int // events of one request
	bytes   int // of one body, 0: no limit
	query   []body.Pair
	headers []body.Pair
	spread  *rules.Template
	auth    auth.Auth
	format  string
	content string
	gzip    bool
	body    *body.Body
	perRow  atomic.Int64 // bytes that a row took in the last body
}

// endpoint compiles one entry of send:. Where several events share a request, only what stands below each: =batch may speak
// of one of them.
func (c *compiler) endpoint(s *catalog.Send, flags []catalog.Flag, most int, scope rules.Scope) *endpoint {
	method, address := s.Address()
	e := &endpoint{name: s.Name, method: method, most: min(most, max(s.Batch.Events, s.Batch.Max, 1)), bytes: s.Batch.Bytes.Int(), format: s.Format, content: s.Type, gzip: s.Gzip}
	if e.format == "" {
		e.format = "json"
	}
	if e.content == "" {
		e.content = contentTypes[e.format]
	}
	before := len(c.Mistakes)
	wide := scope.Batch()
	e.url = c.Template(address, wide)
	if e.dynamic = e.url.ReadsEvents(); e.dynamic {
		// A slash or a question mark of an event would change the address. What comes from settings alone stays as written.
		e.url.EscapeEvents(url.PathEscape)
	}
	e.when = c.Condition(s.When, scope)
	e.by = c.Template(s.Batch.By, scope)
	e.query = body.CompilePairs(c.Formulas, s.Query, wide)
	e.headers = body.CompilePairs(c.Formulas, s.Headers, wide)
	e.spread = c.Template(s.Spread, wide)
	e.auth = auth.Compile(c.Formulas, &s.Auth, wide)
	e.body = body.Compile(c.Formulas, s.Body, wide)
	for _, flag := range flags {
		e.body.Flag(c.Formulas, flag, scope)
	}
	if len(c.Mistakes) == before {
		c.sharing(s, address, e.body.Batched, wide)
	}
	return e
}

// write writes the body in its format. broken reports that a line of a body of lines holds a line break.
func (e *endpoint) write(f *body.Frame) (_ []byte, broken bool) {
	// Room for what a row took last time and a little more: growing copies all that was written.
	written := e.body.Append(make([]byte, 0, (int(e.perRow.Load())+64)*len(f.Rows)), f)
	e.perRow.Store(int64(len(written)/len(f.Rows)) * 9 / 8)
	return inFormat(e.format, written)
}

// addHeaders adds the headers of the file.
func (e *endpoint) addHeaders(hs event.Headers, f *body.Frame) event.Headers {
	for _, h := range e.headers {
		hs = body.SetHeader(hs, h.Name, f.Text(h.Value))
	}
	if e.spread != nil {
		for _, p := range f.Value(e.spread).Object() {
			hs = body.SetHeader(hs, p.Key, p.Value.Text())
		}
	}
	return hs
}

// sharing finds formulas about one event where a request has several, and a batch that the body does not walk.
func (c *compiler) sharing(s *catalog.Send, address *document.Node, batched bool, scope rules.Scope) {
	if s.Batch.Events <= 1 && s.Batch.Max <= 1 {
		return
	}
	if s.Body != nil && !batched {
		c.Mistakes.Add(s.At, "several events share a request, but the body has no each: =batch", "write each: =batch with as:, or leave batch: out")
		return
	}
	if s.Batch.By != nil {
		return // all events of a request have something in common
	}
	nodes := []*document.Node{address, s.Spread}
	for _, e := range slices.Concat(s.Query, s.Headers) {
		nodes = append(nodes, e.Value)
	}
	for _, n := range append(nodes, outside(s.Body)...) {
		t, _ := c.Language.Template(n, scope.Each()) // what is wrong with it is known
		if name := t.Own(); name != "" {
			c.Mistakes.Add(n.At, name+" belongs to one event, but several share a request", "write it below each: =batch, or group the events with batch: {by: ...}")
		}
	}
}

// outside are the scalars of a body that stand outside of each: =batch.
func outside(n *document.Node) (scalars []*document.Node) {
	if n == nil || n.Get("each") != nil && body.IsFormula(n.Get("each"), "batch") {
		return nil
	}
	for _, item := range n.Items {
		scalars = append(scalars, outside(item)...)
	}
	for _, f := range n.Fields {
		scalars = append(scalars, outside(f.Value)...)
	}
	if n.Kind == document.Text {
		scalars = append(scalars, n)
	}
	return scalars
}
