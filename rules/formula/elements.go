package formula

import (
	"math"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"headgate/event"
)

// pointer compiles # and #index, and the nothing before .name, inside all(), map() and the like.
func (c *Compiler) pointer(n *ast.PointerNode) Expression {
	at := n.Location().From
	if len(c.elements) == 0 {
		return c.Mistake(at, "# is known only inside all(), any(), map() and the like", "")
	}
	depth := len(c.elements) - 1
	switch n.Name {
	case "":
		x := c.elements[depth]
		x.Offset = at
		return x
	case "index":
		return numberExpression(at, "#index", func(m *Machine) int { return m.pointers[depth].index })
	}
	return c.Mistake(at, "#"+n.Name+" is not known", "# is the element, #index its position")
}

// Index compiles a[i]: an element of a list, counted from the end when negative, or a field whose name is computed.
func (c *Compiler) Index(base, i Expression, at int) Expression {
	x := c.indexOf(base, i, at)
	x.source = base.source
	return x
}

func (c *Compiler) indexOf(base, i Expression, at int) Expression {
	name := base.Called() + "[]"
	switch {
	case base.Kind == Nothing:
		return Constant(base.Offset, Nothing, event.Value{})
	case base.Kind == items && i.Kind.fits(Number):
		all := base.Items
		return itemExpression(Expression{Kind: item, Offset: base.Offset, Name: name, item: func(m *Machine) *event.Item {
			list := all(m)
			if k, ok := position(m, &i, len(list)); ok {
				return &list[k]
			}
			return nil
		}})
	case base.Kind == events && i.Kind.fits(Number):
		all := base.Events
		return eventExpression(Expression{Kind: AnEvent, Offset: base.Offset, Name: name, Event: func(m *Machine) *event.Event {
			list := all(m)
			if k, ok := position(m, &i, len(list)); ok {
				return list[k]
			}
			return &m.none
		}})
	case base.key != nil || base.Kind == group || base.Kind == AnEvent || base.Kind == request || base.Kind == item:
		return c.Mistake(at, "the name of a field of "+base.Called()+" has to be written out", base.Called()+`["name"]`)
	case !base.Kind.fits(List) && !base.Kind.fits(Object):
		return c.Mistake(base.Offset, base.Called()+" is "+base.Kind.String()+" and has no elements", "")
	case !i.Kind.fits(Number) && !i.Kind.fits(Text):
		return c.Mistake(i.Offset, "the position in a list is a number, the name of a field is text; this is "+i.Kind.String(), "")
	}
	return Expression{Offset: base.Offset, Name: name, Value: func(m *Machine) event.Value {
		v := base.Value(m)
		if v.Kind() == event.Object {
			key, _ := i.AsText(m)
			return v.Object().Get(key)
		}
		if k, ok := position(m, &i, len(v.List())); ok {
			return v.List()[k]
		}
		return event.Value{}
	}}
}

// position is where in a list of n elements i points to; ok is false when that is outside.
func position(m *Machine, i *Expression, n int) (k int, ok bool) {
	f, ok := i.Value(m).Float()
	if !ok || math.Abs(f) > 1e9 {
		return 0, false
	}
	if k = int(f); k < 0 {
		k += n
	}
	return k, k >= 0 && k < n
}

// slice compiles a[from:to] of lists, and of texts by characters.
func (c *Compiler) slice(base, from, to Expression) Expression {
	if !base.Kind.fits(List) && !base.Kind.fits(Text) {
		return c.Mistake(base.Offset, base.Called()+" is "+base.Kind.String()+" and has no parts", "")
	}
	for _, limit := range []Expression{from, to} {
		if !limit.Kind.fits(Number) {
			return c.Mistake(limit.Offset, "a position is a number, and this is "+limit.Kind.String(), "")
		}
	}
	k := Anything
	if base.Kind == Text {
		k = Text
	}
	return c.Fold(Expression{Kind: k, Offset: base.Offset, Value: func(m *Machine) event.Value {
		v := base.Value(m)
		switch v.Kind() {
		case event.List:
			a, b := bounds(m, &from, &to, len(v.List()))
			return event.ListOf(v.List()[a:b]...)
		case event.Text:
			s := v.Text()
			if !m.Read(base.Offset, s) {
				return event.Value{}
			}
			a, b := bounds(m, &from, &to, utf8.RuneCountInString(s))
			return event.String(characters(s, a, b))
		}
		return event.Value{}
	}}, base, from, to)
}

func bounds(m *Machine, from, to *Expression, n int) (a, b int) {
	b = n
	if f, ok := from.Value(m).Float(); ok {
		a = clip(f, n)
	}
	if f, ok := to.Value(m).Float(); ok {
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
