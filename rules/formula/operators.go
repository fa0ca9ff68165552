package formula

import (
	"math"

	"headgate/event"
)

func (c *Compiler) unary(op string, at int, x Expression) Expression {
	switch op {
	case "not", "!":
		if !x.Kind.fits(Truth) {
			return c.Mistake(at, op+" expects true or false, but "+x.Called()+" is "+x.Kind.String(), "")
		}
		not := TruthExpression(at, "", func(m *Machine) bool { return !x.asTruth(m) })
		not.bound = x.bound.Not()
		return c.Fold(not, x)
	}
	if !x.Kind.fits(Number) {
		return c.Mistake(at, op+" expects a number, but "+x.Called()+" is "+x.Kind.String(), "")
	}
	sign := 1.0
	if op == "-" {
		sign = -1
	}
	return c.Fold(Expression{Kind: Number, Offset: at, Value: func(m *Machine) event.Value {
		f, ok := operand(m, &x)
		if !ok {
			return event.Value{}
		}
		return Computed(sign * f)
	}}, x)
}

func (c *Compiler) binary(op string, at int, a, b Expression) Expression {
	switch op {
	case "and", "&&", "or", "||":
		return c.logic(op, at, a, b)
	case "==", "!=":
		return c.equality(op, at, a, b)
	case "<", "<=", ">", ">=":
		return c.order(op, at, a, b)
	case "+", "-", "*", "/", "%", "**", "^":
		return c.arithmetic(op, at, a, b)
	case "contains", "startsWith", "endsWith":
		return c.textTest(op, at, a, b)
	case "matches":
		return c.matches(at, a, b)
	case "in":
		return c.in(at, a, b)
	case "??":
		return Expression{Kind: Common(a.Kind, b.Kind), Offset: a.Offset, Value: func(m *Machine) event.Value {
			if v := a.Value(m); !v.IsNull() {
				return v
			}
			return b.Value(m)
		}}
	case "..":
		return c.span(at, a, b)
	}
	return c.Mistake(at, "the operator "+op+" is not known here", "")
}

func (c *Compiler) logic(op string, at int, a, b Expression) Expression {
	for _, x := range []Expression{a, b} {
		if !x.Kind.fits(Truth) {
			return c.Mistake(x.Offset, op+" expects true or false on both sides, but "+x.Called()+" is "+x.Kind.String(), "compare it with something: ... == ...")
		}
	}
	if op == "and" || op == "&&" {
		and := TruthExpression(at, "", func(m *Machine) bool { return a.asTruth(m) && b.asTruth(m) })
		and.bound = a.bound.And(b.bound)
		return c.Fold(and, a, b)
	}
	or := TruthExpression(at, "", func(m *Machine) bool { return a.asTruth(m) || b.asTruth(m) })
	or.bound = a.bound.Or(b.bound)
	return c.Fold(or, a, b)
}

func (c *Compiler) arithmetic(op string, at int, a, b Expression) Expression {
	if op == "+" && a.Kind.fits(Text) && b.Kind.fits(Text) && (a.Kind == Text || b.Kind == Text) {
		return c.Fold(Expression{Kind: Text, Offset: at, Value: func(m *Machine) event.Value { return join(m, at, a.Value(m), b.Value(m), &a, &b) }}, a, b)
	}
	for _, x := range []Expression{a, b} {
		if !x.Kind.fits(Number) {
			cure := ""
			if x.Kind == Text && op == "+" {
				cure = "text(...) makes a text of a number, number(...) a number of a text"
			} else if x.Kind == Text {
				cure = "write number(" + x.Called() + ")"
			}
			return c.Mistake(x.Offset, op+" expects numbers, but "+x.Called()+" is "+x.Kind.String(), cure)
		}
	}
	work := map[string]func(a, b float64) float64{"+": func(a, b float64) float64 { return a + b }, "-": func(a, b float64) float64 { return a - b },
		"*": func(a, b float64) float64 { return a * b }, "/": func(a, b float64) float64 { return a / b }, "%": math.Mod, "**": math.Pow, "^": math.Pow}[op]
	k := Number
	if op == "+" && a.Kind != Number && b.Kind != Number {
		k = Anything
	}
	return c.Fold(Expression{Kind: k, Offset: at, Value: func(m *Machine) event.Value {
		if k == Anything {
			v, w := a.Value(m), b.Value(m)
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
			return m.Fail(at, "division by zero", "")
		}
		r := work(f, g)
		if math.IsNaN(r) || math.IsInf(r, 0) {
			return m.Fail(at, "the result of "+op+" is not a number", "")
		}
		return Computed(r)
	}}, a, b)
}

// Computed is a number as a result: there is no minus zero, which JSON would show.
func Computed(f float64) event.Value {
	if f == 0 {
		f = 0
	}
	return event.Float(f)
}

// operand reads a number that is calculated with; there is no calculating with nil.
func operand(m *Machine, x *Expression) (float64, bool) {
	v := x.Value(m)
	f, ok := v.Float()
	if !ok {
		switch v.Kind() {
		case event.Null:
			m.Fail(x.Offset, x.Called()+" is nil and cannot be calculated with", "write default("+x.Called()+", 0)")
		case event.Text:
			m.Fail(x.Offset, x.describe(v)+", not a number", "write number("+x.Called()+")")
		default:
			m.Fail(x.Offset, x.describe(v)+", not a number", "")
		}
	}
	return f, ok
}

// join appends one text to another; nil is no text.
func join(m *Machine, at int, v, w event.Value, a, b *Expression) event.Value {
	for _, side := range []struct {
		v event.Value
		x *Expression
	}{{v, a}, {w, b}} {
		switch side.v.Kind() {
		case event.Text:
		case event.Null:
			return m.Fail(side.x.Offset, side.x.Called()+" is nil, but + joins only texts", "write default("+side.x.Called()+`, "")`)
		default:
			return m.Fail(side.x.Offset, side.x.describe(side.v)+", but + joins only texts", "write text("+side.x.Called()+")")
		}
	}
	if !m.Room(at, len(v.Text())+len(w.Text())) {
		return event.Value{}
	}
	return event.String(v.Text() + w.Text())
}

// span compiles 1..n.
func (c *Compiler) span(at int, a, b Expression) Expression {
	if !a.Kind.fits(Number) || !b.Kind.fits(Number) {
		return c.Mistake(at, ".. expects numbers on both sides", "")
	}
	return c.Fold(Expression{Kind: List, Offset: at, Value: func(m *Machine) event.Value {
		f, oka := operand(m, &a)
		g, okb := operand(m, &b)
		if !oka || !okb {
			return event.Value{}
		}
		f, g = math.Floor(f), math.Floor(g)
		if g-f >= maxRange {
			return m.Fail(at, "the range has more than 10000 numbers", "")
		}
		vs := make([]event.Value, 0, int(max(g-f+1, 0)))
		for ; f <= g && m.Spend(at, 1); f++ {
			vs = append(vs, event.Float(f))
		}
		return event.ListOf(vs...)
	}}, a, b)
}
