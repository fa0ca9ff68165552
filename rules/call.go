package rules

import (
	"fmt"
	"sort"
	"strings"

	"github.com/expr-lang/expr/ast"

	"headgate/document"
	"headgate/event"
)

// function is one function of the language.
type function struct {
	usage    string // `replace(text, from, to)`: its parameters, those that may be left out in []
	help     string
	example  string // `upper("eur") → "EUR"`: run by a test, shown in the reference
	params   []kind // of the arguments; the last is that of all further ones when variadic
	optional int    // how many of the last ones may be left out
	variadic bool
	result   kind
	nils     bool     // it is called even when its first argument is nil; all others yield nil then
	impure   bool     // it yields something else every time
	reads    []string // what it reads of an event that it is given; nil: all

	// run works on arguments of the right kinds: a text parameter gets text or null, a number parameter a number or null.
	run func(m *Machine, at int, args []event.Value) event.Value
	// build replaces run where arguments are looked at when the formula is loaded.
	build func(c *compiler, at int, args []expression) expression
}

// Function describes a function of the language, for its reference.
type Function struct{ Name, Usage, Help, Example string }

// Functions lists all functions by name.
func Functions() []Function {
	var list []Function
	for _, name := range functionNames() {
		if it, ok := iterators[name]; ok {
			list = append(list, Function{name, it.usage, it.help, it.example})
			continue
		}
		f := functions[name]
		list = append(list, Function{name, f.usage, f.help, f.example})
	}
	return list
}

