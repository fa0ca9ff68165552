package formula

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"

	"headgate/document"
	"headgate/event"
	"headgate/rules/advice"
)

// call compiles f(...) and request.header(...).
func (c *Compiler) call(n *ast.CallNode) Expression {
	at := n.Location().From
	switch callee := n.Callee.(type) {
	case *ast.IdentifierNode:
		return c.named(callee.Location().From, callee.Value, n.Arguments)
	case *ast.MemberNode:
		base := c.compile(callee.Node)
		method, _ := callee.Property.(*ast.StringNode)
		if base.Kind == request && method != nil {
			return c.requestCall(base.Offset, method.Value, n.Arguments)
		}
		if method != nil {
			if cure := c.method(callee.Node, method.Value, n.Arguments); cure != "" {
				return c.Mistake(at, "values have no functions of their own", cure)
			}
		}
	}
	return c.Mistake(at, "this is not a function", "")
}

// method is the cure for value.method(...).
func (c *Compiler) method(base ast.Node, name string, args []ast.Node) string {
	value, first := base.String(), ""
	if len(args) > 0 {
		first = args[0].String()
	}
	if cure := advice.Method(value, name, first); cure != "" {
		return cure
	}
	f, ok := c.Language.functions[name]
	if !ok {
		return ""
	}
	given := []string{value}
	for _, a := range args {
		given = append(given, a.String())
	}
	if n := len(given); n <= len(f.Params) && n >= len(f.Params)-f.Optional || f.Variadic {
		return "write " + name + "(" + strings.Join(given, ", ") + ")"
	}
	return "write " + f.Usage
}

// named compiles the call of a function by its name.
func (c *Compiler) named(at int, name string, nodes []ast.Node) Expression {
	if _, ok := visitorUsage[name]; ok && c.scope.visitor {
		return c.visitorCall(at, name, nodes)
	}
	if _, ok := iterators[name]; ok {
		return c.iterate(at, name, nodes)
	}
	if name == "header" && (c.scope.answer || c.scope.delivery) {
		return c.lookupCall(at, "header", nodes, func(m *Machine, name string) string { return m.env.Headers.Get(strings.ToLower(name)) })
	}
	f, ok := c.Language.functions[name]
	if !ok {
		cure := document.DidYouMean(name, c.functionNames())
		if other := advice.Function(name); other != "" {
			cure = "did you mean " + advice.Quote(other) + "?"
		}
		if word := advice.Operator(name); word != "" && len(nodes) == 2 {
			cure = "write " + nodes[0].String() + " " + word + " " + nodes[1].String()
		}
		if name == "header" {
			cure = `write request.header("...")`
		}
		return c.Mistake(at, "no function "+advice.Quote(name), cure)
	}
	args := make([]Expression, len(nodes))
	for i, n := range nodes {
		args[i] = c.part(n)
		if f.Reads != nil && args[i].Event != nil {
			c.useParts(args[i], f.Reads)
		} else {
			c.use(args[i])
		}
	}
	if !c.checkArguments(at, name, f, args) {
		return Constant(at, f.Result, event.Value{})
	}
	if f.Build != nil {
		x := f.Build(c, at, args)
		if x.Name == "" {
			x.Name = name + "(...)"
		}
		return x
	}
	x := Expression{Kind: f.Result, Offset: at, Name: name + "(...)", Value: invoke(f, name, at, args)}
	if f.Impure {
		return x
	}
	return c.Fold(x, args...)
}

