package rules

import (
	"math"

	"headgate/event"
)

func (c *compiler) arithmetic(op string, at int, a, b expression) expression {
	if op == "+" && a.kind.fits(text) && b.kind.fits(text) && (a.kind == text || b.kind == text) {
		return c.fold(expression{kind: text, offset: at, value: func(m *Machine) event.Value { return join(m, at, a.value(m), b.value(m), &a, &b) }}, a, b)
	}
	for _, x := range []expression{a, b} {
		if !x.kind.fits(number) {
			cure := ""
			if x.kind == text && op == "+" {
				cure = "text(...) makes a text of a number, number(...) a number of a text"
			} else if x.kind == text {
				cure = "write number(" + x.called() + ")"
			}
			return c.mistake(x.offset, op+" wants numbers, and "+x.called()+" is "+x.kind.String(), cure)
		}
	}
	work := map[string]func(a, b float64) float64{"+": func(a, b float64) float64 { return a + b }, "-": func(a, b float64) float64 { return a - b },
		"*": func(a, b float64) float64 { return a * b }, "/": func(a, b float64) float64 { return a / b }, "%": math.Mod, "**": math.Pow, "^": math.Pow}[op]
	k := number
	if op == "+" && a.kind != number && b.kind != number {
		k = anything
	}
	return c.fold(expression{kind: k, offset: at, value: func(m *Machine) event.Value {
		if k == anything {
			v, w := a.value(m), b.value(m)
			if v.Kind() == event.Text || w.Kind() == event.Text {
				return join(m, at, v, w, &a, &b)
			}
		}
		f, oka := operand(m, &a)
		g, okb := operand(m, &b)
		if !oka || !okb {
			return event.Value{}
		}
		if g == 0 && (op == "/" || op == "%") {
			return m.fail(at, "division by zero", "")
		}
		r := work(f, g)
		if math.IsNaN(r) || math.IsInf(r, 0) {
			return m.fail(at, "the result of "+op+" is no number", "")
		}
		return computed(r)
	}}, a, b)
}

// computed is a number as a result: there is no minus zero, which JSON would show.
func computed(f float64) event.Value {
	if f == 0 {
		f = 0
	}
	return event.Float(f)
}

// operand reads a number that is calculated with; there is no calculating with nil.
func operand(m *Machine, x *expression) (float64, bool) {
	v := x.value(m)
	f, ok := v.Float()
	if !ok {
		switch v.Kind() {
		case event.Null:
			m.fail(x.offset, x.called()+" is nil, and there is no calculating with that", "write default("+x.called()+", 0)")
		case event.Text:
			m.fail(x.offset, x.describe(v)+", not a number", "write number("+x.called()+")")
		default:
			m.fail(x.offset, x.describe(v)+", not a number", "")
		}
	}
	return f, ok
}

// join appends one text to another; nil is no text.
func join(m *Machine, at int, v, w event.Value, a, b *expression) event.Value {
	for _, side := range []struct {
		v event.Value
		x *expression
	}{{v, a}, {w, b}} {
		switch side.v.Kind() {
		case event.Text:
		case event.Null:
			return m.fail(side.x.offset, side.x.called()+" is nil, and + appends only texts", "write default("+side.x.called()+`, "")`)
		default:
			return m.fail(side.x.offset, side.x.describe(side.v)+", and + appends only texts", "write text("+side.x.called()+")")
		}
	}
	if !m.room(at, len(v.Text())+len(w.Text())) {
		return event.Value{}
	}
	return event.String(v.Text() + w.Text())
}

// span compiles 1..n.
func (c *compiler) span(at int, a, b expression) expression {
	if !a.kind.fits(number) || !b.kind.fits(number) {
		return c.mistake(at, ".. wants numbers on both sides", "")
	}
	return c.fold(expression{kind: list, offset: at, value: func(m *Machine) event.Value {
		f, oka := operand(m, &a)
		g, okb := operand(m, &b)
		if !oka || !okb {
			return event.Value{}
		}
		f, g = math.Floor(f), math.Floor(g)
		if g-f >= maxRange {
			return m.fail(at, "the range has more than 10000 numbers", "")
		}
		vs := make([]event.Value, 0, int(max(g-f+1, 0)))
		for ; f <= g && m.spend(at, 1); f++ {
			vs = append(vs, event.Float(f))
		}
		return event.ListOf(vs...)
	}}, a, b)
}
