package formula

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"headgate/document"
	"headgate/event"
)

// Compiler turns the tree of one formula into an expression and collects all that is wrong with it.
//
// The grammar is expr's, and so is the meaning (a test compares them), but not its compiler and machine: those work on Go
// maps and boxed values, which would have to be made for every event, nil fails in them, long numbers lose digits and objects
// their order, and their time is not bounded. Closures over the event itself take half of the time or less, allocate
// nothing for a condition, and every step of them can be counted.
type Compiler struct {
	Language *Language
	scope    Scope
	source   part
	mistakes document.Mistakes

	nodes     int          // compiled so far
	reads     []string     // sources that the formula uses, in the order of their first use
	variables []variable   // of let, the innermost last
	slots     int          // how many there can be at a time
	elements  []Expression // what # stands for, the innermost last
}

type variable struct {
	name   string
	kind   Kind
	slot   int
	source string // of its value
	bound  bound
}

// Mistake notes one mistake, once, and returns an expression that causes no others.
func (c *Compiler) Mistake(offset int, fact, cure string) Expression {
	m := document.Mistake{At: c.source.place(offset), Fact: fact, Cure: cure}
	if !slices.Contains(c.mistakes, m) {
		c.mistakes = append(c.mistakes, m)
	}
	return Constant(offset, Anything, event.Value{})
}

// compile compiles one node with all below it, for a use of all that it yields.
func (c *Compiler) compile(n ast.Node) Expression { return c.use(c.part(n)) }

// part compiles one node with all below it. The caller uses only a part of what it yields, and notes which.
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
	case *ast.NilNode:
		return Constant(at, Nothing, event.Value{})
	case *ast.BoolNode:
		return Constant(at, Truth, event.Boolean(n.Value))
	case *ast.IntegerNode:
		v, _ := event.ValueOf(n.Value)
		return Constant(at, Number, v)
	case *ast.FloatNode:
		return Constant(at, Number, event.Float(n.Value))
	case *ast.StringNode:
		return Constant(at, Text, event.String(n.Value))
	case *ast.IdentifierNode:
		return c.identifier(n)
	case *ast.MemberNode:
		return c.member(n)
	case *ast.ChainNode:
		return c.part(n.Node)
	case *ast.PointerNode:
		return c.pointer(n)
	case *ast.SliceNode:
		return c.slice(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
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
	if isIn(n.Name, c.scope.names()) {
		return c.Mistake(at, Quote(n.Name)+" is already a name", "call the variable something else")
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

// Fold runs an expression once, now, when all that it is made of is constant. A failure is a mistake then.
func (c *Compiler) Fold(x Expression, of ...Expression) Expression {
	for i := range of {
		if !of[i].Constant {
			return x
		}
	}
	if len(c.mistakes) > 0 {
		return x
	}
	m := c.Language.Machine()
	defer m.Release()
	m.start(&Formula{}, &Env{})
	v := x.Value(m)
	if m.failure != nil {
		return c.Mistake(m.failure.offset, m.failure.Fact, m.failure.Cure)
	}
	name := x.Name
	x = Constant(x.Offset, KindOf(v), v)
	x.Name = name
	return x
}

func isIn(word string, words []string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}