// checkArguments compares the arguments with what the function takes.
func (c *Compiler) checkArguments(at int, name string, f *Function, args []Expression) bool {
	least, most := len(f.Params)-f.Optional, len(f.Params)
	if len(args) < least || len(args) > most && !f.Variadic {
		c.Mistake(at, fmt.Sprintf("%s takes %s, not %d", name, countOf(least, most, f.Variadic), len(args)), "write "+f.Usage)
		return false
	}
	good := true
	for i := range args {
		want := f.Params[min(i, len(f.Params)-1)]
		x := &args[i]
		// A number or a truth value where text is expected is taken as it would be written.
		if x.Kind.fits(want) && !(want == Text && x.Kind == Moment && !x.Constant) || want == Text && (x.Kind == Number || x.Kind == Truth) && !x.Constant {
			continue
		}
		if want == Text && x.Kind == Moment {
			continue
		}
		cure := ""
		if want == Number && x.Kind == Text {
			cure = "write number(" + x.Called() + ")"
		} else if want == Text && x.Constant && x.Kind != List && x.Kind != Object {
			cure = "write texts in quotes"
		}
		c.Mistake(x.Offset, fmt.Sprintf("%s expects %s here, but %s is %s", name, want, x.Called(), x.Kind), cure)
		good = false
	}
	return good
}

func countOf(least, most int, variadic bool) string {
	switch {
	case variadic:
		return fmt.Sprintf("at least %d %s", least, plural(least, "argument"))
	case least == most && least == 0:
		return "no arguments"
	case least == most:
		return fmt.Sprintf("%d %s", least, plural(least, "argument"))
	}
	return fmt.Sprintf("%d to %d arguments", least, most)
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// invoke runs a function on its arguments, which are on the machine's stack during the call.
func invoke(f *Function, name string, at int, args []Expression) func(*Machine) event.Value {
	return func(m *Machine) event.Value {
		base := len(m.stack)
		for i := range args {
			want := f.Params[min(i, len(f.Params)-1)]
			v, ok := argument(m, &args[i], name, want)
			if !ok || i == 0 && v.IsNull() && !f.Nils {
				m.stack = m.stack[:base]
				return event.Value{}
			}
			m.stack = append(m.stack, v)
		}
		v := f.Run(m, at, m.stack[base:])
		m.stack = m.stack[:base]
		return v
	}
}

// requestCall compiles request.header("..."), request.query("...") and request.cookie("...").
func (c *Compiler) requestCall(at int, name string, nodes []ast.Node) Expression {
	read := map[string]func(h *event.Hit, name string) string{
		"header": func(h *event.Hit, name string) string { return h.Headers.Get(strings.ToLower(name)) },
		"query":  func(h *event.Hit, name string) string { return h.QueryValue(name) },
		"cookie": func(h *event.Hit, name string) string {
			v, _ := h.CookieValue(name)
			return v
		},
	}[name]
	if read == nil {
		return c.Mistake(at, "no function "+advice.Quote("request."+name), document.DidYouMean("request."+name, []string{"request.header", "request.query", "request.cookie"}))
	}
	return c.lookupCall(at, "request."+name, nodes, func(m *Machine, key string) string {
		if m.env.Hit == nil {
			return ""
		}
		return read(m.env.Hit, key)
	})
}

// lookupCall compiles the call of something that finds a text by its name.
func (c *Compiler) lookupCall(at int, name string, nodes []ast.Node, read func(m *Machine, name string) string) Expression {
	if len(nodes) != 1 {
		return c.Mistake(at, name+" takes 1 argument, not "+fmt.Sprint(len(nodes)), "write "+name+`("...")`)
	}
	key := c.compile(nodes[0])
	if !key.Kind.fits(Text) {
		return c.Mistake(key.Offset, name+" expects text here, but "+key.Called()+" is "+key.Kind.String(), "write "+name+`("...")`)
	}
	return TextExpression(at, name+"(...)", func(m *Machine) string {
		s, _ := key.AsText(m)
		return read(m, s)
	})
}

// Description describes a function of the language, for its reference.
type Description struct{ Name, Usage, Help, Example string }

// Describe lists functions by name, those with a predicate among them.
func Describe(functions map[string]*Function) []Description {
	var list []Description
	for _, name := range namesOf(functions) {
		if it, ok := iterators[name]; ok {
			list = append(list, Description{name, it.usage, it.help, it.example})
			continue
		}
		f := functions[name]
		list = append(list, Description{name, f.Usage, f.Help, f.Example})
	}
	return list
}
