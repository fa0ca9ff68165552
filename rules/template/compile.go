package template

import (
	"strings"
	"unicode/utf8"

	"headgate/document"
	"headgate/event"
	"headgate/rules/formula"
	"headgate/rules/table"
)

// Compile compiles a value.
func Compile(l *formula.Language, n *document.Node, s formula.Scope) (*Template, document.Mistakes) {
	if n == nil {
		return &Template{constant: true}, nil
	}
	switch n.Kind {
	case document.Text:
		return ofText(l, n.Words(), s)
	case document.List:
		return ofList(l, n, s)
	case document.Map:
		return ofMap(l, n, s)
	}
	v, ms := table.Scalar(n)
	return &Template{constant: true, fixed: v}, ms
}

func ofText(l *formula.Language, w document.Words, s formula.Scope) (*Template, document.Mistakes) {
	if rest, ok := strings.CutPrefix(w.Value, "="); ok {
		f, ms := l.Part(w, rest, 1, s, formula.Anything)
		if f != nil {
			if v, constant := f.Const(); constant {
				return &Template{constant: true, fixed: v, formula: f}, ms
			}
		}
		return &Template{formula: f}, ms
	}
	pieces, ms := holes(l, w, s)
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
func holes(l *formula.Language, w document.Words, s formula.Scope) (pieces []piece, ms document.Mistakes) {
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
		f, wrong := l.Part(w, rest[:end], at+1, s, formula.Anything)
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

func ofList(l *formula.Language, n *document.Node, s formula.Scope) (*Template, document.Mistakes) {
	t := &Template{constant: true, list: make([]*Template, len(n.Items))}
	var ms document.Mistakes
	for i, item := range n.Items {
		one, wrong := Compile(l, item, s)
		ms = append(ms, wrong...)
		t.list[i] = one
		t.constant = t.constant && one != nil && one.constant
	}
	return t.settle(ms)
}

func ofMap(l *formula.Language, n *document.Node, s formula.Scope) (*Template, document.Mistakes) {
	t := &Template{constant: true, isMap: true, fields: make([]field, len(n.Fields))}
	var ms document.Mistakes
	for i, f := range n.Fields {
		one, wrong := Compile(l, f.Value, s)
		ms = append(ms, wrong...)
		t.fields[i] = field{f.Key, one}
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