func functionNames() []string {
	var names []string
	for name := range functions {
		names = append(names, name)
	}
	for name := range iterators {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// call compiles f(...) and request.header(...).
func (c *compiler) call(n *ast.CallNode) expression {
	at := n.Location().From
	switch callee := n.Callee.(type) {
	case *ast.IdentifierNode:
		return c.named(callee.Location().From, callee.Value, n.Arguments)
	case *ast.MemberNode:
		base := c.compile(callee.Node)
		method, _ := callee.Property.(*ast.StringNode)
		if base.kind == request && method != nil {
			return c.requestCall(base.offset, method.Value, n.Arguments)
		}
		if method != nil {
			if f, ok := functions[method.Value]; ok {
				return c.mistake(at, "values have no functions of their own", "write "+f.usage)
			}
		}
	}
	return c.mistake(at, "this is no function", "")
}

// named compiles the call of a function by its name.
func (c *compiler) named(at int, name string, nodes []ast.Node) expression {
	if _, ok := iterators[name]; ok {
		return c.iterate(at, name, nodes)
	}
	if name == "header" && c.scope.answer {
		return c.lookupCall(at, "header", nodes, func(m *Machine, name string) string { return m.env.Headers.Get(strings.ToLower(name)) })
	}
	f, ok := functions[name]
	if !ok {
		cure := document.DidYouMean(name, functionNames())
		if other, ok := elsewhere[name]; ok {
			cure = "did you mean " + quote(other) + "?"
		}
		if name == "header" {
			cure = `write request.header("...")`
		}
		return c.mistake(at, "no function "+quote(name), cure)
	}
	args := make([]expression, len(nodes))
	for i, n := range nodes {
		args[i] = c.part(n)
		if f.reads != nil && args[i].event != nil {
			c.useParts(args[i], f.reads)
		} else {
			c.use(args[i])
		}
	}
	if !c.checkArguments(at, name, f, args) {
		return constant(at, f.result, event.Value{})
	}
	if f.build != nil {
		x := f.build(c, at, args)
		if x.name == "" {
			x.name = name + "(...)"
		}
		return x
	}
	x := expression{kind: f.result, offset: at, name: name + "(...)", value: invoke(f, name, at, args)}
	if f.impure {
		return x
	}
	return c.fold(x, args...)
}

// elsewhere maps names that other languages use, expr's own among them, to ours.
var elsewhere = map[string]string{"string": "text", "str": "text", "tostring": "text", "float": "number", "int": "number",
	"toJSON": "json", "fromJSON": "from_json", "toBase64": "base64", "uniq": "unique", "length": "len", "size": "len", "concat": "join",
	"coalesce": "default", "lowercase": "lower", "uppercase": "upper", "md5sum": "md5", "sha256sum": "sha256", "hash": "sha256",
	"timestamp": "unix", "domain": "registrable_domain", "if": "? :", "reduce": "sum", "hasPrefix": "startsWith", "hasSuffix": "endsWith"}

// checkArguments compares the arguments with what the function takes.
func (c *compiler) checkArguments(at int, name string, f *function, args []expression) bool {
	least, most := len(f.params)-f.optional, len(f.params)
	if len(args) < least || len(args) > most && !f.variadic {
		c.mistake(at, fmt.Sprintf("%s takes %s, not %d", name, countOf(least, most, f.variadic), len(args)), "write "+f.usage)
		return false
	}
	good := true
	for i := range args {
		want := f.params[min(i, len(f.params)-1)]
		x := &args[i]
		// A number or a truth value where text is meant is taken as it would be written.
		if x.kind.fits(want) && !(want == text && x.kind == moment && !x.constant) || want == text && (x.kind == number || x.kind == truth) && !x.constant {
			continue
		}
		if want == text && x.kind == moment {
			continue
		}
		cure := ""
		if want == number && x.kind == text {
			cure = "write number(" + x.called() + ")"
		} else if want == text && x.constant && x.kind != list && x.kind != object {
			cure = "texts stand in quotes"
		}
		c.mistake(x.offset, fmt.Sprintf("%s wants %s here, and %s is %s", name, want, x.called(), x.kind), cure)
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

// invoke runs a function on its arguments, which lie on the machine's stack meanwhile.
func invoke(f *function, name string, at int, args []expression) func(*Machine) event.Value {
	return func(m *Machine) event.Value {
		base := len(m.stack)
		for i := range args {
			want := f.params[min(i, len(f.params)-1)]
			v, ok := argument(m, &args[i], name, want)
			if !ok || i == 0 && v.IsNull() && !f.nils {
				m.stack = m.stack[:base]
				return event.Value{}
			}
			m.stack = append(m.stack, v)
		}
		v := f.run(m, at, m.stack[base:])
		m.stack = m.stack[:base]
		return v
	}
}

// argument runs an argument and makes it what the function wants. Numbers and truth values become text as they are
// written; nothing else is converted.
func argument(m *Machine, x *expression, name string, want kind) (event.Value, bool) {
	v := x.value(m)
	k := v.Kind()
	switch {
	case m.failure != nil:
		return v, false
	case k == event.Text && !m.read(x.offset, v.Text()):
		return v, false
	case k == event.Null, want == anything, want == moment:
		return v, true
	case want == text && (k == event.Numeric || k == event.Bool):
		return event.String(v.Text()), true
	case !kindOf(v).fits(want):
		cure := ""
		if want == number && k == event.Text {
			cure = "number(...) makes a number of a text"
		}
		m.fail(x.offset, fmt.Sprintf("%s wants %s here, and %s", name, want, x.describe(v)), cure)
		return v, false
	}
	return v, true
}

// requestCall compiles request.header("..."), request.query("...") and request.cookie("...").
func (c *compiler) requestCall(at int, name string, nodes []ast.Node) expression {
	read := map[string]func(h *event.Hit, name string) string{
		"header": func(h *event.Hit, name string) string { return h.Headers.Get(strings.ToLower(name)) },
		"query":  func(h *event.Hit, name string) string { return h.QueryValue(name) },
		"cookie": func(h *event.Hit, name string) string {
			v, _ := h.CookieValue(name)
			return v
		},
	}[name]
	if read == nil {
		return c.mistake(at, "no function "+quote("request."+name), document.DidYouMean("request."+name, []string{"request.header", "request.query", "request.cookie"}))
	}
	return c.lookupCall(at, "request."+name, nodes, func(m *Machine, key string) string {
		if m.env.Hit == nil {
			return ""
		}
		return read(m.env.Hit, key)
	})
}

// lookupCall compiles the call of something that finds a text by its name.
func (c *compiler) lookupCall(at int, name string, nodes []ast.Node, read func(m *Machine, name string) string) expression {
	if len(nodes) != 1 {
		return c.mistake(at, name+" takes 1 argument, not "+fmt.Sprint(len(nodes)), "write "+name+`("...")`)
	}
	key := c.compile(nodes[0])
	if !key.kind.fits(text) {
		return c.mistake(key.offset, name+" wants text here, and "+key.called()+" is "+key.kind.String(), "write "+name+`("...")`)
	}
	return textExpression(at, name+"(...)", func(m *Machine) string {
		s, _ := key.asText(m)
		return read(m, s)
	})
}
