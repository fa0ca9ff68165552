package formula

import (
	"strings"
	"unicode/utf8"

	"headgate/document"
	"headgate/event"
	"headgate/rules/table"
)

// Template is a value as it is written in YAML: text is text, =... is a formula, {...} inside a text is filled in, lists and
// maps may hold all of these. What comes out empty (nil, "", [] or {}) is left out of lists and maps.
type Template struct {
	formula  *Formula
	constant bool
	fixed    event.Value
	pieces   []piece
	list     []*Template
	fields   []templateField
	isMap    bool
}

// piece is a part of a text with holes: text as it is, or a formula.
type piece struct {
	text    string
	formula *Formula
	escape  func(string) string // what the formula yields passes through it; nil: it stays as it is
}

type templateField struct {
	key   string
	value *Template
}

// Template compiles a value.
func (l *Language) Template(n *document.Node, s Scope) (*Template, document.Mistakes) {
	if n == nil {
		return &Template{constant: true}, nil
	}
	switch n.Kind {
	case document.Text:
		return l.textTemplate(n.Words(), s)
	case document.List:
		return l.listTemplate(n, s)
	case document.Map:
		return l.mapTemplate(n, s)
	}
	v, ms := table.Scalar(n)
	return &Template{constant: true, fixed: v}, ms
}

func (l *Language) textTemplate(w document.Words, s Scope) (*Template, document.Mistakes) {
	if rest, ok := strings.CutPrefix(w.Value, "="); ok {
		f, ms := l.formula(part{w, rest, 1}, s, Anything)
		if f != nil && f.root.Constant {
			return &Template{constant: true, fixed: f.root.Fixed, formula: f}, ms
		}
		return &Template{formula: f}, ms
	}
	pieces, ms := l.holes(w, s)
	t := &Template{pieces: pieces}
	switch {
	case len(pieces) == 0:
		t.constant, t.fixed = true, event.String("")
	case len(pieces) == 1 && pieces[0].formula == nil:
		t.constant, t.fixed = true, event.String(pieces[0].text)
	}
	return t, ms
}

// holes cuts a text at its {formulas}. {{ and }} stand for the braces themselves.
func (l *Language) holes(w document.Words, s Scope) (pieces []piece, ms document.Mistakes) {
	var plain strings.Builder
	for rest := w.Value; rest != ""; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			plain.WriteString(rest)
			break
		}
		plain.WriteString(rest[:i])
		brace := rest[i]
		at := utf8.RuneCountInString(w.Value[:len(w.Value)-len(rest)+i])
		rest = rest[i+1:]
		switch {
		case rest != "" && rest[0] == brace:
			plain.WriteByte(brace)
			rest = rest[1:]
			continue
		case brace == '}':
			ms.Add(w.Place(at), "this } closes nothing", "write }} for a brace itself")
			return nil, ms
		}
		end := closingBrace(rest)
		if end < 0 {
			ms.Add(w.Place(at), "this { is never closed", "write {{ for a brace itself")
			return nil, ms
		}
		f, wrong := l.formula(part{w, rest[:end], at + 1}, s, Anything)
		ms = append(ms, wrong...)
		if plain.Len() > 0 {
			pieces = append(pieces, piece{text: plain.String()})
			plain.Reset()
		}
		pieces = append(pieces, piece{formula: f})
		rest = rest[end+1:]
	}
	if plain.Len() > 0 {
		pieces = append(pieces, piece{text: plain.String()})
	}
	return pieces, ms
}

// closingBrace finds the brace that ends a formula, past those inside it and inside its texts.
func closingBrace(s string) int {
	depth, quoted := 0, byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted != 0:
			if c == '\\' && quoted != '`' {
				i++
			} else if c == quoted {
				quoted = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quoted = c
		case c == '{':
			depth++
		case c == '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

func (l *Language) listTemplate(n *document.Node, s Scope) (*Template, document.Mistakes) {
	t := &Template{constant: true, list: make([]*Template, len(n.Items))}
	var ms document.Mistakes
	for i, item := range n.Items {
		one, wrong := l.Template(item, s)
		ms = append(ms, wrong...)
		t.list[i] = one
		t.constant = t.constant && one != nil && one.constant
	}
	return t.settle(ms)
}

func (l *Language) mapTemplate(n *document.Node, s Scope) (*Template, document.Mistakes) {
	t := &Template{constant: true, isMap: true, fields: make([]templateField, len(n.Fields))}
	var ms document.Mistakes
	for i, f := range n.Fields {
		one, wrong := l.Template(f.Value, s)
		ms = append(ms, wrong...)
		t.fields[i] = templateField{f.Key, one}
		t.constant = t.constant && one != nil && one.constant
	}
	return t.settle(ms)
}

// settle evaluates a list or map of constants once.
func (t *Template) settle(ms document.Mistakes) (*Template, document.Mistakes) {
	if t.constant && len(ms) == 0 {
		t.constant = false
		t.fixed, _ = t.Value(nil, nil)
		t.constant = true
	}
	return t, ms
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

// Value fills the template in. When formulas fail the error is the first *Failure, and the value is what is left without
// them.
func (t *Template) Value(m *Machine, env *Env) (event.Value, error) {
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
	return !t.constant && t.formula != nil && t.formula.root.text != nil
}

// Text is Value as text: "" for nothing, lists and objects.
func (t *Template) Text(m *Machine, env *Env) (string, error) {
	if t.IsText() {
		return t.formula.text(m, env)
	}
	v, err := t.Value(m, env)
	return v.Text(), err
}

func (t *Template) listValue(m *Machine, env *Env) (event.Value, error) {
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

func (t *Template) object(m *Machine, env *Env) (event.Value, error) {
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
func (t *Template) filled(m *Machine, env *Env) (event.Value, error) {
	b := m.bytes[:0]
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
	m.bytes = b
	return event.String(string(b)), nil
}
