package formula

import (
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
