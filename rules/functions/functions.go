// Package functions holds what formulas can call. A function is one declaration: its usage, help and example, which a test
// runs and the reference shows, the kinds of its parameters, and its work. What it reads or builds is counted by the machine
// it runs on.
package functions

import (
	"strings"

	"headgate/event"
	"headgate/rules/formula"
	"headgate/rules/normalise"
)

// All returns all functions but those with a predicate, by name. Vendors' ways of writing an address or a name are variants of
// one function, not functions of their own.
func All(numbers *normalise.Phones) map[string]*formula.Function {
	all := map[string]*formula.Function{"phone": phone(numbers)}
	for _, some := range []map[string]*formula.Function{
		textFunctions, numberFunctions, timeFunctions, urlFunctions, digestFunctions, listFunctions, dataFunctions, contactFunctions, vendorFunctions, googleFunctions,
	} {
		for name, f := range some {
			all[name] = f
		}
	}
	return all
}

// optional returns an argument that may have been left out.
func optional(args []event.Value, i int) event.Value {
	if i < len(args) {
		return args[i]
	}
	return event.Value{}
}

// textTo makes a function of one text. "" is what it returns when there is nothing to return.
func textTo(usage, help, example string, f func(string) string) *formula.Function {
	return &formula.Function{Usage: usage, Help: help, Example: example, Params: []formula.Kind{formula.Text}, Result: formula.Text,
		Build: func(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
			return textOf(c, offset, named(usage), args[0], func(_ *formula.Machine, s string) string { return f(s) })
		}}
}

// named is the name of a function from its usage.
func named(usage string) string {
	name, _, _ := strings.Cut(usage, "(")
	return name
}

// textOf is the text that a function makes of a text. Nothing is made of nil, and "" is nil.
func textOf(c *formula.Compiler, offset int, function string, x formula.Expression, f func(m *formula.Machine, s string) string) formula.Expression {
	return c.Fold(formula.TextExpression(offset, "", func(m *formula.Machine) string {
		s, ok := x.TextFor(m, function)
		if !ok {
			return ""
		}
		if s = f(m, s); !m.Room(offset, len(s)) {
			return ""
		}
		return s
	}), x)
}
