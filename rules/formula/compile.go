package formula

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"headgate/event"
	"headgate/rules/advice"
)

// compile compiles a node and everything below it. The caller uses the whole result.
func (c *Compiler) compile(n ast.Node) Expression { return c.use(c.part(n)) }

// part compiles a node and everything below it. The caller uses only a part of the result and notes which.
func (c *Compiler) part(n ast.Node) Expression {
	at := n.Location().From
	// The parser counts what is written; a < b < c is compiled as a < b and b < c, and b may hold such a chain again.
	if c.nodes++; c.nodes > 4*maxNodes {
		if c.nodes == 4*maxNodes+1 {
			c.Mistake(at, "comparisons are nested too deep here", "write a < b and b < c instead of a < b < c")
		}
		return Constant(at, Anything, event.Value{})
	}
	switch n := n.(type) {
	case *ast.NilNode, *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.StringNode:
		return literal(at, n)
	case *ast.IdentifierNode:
		return c.identifier(n)
	case *ast.MemberNode:
		return c.compileMember(n)
	case *ast.ChainNode:
		return c.part(n.Node)
	case *ast.PointerNode:
		return c.pointer(n)
	case *ast.SliceNode:
		return c.compileSlice(n)
	case *ast.UnaryNode:
		return c.unary(n.Operator, at, c.compile(n.Node))
	case *ast.BinaryNode:
		a, b := c.compile(n.Left), c.compile(n.Right)
		return c.binary(n.Operator, at, a, b)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.VariableDeclaratorNode:
		return c.let(n)
	case *ast.ArrayNode:
		return c.array(n)
	case *ast.MapNode:
		return c.mapping(n)
	case *ast.CallNode:
		return c.call(n)
	case *ast.BuiltinNode:
		return c.named(at, n.Name, n.Arguments)
	case *ast.SequenceNode:
		return c.Mistake(at, "a formula is one expression", "remove the ;")
	case *ast.BytesNode:
		return c.Mistake(at, "b\"...\" is not known here", "write \"...\"")
	}
	return c.Mistake(at, "this is not allowed here", "")
}

// literal is a value that is written out.
func literal(at int, n ast.Node) Expression {
	switch n := n.(type) {
	case *ast.BoolNode:
		return Constant(at, Truth, event.Boolean(n.Value))
	case *ast.IntegerNode:
		v, _ := event.ValueOf(n.Value)
		return Constant(at, Number, v)
	case *ast.FloatNode:
		return Constant(at, Number, event.Float(n.Value))
	case *ast.StringNode:
		return Constant(at, Text, event.String(n.Value))
	}
	return Constant(at, Nothing, event.Value{})
}

func (c *Compiler) conditional(n *ast.ConditionalNode) Expression {
	cond, yes, no := c.compile(n.Cond), c.compile(n.Exp1), c.compile(n.Exp2)
	if !cond.Kind.fits(Truth) {
		return c.Mistake(cond.Offset, "a condition is true or false, but this is "+cond.Kind.String(), "")
	}
	return Expression{Kind: Common(yes.Kind, no.Kind), Offset: cond.Offset, Value: func(m *Machine) event.Value {
		if cond.asTruth(m) {
			return yes.Value(m)
		}
		return no.Value(m)
	}}
}

func (c *Compiler) let(n *ast.VariableDeclaratorNode) Expression {
	at := n.Location().From
	if slices.Contains(c.names, n.Name) {
		return c.Mistake(at, advice.Quote(n.Name)+" is already a name", "call the variable something else")
	}
	value := c.part(n.Value) // used where the variable is
	slot := len(c.variables)
	c.slots = max(c.slots, slot+1)
	c.variables = append(c.variables, variable{n.Name, value.Kind.stored(), slot, value.source, value.bound})
	body := c.compile(n.Expr)
	c.variables = c.variables[:slot]
	return Expression{Kind: body.Kind.stored(), Offset: body.Offset, bound: body.bound, Value: func(m *Machine) event.Value {
		m.slots[slot] = value.Value(m)
		return body.Value(m)
	}}
}

func (c *Compiler) array(n *ast.ArrayNode) Expression {
	at := n.Location().From
	elements := make([]Expression, len(n.Nodes))
	for i, node := range n.Nodes {
		elements[i] = c.compile(node)
	}
	return c.Fold(Expression{Kind: List, Offset: at, Value: func(m *Machine) event.Value {
		vs := make([]event.Value, len(elements))
		for i := range elements {
			vs[i] = elements[i].Value(m)
			if !m.Spend(at, m.Weight(vs[i])) {
				return event.Value{}
			}
		}
		return event.ListOf(vs...)
	}}, elements...)
}

func (c *Compiler) mapping(n *ast.MapNode) Expression {
	at := n.Location().From
	keys, values := make([]Expression, len(n.Pairs)), make([]Expression, len(n.Pairs))
	for i, node := range n.Pairs {
		pair := node.(*ast.PairNode)
		keys[i], values[i] = c.compile(pair.Key), c.compile(pair.Value)
	}
	return c.Fold(Expression{Kind: Object, Offset: at, Value: func(m *Machine) event.Value {
		o := make(event.Map, 0, len(keys))
		for i := range keys {
			key, _ := keys[i].AsText(m)
			v := values[i].Value(m)
			if !m.Spend(at, m.Weight(v)) {
				return event.Value{}
			}
			o.Set(key, v)
		}
		return event.ObjectOf(o)
	}}, append(keys, values...)...)
}

// compileMember compiles a.b, a["b"] and a[0].
func (c *Compiler) compileMember(n *ast.MemberNode) Expression {
	base := c.part(n.Node)
	at := n.Location().From
	if name, ok := n.Property.(*ast.StringNode); ok {
		return c.field(base, name.Value, at)
	}
	return c.Index(base, c.compile(n.Property), at)
}

// compileSlice compiles a[from:to] with its parts.
func (c *Compiler) compileSlice(n *ast.SliceNode) Expression {
	base, from, to := c.compile(n.Node), Constant(0, Number, event.Float(0)), Constant(0, Nothing, event.Value{})
	if n.From != nil {
		from = c.compile(n.From)
	}
	if n.To != nil {
		to = c.compile(n.To)
	}
	return c.slice(base, from, to)
}
