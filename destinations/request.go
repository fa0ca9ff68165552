package destinations

import (
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"headgate/document"
	"headgate/rules"
)

// request is one compiled entry of send:.
type request struct {
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
	query   []pair
	headers []pair
	spread  *rules.Template
	auth    authorization
	format  string
	content string
	gzip    bool
	body    part
	perRow  atomic.Int64 // bytes that a row took in the last body
}

// pair is a name with a template: a header, a query parameter.
type pair struct {
	name  string
	value *rules.Template
}

func (c *compiler) pairs(o document.Ordered[*document.Node], s rules.Scope) []pair {
	out := make([]pair, 0, len(o))
	for _, e := range o {
		if t := c.template(e.Value, s); t != nil {
			out = append(out, pair{e.Key, t})
		}
	}
	return out
}

// request compiles one entry of send:. Where several events share a request, only what stands below each: =batch may speak
// of one of them.
func (c *compiler) request(s *Send, flags []Flag, most int, scope rules.Scope) *request {
	method, address := s.address()
	r := &request{name: s.Name, method: method, most: min(most, max(s.Batch.Events, s.Batch.Max, 1)), bytes: s.Batch.Bytes.Int(), format: s.Format, content: s.Type, gzip: s.Gzip}
	if r.format == "" {
		r.format = "json"
	}
	if r.content == "" {
		r.content = contentTypes[r.format]
	}
	before := len(c.mistakes)
	wide := scope.Batch()
	r.url = c.template(address, wide)
	r.dynamic = r.url.ReadsEvents()
	r.escaped()
	r.when = c.condition(s.When, scope)
	r.by = c.template(s.Batch.By, scope)
	r.query = c.pairs(s.Query, wide)
	r.headers = c.pairs(s.Headers, wide)
	r.spread = c.template(s.Spread, wide)
	r.auth = c.authorization(&s.Auth, wide)
	c.row, c.batched = nil, false
	if s.Body != nil {
		r.body = c.body(s.Body, wide)
	}
	c.flags(r, flags, scope)
	if len(c.mistakes) == before {
		c.sharing(s, address, wide)
	}
	return r
}

// sharing finds formulas that speak of one event where a request holds several, and a batch that the body does not walk.
func (c *compiler) sharing(s *Send, address *document.Node, scope rules.Scope) {
	if s.Batch.Events <= 1 && s.Batch.Max <= 1 {
		return
	}
	if s.Body != nil && !c.batched {
		c.mistakes.Add(s.At, "several events share a request, but the body has no each: =batch", "write each: =batch with as:, or leave batch: out")
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
		t, _ := c.language.Template(n, scope.Each()) // what is wrong with it is known
		if name := t.Own(); name != "" {
			c.mistakes.Add(n.At, name+" belongs to one event, but several share a request", "write it below each: =batch, or group the events with batch: {by: ...}")
		}
	}
}

// outside are the scalars of a body that stand outside of each: =batch.
func outside(n *document.Node) (scalars []*document.Node) {
	if n == nil || n.Get("each") != nil && isFormula(n.Get("each"), "batch") {
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

// flags puts what flags: sets into the event's part of the body, or into the body itself.
func (c *compiler) flags(r *request, flags []Flag, scope rules.Scope) {
	for _, flag := range flags {
		target, _ := r.body.(*object)
		if flag.At != "request" && c.row != nil {
			target = c.row
		}
		when := c.condition(flag.When, scope)
		for _, set := range flag.Set {
			p := c.body(set.Value, scope)
			if target == nil || p == nil || when == nil {
				c.mistakes.Add(set.At, "a flag sets a key of an object, on a condition", "write when: and set:, and let as: or body: build an object")
				continue
			}
			target.flag(strings.Split(set.Key, "."), conditional{when, p})
		}
	}
}

// queryEscape is url.QueryEscape that leaves the mask readable.
func queryEscape(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(s), "%2A", "*"), "+", "%20")
}
