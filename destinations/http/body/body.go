// Package body compiles what a file of a destination says below body:, and writes it for a batch of events. It appends JSON;
// a key whose formula yields nothing is left out. It knows nothing of requests and does no I/O.
package body

import (
	"strings"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/document"
	"headgate/rules"
)

// Body is a compiled body:.
type Body struct {
	Batched bool // it walks the events of a request: each: =batch

	root part
	row  *object // what each: =batch builds
}

// Compile compiles a body: or what flags: sets; nil gives an empty one.
func Compile(f *destinations.Formulas, n *document.Node, s rules.Scope) *Body {
	if n == nil {
		return &Body{}
	}
	c := &compiler{Formulas: f}
	root := c.body(n, s)
	return &Body{Batched: c.batched, root: root, row: c.row}
}

// Empty reports whether nothing is ever written.
func (b *Body) Empty() bool { return b.root == nil }

// Append writes the body for the events of a frame.
func (b *Body) Append(buf []byte, f *Frame) []byte { return b.root.append(buf, f) }

// Flag puts what a flag sets into the part of the body that is about one event, or into the body itself.
func (b *Body) Flag(f *destinations.Formulas, flag catalog.Flag, s rules.Scope) {
	target, _ := b.root.(*object)
	if flag.At != "request" && b.row != nil {
		target = b.row
	}
	c := &compiler{Formulas: f}
	when := c.Condition(flag.When, s)
	for _, set := range flag.Set {
		p := c.body(set.Value, s)
		if target == nil || p == nil || when == nil {
			c.Mistakes.Add(set.At, "a flag sets a key of an object, on a condition", "write when: and set:, and let as: or body: build an object")
			continue
		}
		target.flag(strings.Split(set.Key, "."), conditional{when, p})
	}
}
