package rules

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"headgate/document"
	"headgate/event"
)

// compiler turns the tree of one formula into an expression and collects all that is wrong with it.
//
// The grammar is expr's, and so is the meaning (a test compares them), but not its compiler and machine: those work on Go
// maps and boxed values, which would have to be made for every event, nil fails in them, long numbers lose digits and objects
// their order, and their time is not bounded. Closures over the event itself take half of the time or less, allocate
// nothing for a condition, and every step of them can be counted.
type compiler struct {
	language *Language
	scope    Scope
	source   part
	mistakes document.Mistakes

	nodes     int          // compiled so far
	reads     []string     // sources that the formula uses, in the order of their first use
	variables []variable   // of let, the innermost last
	slots     int          // how many there can be at a time
	elements  []expression // what # stands for, the innermost last
}

type variable struct {
	name   string
	kind   kind
	slot   int
	source string // of its value
	bound  bound
}

// mistake notes one mistake, once, and returns an expression that causes no others.
func (c *compiler) mistake(offset int, fact, cure string) expression {
	m := document.Mistake{At: c.source.place(offset), Fact: fact, Cure: cure}
	if !slices.Contains(c.mistakes, m) {
		c.mistakes = append(c.mistakes, m)
	}
	return constant(offset, anything, event.Value{})
}

// compile compiles one node with all below it, for a use of all that it yields.
func (c *compiler) compile(n ast.Node) expression { return c.use(c.part(n)) }

// part compiles one node with all below it. The caller uses only a part of what it yields, and notes which.
func (c *compiler) part(n ast.Node) expression {
	at := n.Location().From
	// The parser counts what is written; a < b < c is compiled as a < b and b < c, and b may hold such a chain again.
	if c.nodes++; c.nodes > 4*maxNodes {
		if c.nodes == 4*maxNodes+1 {
			c.mistake(at, "comparisons are nested too deep here", "write a < b and b < c instead of a < b < c")
		}
		return constant(at, anything, event.Value{})
	}
	switch n := n.(type) {
	case *ast.NilNode:
		return constant(at, nothing, event.Value{})
	case *ast.BoolNode:
		return constant(at, truth, event.Boolean(n.Value))
	case *ast.IntegerNode:
		v, _ := event.ValueOf(n.Value)
		return constant(at, number, v)
	case *ast.FloatNode:
		return constant(at, number, event.Float(n.Value))
	case *ast.StringNode:
		return constant(at, text, event.String(n.Value))
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
		return c.mistake(at, "a formula is one expression", "remove the ;")
	case *ast.BytesNode:
		return c.mistake(at, "b\"...\" is not known here", "write \"...\"")
	}
	return c.mistake(at, "this cannot stand here", "")
}

func (c *compiler) conditional(n *ast.ConditionalNode) expression {
	cond, yes, no := c.compile(n.Cond), c.compile(n.Exp1), c.compile(n.Exp2)
	if !cond.kind.fits(truth) {
		return c.mistake(cond.offset, "a condition is true or false, and this is "+cond.kind.String(), "")
	}
	return expression{kind: common(yes.kind, no.kind), offset: cond.offset, value: func(m *Machine) event.Value {
		if cond.asTruth(m) {
			return yes.value(m)
		}
		return no.value(m)
	}}
}

func (c *compiler) let(n *ast.VariableDeclaratorNode) expression {
	at := n.Location().From
	if isIn(n.Name, c.scope.names()) {
		return c.mistake(at, quote(n.Name)+" is a name already", "call the variable something else")
	}
	value := c.part(n.Value) // used where the variable is
	slot := len(c.variables)
	c.slots = max(c.slots, slot+1)
	c.variables = append(c.variables, variable{n.Name, value.kind.stored(), slot, value.source, value.bound})
	body := c.compile(n.Expr)
	c.variables = c.variables[:slot]
	return expression{kind: body.kind.stored(), offset: body.offset, bound: body.bound, value: func(m *Machine) event.Value {
		m.slots[slot] = value.value(m)
		return body.value(m)
	}}
}

func (c *compiler) array(n *ast.ArrayNode) expression {
	at := n.Location().From
	elements := make([]expression, len(n.Nodes))
	for i, node := range n.Nodes {
		elements[i] = c.compile(node)
	}
	return c.fold(expression{kind: list, offset: at, value: func(m *Machine) event.Value {
		vs := make([]event.Value, len(elements))
		for i := range elements {
			vs[i] = elements[i].value(m)
			if !m.spend(at, weight(vs[i], m.steps)) {
				return event.Value{}
			}
		}
		return event.ListOf(vs...)
	}}, elements...)
}

func (c *compiler) mapping(n *ast.MapNode) expression {
	at := n.Location().From
	keys, values := make([]expression, len(n.Pairs)), make([]expression, len(n.Pairs))
	for i, node := range n.Pairs {
		pair := node.(*ast.PairNode)
		keys[i], values[i] = c.compile(pair.Key), c.compile(pair.Value)
	}
	return c.fold(expression{kind: object, offset: at, value: func(m *Machine) event.Value {
		o := make(event.Map, 0, len(keys))
		for i := range keys {
			key, _ := keys[i].asText(m)
			v := values[i].value(m)
			if !m.spend(at, weight(v, m.steps)) {
				return event.Value{}
			}
			o.Set(key, v)
		}
		return event.ObjectOf(o)
	}}, append(keys, values...)...)
}

// fold runs an expression once, now, when all that it is made of is constant. A failure is a mistake then.
func (c *compiler) fold(x expression, of ...expression) expression {
	for i := range of {
		if !of[i].constant {
			return x
		}
	}
	if len(c.mistakes) > 0 {
		return x
	}
	m := c.language.Machine()
	defer m.Release()
	m.start(&Formula{}, &Env{})
	v := x.value(m)
	if m.failure != nil {
		return c.mistake(m.failure.offset, m.failure.Fact, m.failure.Cure)
	}
	name := x.name
	x = constant(x.offset, kindOf(v), v)
	x.name = name
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
