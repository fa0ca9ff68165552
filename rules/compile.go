package rules

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"headgate/document"
	"headgate/event"
)

// kind is what an expression yields, as far as its text tells.
type kind uint8

const (
	anything kind = iota // known only when it runs
	nothing              // nil
	truth
	number
	text
	moment // a time
	list
	object
	item    // one of items
	items   // the event's own items
	anEvent // one event with all its fields
	events  // the events of a request
	group   // page, user, ...: fields of an event
	request // the hit
)

func (k kind) String() string {
	return [...]string{"a value", "nil", "true or false", "a number", "text", "a time", "a list", "an object", "an item", "a list of items",
		"an event", "a list of events", "a group of fields", "the request"}[k]
}

// fits reports whether a value of kind k can stand where one of kind want is meant, at least sometimes.
func (k kind) fits(want kind) bool {
	switch {
	case k == want, k == anything, k == nothing, want == anything:
		return true
	case want == list:
		return k == items || k == events
	case want == object:
		return k == item || k == anEvent || k == group
	case want == moment, k == moment:
		return k == text || k == number || want == text
	}
	return false
}

// expression is a compiled part of a formula. value always works; the others are shorter ways for what they name, nil
// where there is none.
type expression struct {
	kind   kind
	offset int    // where it stands, in characters
	name   string // how it is called in a message: "params.value"

	constant bool
	fixed    event.Value // of a constant
	unsaid   bool        // "" means that nobody said it, and counts as nil

	value  func(*Machine) event.Value
	truth  func(*Machine) bool
	text   func(*Machine) string
	moment func(*Machine) time.Time
	object func(*Machine) event.Map
	item   func(*Machine) *event.Item    // nil when there is none
	items  func(*Machine) []event.Item   //
	event  func(*Machine) *event.Event   // nil when there is none; of a group too
	events func(*Machine) []*event.Event //

	group string      // of a group: its name
	path  *objectPath // of something below an object
	key   func(string) (kind, string, bool)
}

func constant(offset int, k kind, v event.Value) expression {
	return expression{kind: k, offset: offset, constant: true, fixed: v, value: func(*Machine) event.Value { return v }}
}

// kindOf returns the kind of a value that is there.
func kindOf(v event.Value) kind {
	return [...]kind{event.Null: nothing, event.Bool: truth, event.Numeric: number, event.Text: text, event.List: list,
		event.Object: object}[v.Kind()]
}

// asTruth reports whether the expression holds; null does not.
func (x *expression) asTruth(m *Machine) bool {
	if x.truth != nil {
		return x.truth(m)
	}
	v := x.value(m)
	b, ok := v.Bool()
	if !ok && !v.IsNull() {
		m.fail(x.offset, x.describe(v)+", not true or false", "compare it with something: ... == ...")
	}
	return b && ok
}

// asText returns the text of the expression; ok is false for null. What will be done with a long text costs steps.
func (x *expression) asText(m *Machine) (s string, ok bool) {
	if x.text != nil {
		s = x.text(m)
		return s, m.read(x.offset, s) && (s != "" || !x.unsaid)
	}
	v := x.value(m)
	switch v.Kind() {
	case event.Null:
		return "", false
	case event.List, event.Object:
		m.fail(x.offset, x.describe(v)+", not text", "")
		return "", false
	}
	s = v.Text()
	return s, m.read(x.offset, s)
}

// read charges for a text that is about to be read, if it is a long one.
func (m *Machine) read(offset int, s string) bool {
	return len(s) < longText || m.spend(offset, len(s)/bytesPerSteps)
}

// describe says what a value is, for a message: `params.value is text ("12")`.
func (x *expression) describe(v event.Value) string {
	name := x.name
	if name == "" {
		name = "this"
	}
	said := name + " is " + kindOf(v).String()
	if v.Kind() == event.Text {
		s := v.Text()
		if len(s) > 40 {
			s = s[:40] + "..."
		}
		said += " (" + quote(s) + ")"
	}
	return said
}

// compiler turns the tree of one formula into an expression and collects all that is wrong with it.
type compiler struct {
	language *Language
	scope    Scope
	source   part
	mistakes document.Mistakes

	nodes     int          // compiled so far
	variables []variable   // of let, the innermost last
	slots     int          // how many there can be at a time
	elements  []expression // what # stands for, the innermost last
}

type variable struct {
	name string
	kind kind
	slot int
}

// mistake notes one mistake, once, and returns an expression that causes no others.
func (c *compiler) mistake(offset int, fact, cure string) expression {
	m := document.Mistake{At: c.source.place(offset), Fact: fact, Cure: cure}
	if !slices.Contains(c.mistakes, m) {
		c.mistakes = append(c.mistakes, m)
	}
	return constant(offset, anything, event.Value{})
}

// compile compiles one node with all below it.
func (c *compiler) compile(n ast.Node) expression {
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
		return c.compile(n.Node)
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

// common returns the kind of what is either of kind a or of kind b. Lists and objects that are read in place are told
// apart from others no longer.
func common(a, b kind) kind {
	if a == b && (a == truth || a == number || a == text || a == moment) {
		return a
	}
	return anything
}

func (c *compiler) let(n *ast.VariableDeclaratorNode) expression {
	at := n.Location().From
	if isIn(n.Name, c.scope.names()) {
		return c.mistake(at, quote(n.Name)+" is a name already", "call the variable something else")
	}
	value := c.compile(n.Value)
	slot := len(c.variables)
	c.slots = max(c.slots, slot+1)
	c.variables = append(c.variables, variable{n.Name, common(value.kind, value.kind), slot})
	body := c.compile(n.Expr)
	c.variables = c.variables[:slot]
	return expression{kind: common(body.kind, body.kind), offset: body.offset, value: func(m *Machine) event.Value {
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

// weight is how many steps it costs to build something with v in it: its elements, and its text by length. It stops
// counting a little above limit.
func weight(v event.Value, limit int) int {
	w := 1
	switch v.Kind() {
	case event.Text:
		w += len(v.Text()) / bytesPerSteps
	case event.List:
		for _, e := range v.List() {
			if w += weight(e, limit-w); w > limit {
				return w
			}
		}
	case event.Object:
		for _, p := range v.Object() {
			if w += weight(p.Value, limit-w); w > limit {
				return w
			}
		}
	}
	return w
}

func isIn(word string, words []string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

// quote puts a text in double quotes for a message.
func quote(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "?")
	}
	return `"` + s + `"`
}
