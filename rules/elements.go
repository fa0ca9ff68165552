package rules

import (
	"math"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"headgate/event"
)

// pointer compiles # and #index, and the nothing before .name, inside all(), map() and the like.
func (c *compiler) pointer(n *ast.PointerNode) expression {
	at := n.Location().From
	if len(c.elements) == 0 {
		return c.mistake(at, "# is known only inside all(), any(), map() and the like", "")
	}
	depth := len(c.elements) - 1
	switch n.Name {
	case "":
		x := c.elements[depth]
		x.offset = at
		return x
	case "index":
		return numberExpression(at, "#index", func(m *Machine) int { return m.pointers[depth].index })
	}
	return c.mistake(at, "#"+n.Name+" is not known", "# is the element, #index its position")
}

// index compiles a[i]: an element of a list, counted from the end when negative, or a field whose name is computed.
func (c *compiler) index(base, i expression, at int) expression {
	x := c.indexOf(base, i, at)
	x.source = base.source
	return x
}

func (c *compiler) indexOf(base, i expression, at int) expression {
	name := base.called() + "[]"
	switch {
	case base.kind == nothing:
		return constant(base.offset, nothing, event.Value{})
	case base.kind == items && i.kind.fits(number):
		all := base.items
		return itemExpression(expression{kind: item, offset: base.offset, name: name, item: func(m *Machine) *event.Item {
			list := all(m)
			if k, ok := position(m, &i, len(list)); ok {
				return &list[k]
			}
			return nil
		}})
	case base.kind == events && i.kind.fits(number):
		all := base.events
		return eventExpression(expression{kind: anEvent, offset: base.offset, name: name, event: func(m *Machine) *event.Event {
			list := all(m)
			if k, ok := position(m, &i, len(list)); ok {
				return list[k]
			}
			return &m.none
		}})
	case base.key != nil || base.kind == group || base.kind == anEvent || base.kind == request || base.kind == item:
		return c.mistake(at, "the name of a field of "+base.called()+" has to be written out", base.called()+`["name"]`)
	case !base.kind.fits(list) && !base.kind.fits(object):
		return c.mistake(base.offset, base.called()+" is "+base.kind.String()+" and has no elements", "")
	case !i.kind.fits(number) && !i.kind.fits(text):
		return c.mistake(i.offset, "the position in a list is a number, the name of a field is text; this is "+i.kind.String(), "")
	}
	return expression{offset: base.offset, name: name, value: func(m *Machine) event.Value {
		v := base.value(m)
		if v.Kind() == event.Object {
			key, _ := i.asText(m)
			return v.Object().Get(key)
		}
		if k, ok := position(m, &i, len(v.List())); ok {
			return v.List()[k]
		}
		return event.Value{}
	}}
}

// position is where in a list of n elements i points to; ok is false when that is outside.
func position(m *Machine, i *expression, n int) (k int, ok bool) {
	f, ok := i.value(m).Float()
	if !ok || math.Abs(f) > 1e9 {
		return 0, false
	}
	if k = int(f); k < 0 {
		k += n
	}
	return k, k >= 0 && k < n
}

// slice compiles a[from:to] of lists, and of texts by characters.
func (c *compiler) slice(n *ast.SliceNode) expression {
	base, from, to := c.compile(n.Node), constant(0, number, event.Float(0)), constant(0, nothing, event.Value{})
	if n.From != nil {
		from = c.compile(n.From)
	}
	if n.To != nil {
		to = c.compile(n.To)
	}
	if !base.kind.fits(list) && !base.kind.fits(text) {
		return c.mistake(base.offset, base.called()+" is "+base.kind.String()+" and has no parts", "")
	}
	for _, limit := range []expression{from, to} {
		if !limit.kind.fits(number) {
			return c.mistake(limit.offset, "a position is a number, and this is "+limit.kind.String(), "")
		}
	}
	k := anything
	if base.kind == text {
		k = text
	}
	return c.fold(expression{kind: k, offset: base.offset, value: func(m *Machine) event.Value {
		v := base.value(m)
		switch v.Kind() {
		case event.List:
			a, b := bounds(m, &from, &to, len(v.List()))
			return event.ListOf(v.List()[a:b]...)
		case event.Text:
			s := v.Text()
			if !m.read(base.offset, s) {
				return event.Value{}
			}
			a, b := bounds(m, &from, &to, utf8.RuneCountInString(s))
			return event.String(characters(s, a, b))
		}
		return event.Value{}
	}}, base, from, to)
}

func bounds(m *Machine, from, to *expression, n int) (a, b int) {
	b = n
	if f, ok := from.value(m).Float(); ok {
		a = clip(f, n)
	}
	if f, ok := to.value(m).Float(); ok {
		b = clip(f, n)
	}
	return min(a, b), b
}

func clip(f float64, n int) int {
	if f < 0 {
		f += float64(n)
	}
	return int(min(max(f, 0), float64(n)))
}

// characters returns the characters of s from a up to b.
func characters(s string, a, b int) string {
	start, end, i := len(s), len(s), 0
	for at := range s {
		if i == a {
			start = at
		}
		if i == b {
			end = at
			break
		}
		i++
	}
	return s[min(start, end):end]
}
