package rules

import (
	"github.com/expr-lang/expr/ast"

	"headgate/event"
)

func (c *compiler) unary(n *ast.UnaryNode) expression {
	at, x := n.Location().From, c.compile(n.Node)
	switch n.Operator {
	case "not", "!":
		if !x.kind.fits(truth) {
			return c.mistake(at, n.Operator+" wants true or false, and "+x.called()+" is "+x.kind.String(), "")
		}
		not := truthExpression(at, "", func(m *Machine) bool { return !x.asTruth(m) })
		not.bound = x.bound.not()
		return c.fold(not, x)
	}
	if !x.kind.fits(number) {
		return c.mistake(at, n.Operator+" wants a number, and "+x.called()+" is "+x.kind.String(), "")
	}
	sign := 1.0
	if n.Operator == "-" {
		sign = -1
	}
	return c.fold(expression{kind: number, offset: at, value: func(m *Machine) event.Value {
		f, ok := operand(m, &x)
		if !ok {
			return event.Value{}
		}
		return computed(sign * f)
	}}, x)
}

func (c *compiler) binary(n *ast.BinaryNode) expression {
	at := n.Location().From
	a, b := c.compile(n.Left), c.compile(n.Right)
	switch op := n.Operator; op {
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
		return expression{kind: common(a.kind, b.kind), offset: a.offset, value: func(m *Machine) event.Value {
			if v := a.value(m); !v.IsNull() {
				return v
			}
			return b.value(m)
		}}
	case "..":
		return c.span(at, a, b)
	}
	return c.mistake(at, "the operator "+n.Operator+" is not known here", "")
}

func (c *compiler) logic(op string, at int, a, b expression) expression {
	for _, x := range []expression{a, b} {
		if !x.kind.fits(truth) {
			return c.mistake(x.offset, op+" wants true or false on both sides, and "+x.called()+" is "+x.kind.String(), "compare it with something: ... == ...")
		}
	}
	if op == "and" || op == "&&" {
		and := truthExpression(at, "", func(m *Machine) bool { return a.asTruth(m) && b.asTruth(m) })
		and.bound = a.bound.and(b.bound)
		return c.fold(and, a, b)
	}
	or := truthExpression(at, "", func(m *Machine) bool { return a.asTruth(m) || b.asTruth(m) })
	or.bound = a.bound.or(b.bound)
	return c.fold(or, a, b)
}
