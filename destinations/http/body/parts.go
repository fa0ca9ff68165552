package body

import (
	"slices"

	"headgate/event"
	"headgate/rules"
)

// A part is a compiled piece of a body. It appends its JSON, and nothing when the result is empty: an empty text,
// list or object is left out by the part that holds it.
type part interface {
	append(b []byte, f *Frame) []byte
}

// literal is JSON that is the same for every event.
type literal []byte

func (l literal) append(b []byte, _ *Frame) []byte { return append(b, l...) }

// formula is a value that a formula yields.
type formula struct{ template *rules.Template }

func (p formula) append(b []byte, f *Frame) []byte { return appendFull(b, f.Value(p.template)) }

// text is a text that a formula yields.
type text struct{ template *rules.Template }

func (p text) append(b []byte, f *Frame) []byte {
	if s := f.Text(p.template); s != "" {
		return event.AppendString(b, s)
	}
	return b
}

// whole is the event as it is.
type whole struct{}

func (whole) append(b []byte, f *Frame) []byte { return f.Env.Event.AppendJSON(b) }

// object has members in the order written; rest adds the keys of other objects that it has no member for.
type object struct {
	members []member
	rest    *copying
}

type member struct {
	name    string
	key     []byte // "name":
	part    part   // nil when only a flag sets it
	instead []conditional
}

// conditional is what a flag puts in a member's place.
type conditional struct {
	when *rules.Formula
	part part
}

func newMember(name string, p part) member {
	return member{name: name, key: append(event.AppendString(nil, name), ':'), part: p}
}

func (o *object) append(b []byte, f *Frame) []byte {
	start := len(b)
	for i := range o.members {
		b = o.members[i].append(b, start, f)
	}
	if o.rest != nil {
		b = o.rest.appendMembers(b, start, f, o)
	}
	return closeWith(b, start, '}')
}

// append adds the key and the value, or nothing; start is where the object begins.
func (m *member) append(b []byte, start int, f *Frame) []byte {
	p := m.choose(f)
	if p == nil {
		return b
	}
	before := len(b)
	b = append(b, separator(before == start, '{'))
	b = append(b, m.key...)
	value := len(b)
	if b = p.append(b, f); len(b) == value {
		return b[:before]
	}
	return b
}

func (m *member) choose(f *Frame) part {
	for i := range m.instead {
		if f.Holds(m.instead[i].when) {
			return m.instead[i].part
		}
	}
	return m.part
}

// has reports whether the object has a member of its own for a key.
func (o *object) has(key string) bool {
	return slices.ContainsFunc(o.members, func(m member) bool { return m.name == key })
}

// flag puts a part at a path while a condition holds.
func (o *object) flag(path []string, c conditional) {
	i := slices.IndexFunc(o.members, func(m member) bool { return m.name == path[0] })
	if i < 0 {
		i = len(o.members)
		o.members = append(o.members, newMember(path[0], nil))
	}
	m := &o.members[i]
	if len(path) == 1 {
		m.instead = append(m.instead, c)
		return
	}
	inner, ok := m.part.(*object)
	if !ok {
		inner = &object{}
		m.part = inner
	}
	inner.flag(path[1:], c)
}

// list has its parts in a row; what an each: yields is spliced in.
type list []part

func (l list) append(b []byte, f *Frame) []byte {
	start := len(b)
	b = l.elements(b, start, f)
	return closeWith(b, start, ']')
}

func (l list) elements(b []byte, start int, f *Frame) []byte {
	for _, p := range l {
		if e, many := p.(elements); many {
			b = e.elements(b, start, f)
			continue
		}
		b = appendElement(b, start, func(b []byte) []byte { return p.append(b, f) })
	}
	return b
}

// positions is a list whose elements keep their places.
type positions []part

func (l positions) append(b []byte, f *Frame) []byte {
	start := len(b)
	for _, p := range l {
		b = append(b, separator(len(b) == start, '['))
		value := len(b)
		if b = p.append(b, f); len(b) == value {
			b = append(b, '"', '"')
		}
	}
	return closeWith(b, start, ']')
}

// elements are parts that yield several elements of the list they stand in, which begins at start.
type elements interface {
	part
	elements(b []byte, start int, f *Frame) []byte
}

// choice is one part or the other.
type choice struct {
	when      *rules.Formula
	then, els part // either may be nil
}

func (c *choice) append(b []byte, f *Frame) []byte {
	p := c.els
	if f.Holds(c.when) {
		p = c.then
	}
	if p == nil {
		return b
	}
	return p.append(b, f)
}

// jsonText is a text that holds the JSON of a part.
type jsonText struct{ of part }

func (t jsonText) append(b []byte, f *Frame) []byte {
	if t.of == nil {
		return b
	}
	start := len(b)
	b = t.of.append(b, f)
	if len(b) == start {
		return b
	}
	return event.AppendString(b[:start], string(b[start:]))
}
