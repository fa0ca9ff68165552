package functions

import (
	"slices"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/rules/advice"
	"headgate/rules/formula"
)

// textTo makes a function of one text. "" is what it returns when there is nothing to return.
func textTo(usage, help, example string, f func(string) string) *formula.Function {
	return &formula.Function{Usage: usage, Help: help, Example: example, Params: []formula.Kind{formula.Text}, Result: formula.Text,
		Build: func(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
			return textOf(c, offset, named(usage), args[0], func(_ *formula.Machine, s string) string { return f(s) })
		}}
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

// optional returns an argument that may have been left out.
func optional(args []event.Value, i int) event.Value {
	if i < len(args) {
		return args[i]
	}
	return event.Value{}
}

// named is the name of a function from its usage.
func named(usage string) string {
	name, _, _ := strings.Cut(usage, "(")
	return name
}

// variant returns the vendor that was written out, "" for none.
func variant(c *formula.Compiler, args []formula.Expression, known []string) (string, bool) {
	if len(args) == 0 {
		return "", true
	}
	x := args[0]
	if !x.Constant {
		c.Mistake(x.Offset, "the variant has to be a text in quotes", "")
		return "", false
	}
	if name := x.Fixed.Text(); slices.Contains(known, name) {
		return name, true
	}
	c.Mistake(x.Offset, "no variant "+advice.Quote(x.Fixed.Text()), document.DidYouMean(x.Fixed.Text(), known))
	return "", false
}

func variantHelp(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ". Variants: " + strings.Join(names, ", ")
}

func jsonText(m *formula.Machine, offset int, v event.Value) event.Value {
	if !m.Spend(offset, m.Weight(v)) {
		return event.Value{}
	}
	b := v.AppendJSON(nil)
	if !m.Room(offset, len(b)) {
		return event.Value{}
	}
	return event.String(string(b))
}
