// Package template compiles values as they are written in YAML: text is text, =... is a formula, {...} inside a text is filled in.
package template

import (
	"headgate/event"
	"headgate/rules/formula"
)

// Template is a value as it is written in YAML: text is text, =... is a formula, {...} inside a text is filled in, lists and
// maps may hold all of these. What comes out empty (nil, "", [] or {}) is left out of lists and maps.
type Template struct {
	formula  *formula.Formula
	constant bool
	fixed    event.Value
	pieces   []piece
	list     []*Template
	fields   []field
	isMap    bool
}

// piece is a part of a text with holes: text as it is, or a formula.
type piece struct {
	text    string
	formula *formula.Formula
	escape  func(string) string // what the formula yields passes through it; nil: it stays as it is
}

type field struct {
	key   string
	value *Template
}

// EscapeEvents passes what the holes of a text yield of events through a function; what comes from elsewhere stays as it is.
// Call it before the template is used.
func (t *Template) EscapeEvents(escape func(string) string) {
	for i := range t.pieces {
		if p := &t.pieces[i]; p.formula != nil && p.formula.ReadsEvents() {
			p.escape = escape
		}
	}
}

// Const returns the template's value if it is the same for every event.
func (t *Template) Const() (event.Value, bool) { return t.fixed, t.constant }

// ConstantText is Const as text; t may be nil.
func (t *Template) ConstantText() (string, bool) {
	if t == nil {
		return "", false
	}
	return t.fixed.Text(), t.constant
}

// Value fills the template in. When formulas fail the error is the first *formula.Failure, and the value is what is left without
// them.
func (t *Template) Value(m *formula.Machine, env *formula.Env) (event.Value, error) {
	switch {
	case t.constant:
		return t.fixed, nil
	case t.formula != nil:
		return t.formula.Value(m, env)
	case t.isMap:
		return t.object(m, env)
	case t.list != nil:
		return t.listValue(m, env)
	}
	return t.filled(m, env)
}

// IsText reports whether the template is a formula that yields text or nothing: Text says all of it then.
func (t *Template) IsText() bool {
	return !t.constant && t.formula != nil && t.formula.IsText()
}

// Text is Value as text: "" for nothing, lists and objects.
func (t *Template) Text(m *formula.Machine, env *formula.Env) (string, error) {
	if t.IsText() {
		return t.formula.Text(m, env)
	}
	v, err := t.Value(m, env)
	return v.Text(), err
}

func (t *Template) listValue(m *formula.Machine, env *formula.Env) (event.Value, error) {
	vs := make([]event.Value, 0, len(t.list))
	var first error
	for _, one := range t.list {
		v, err := one.Value(m, env)
		if err != nil && first == nil {
			first = err
		}
		if !v.IsEmpty() {
			vs = append(vs, v)
		}
	}
	return event.ListOf(vs...), first
}

func (t *Template) object(m *formula.Machine, env *formula.Env) (event.Value, error) {
	o := make(event.Map, 0, len(t.fields))
	var first error
	for i := range t.fields {
		v, err := t.fields[i].value.Value(m, env)
		if err != nil && first == nil {
			first = err
		}
		if !v.IsEmpty() {
			o.Add(t.fields[i].key, v)
		}
	}
	return event.ObjectOf(o), first
}

// filled is a text with its holes filled in. A hole that yields nothing is empty, one that fails fails the whole text.
func (t *Template) filled(m *formula.Machine, env *formula.Env) (event.Value, error) {
	b := m.Scratch[:0]
	for i := range t.pieces {
		p := &t.pieces[i]
		if p.formula == nil {
			b = append(b, p.text...)
			continue
		}
		v, err := p.formula.Value(m, env)
		if err != nil {
			return event.Value{}, err
		}
		if k := v.Kind(); k == event.List || k == event.Object {
			b = v.AppendJSON(b)
		} else {
			text := v.Text()
			if p.escape != nil {
				text = p.escape(text)
			}
			b = append(b, text...)
		}
	}
	m.Scratch = b
	return event.String(string(b)), nil
}
