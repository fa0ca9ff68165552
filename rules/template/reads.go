package template

import (
	"slices"

	"headgate/rules/formula"
)

// Reads reports whether the template may read a field of an event; see Formula.Reads.
func (t *Template) Reads(path string) bool {
	return t.any(func(f *formula.Formula) bool { return f.Reads(path) })
}

// ReadsEvents reports whether what the template yields may depend on an event.
func (t *Template) ReadsEvents() bool { return t.any((*formula.Formula).ReadsEvents) }

// Own returns the first name in the template that belongs to one event, "" when it reads none.
func (t *Template) Own() (name string) {
	t.any(func(f *formula.Formula) bool {
		name = f.Own()
		return name != ""
	})
	return name
}

// any reports whether some formula of the template answers yes.
func (t *Template) any(ask func(*formula.Formula) bool) bool {
	switch {
	case t == nil:
		return false
	case t.formula != nil:
		return ask(t.formula)
	}
	return slices.ContainsFunc(t.pieces, func(p piece) bool { return p.formula != nil && ask(p.formula) }) ||
		slices.ContainsFunc(t.list, func(one *Template) bool { return one.any(ask) }) ||
		slices.ContainsFunc(t.fields, func(f field) bool { return f.value.any(ask) })
}
