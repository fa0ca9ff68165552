package destinations

import (
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"headgate/document"
	"headgate/event"
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
	r.dynamic = len(eventNames(address)) > 0
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
		c.sharing(s, address)
	}
	return r
}

// sharing finds formulas that speak of one event where a request holds several, and a batch that the body does not walk.
func (c *compiler) sharing(s *Send, address *document.Node) {
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
		for _, name := range eventNames(n) {
			c.mistakes.Add(n.At, name+" belongs to one event, but several share a request", "write it below each: =batch, or group the events with batch: {by: ...}")
			break
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

// eventNames lists the names of the event's vocabulary that the formulas of a text begin with: "page" of "=page.url".
func eventNames(n *document.Node) (names []string) {
	if n == nil || n.Kind != document.Text {
		return nil
	}
	for _, formula := range formulasOf(n.Text) {
		for _, name := range rootNames(formula) {
			if vocabulary(name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// formulasOf are the formulas in a text: all of it after "=", or what stands in braces.
func formulasOf(text string) (formulas []string) {
	if whole, ok := strings.CutPrefix(text, "="); ok {
		return []string{whole}
	}
	text = strings.NewReplacer("{{", "", "}}", "").Replace(text)
	for {
		_, rest, ok := strings.Cut(text, "{")
		if !ok {
			return formulas
		}
		inner, after, ok := strings.Cut(rest, "}")
		if !ok {
			return formulas
		}
		formulas, text = append(formulas, inner), after
	}
}

// rootNames are the names in a formula that follow no dot and call nothing.
func rootNames(formula string) (names []string) {
	for i := 0; i < len(formula); {
		c := formula[i]
		switch {
		case c == '"' || c == '\'' || c == '`':
			i++
			for i < len(formula) && formula[i] != c {
				if formula[i] == '\\' && c != '`' {
					i++
				}
				i++
			}
			i++
		case isLetter(c):
			start := i
			for i < len(formula) && (isLetter(formula[i]) || formula[i] >= '0' && formula[i] <= '9') {
				i++
			}
			after := strings.TrimLeft(formula[i:], " ")
			if (start == 0 || formula[start-1] != '.' && formula[start-1] != '#') && !strings.HasPrefix(after, "(") && (!strings.HasPrefix(after, ":") || strings.Contains(formula[:start], "?")) {
				names = append(names, formula[start:i])
			}
		default:
			i++
		}
	}
	return names
}

func isLetter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func vocabulary(name string) bool {
	if name == "theirs" || name == "event" {
		return true
	}
	return slices.ContainsFunc(event.Fields, func(f event.Field) bool {
		root, _, _ := strings.Cut(f.Path, ".")
		return root == name
	})
}

// queryEscape is url.QueryEscape that leaves the mask readable.
func queryEscape(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(s), "%2A", "*"), "+", "%20")
}
