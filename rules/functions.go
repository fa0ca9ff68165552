package rules

import (
	"strings"

	"headgate/event"
)

// functions are all functions but those with a predicate, by name. The table is made once and only read. Vendors' ways of
// writing an address or a name are variants of one function, not functions of their own.
var functions = func() map[string]*function {
	all := map[string]*function{}
	for _, some := range []map[string]*function{
		textFunctions, numberFunctions, timeFunctions, urlFunctions, digestFunctions, listFunctions, dataFunctions, contactFunctions, vendorFunctions, googleFunctions,
	} {
		for name, f := range some {
			all[name] = f
		}
	}
	return all
}()

// optional returns an argument that may have been left out.
func optional(args []event.Value, i int) event.Value {
	if i < len(args) {
		return args[i]
	}
	return event.Value{}
}

// textTo makes a function of one text. "" is what it returns when there is nothing to return.
func textTo(usage, help, example string, f func(string) string) *function {
	return &function{usage: usage, help: help, example: example, params: []kind{text}, result: text,
		build: func(c *compiler, offset int, args []expression) expression {
			return c.textOf(offset, named(usage), args[0], func(_ *Machine, s string) string { return f(s) })
		}}
}

// named is the name of a function from its usage.
func named(usage string) string {
	name, _, _ := strings.Cut(usage, "(")
	return name
}

// textOf is the text that a function makes of a text. Nothing is made of nil, and "" is nil.
func (c *compiler) textOf(offset int, function string, x expression, f func(m *Machine, s string) string) expression {
	return c.fold(textExpression(offset, "", func(m *Machine) string {
		s, ok := x.textFor(m, function)
		if !ok {
			return ""
		}
		if s = f(m, s); !m.room(offset, len(s)) {
			return ""
		}
		return s
	}), x)
}
