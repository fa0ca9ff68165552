package document

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// Words is text that knows where it was written: formulas and templates, whose own mistakes point into the text.
type Words struct {
	At    Place // of the first character of the text, after an opening quote
	Value string

	source *source
}

// Place returns where the character at an offset (in characters, from 0) of the text stands in the file.
func (w Words) Place(offset int) Place { return w.source.place(w.At, w.Value, offset) }

// String returns the text.
func (w Words) String() string { return w.Value }

func (w *Words) fill(d *decoder, n *Node, name string) {
	if d.text(n, name) {
		*w = n.Words()
	}
}

// Words returns a scalar's text with its place.
func (n *Node) Words() Words {
	at := n.At
	if n.source != nil {
		at = n.source.start
		at.File = n.At.File
	}
	return Words{At: at, Value: n.Text, source: n.source}
}

// source remembers how a scalar was written, as far as places inside it need it.
type source struct {
	start  Place    // of the first character of the text
	lines  []string // of the file
	double bool     // in double quotes: \" is one character of the text
	single bool     // in single quotes: '' is one character of the text
	block  bool     // | or >: line breaks are kept, indentation is not
}

func locate(lines []string, y *yaml.Node) *source {
	s := &source{start: Place{Line: max(y.Line, 1), Column: max(y.Column, 1)}, lines: lines}
	switch {
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		s.block = true
		s.start.Line++
		if s.start.Line <= len(lines) {
			line := lines[s.start.Line-1]
			s.start.Column = len(line) - len(strings.TrimLeft(line, " ")) + 1
		}
	case y.Style&yaml.DoubleQuotedStyle != 0:
		s.double = true
		s.start.Column++
	case y.Style&yaml.SingleQuotedStyle != 0:
		s.single = true
		s.start.Column++
	}
	return s
}

// place finds a character of the text in the file. Text over several lines without | is found by its line only as long as
// it is not folded; then the start is the best answer.
func (s *source) place(at Place, text string, offset int) Place {
	if s == nil {
		at.Column += offset
		return at
	}
	if s.block {
		for i, c := range []rune(text) {
			if i == offset {
				break
			}
			at.Column++
			if c == '\n' {
				at.Line, at.Column = at.Line+1, s.start.Column
			}
		}
		return at
	}
	if at.Line > len(s.lines) {
		return at
	}
	line := []rune(s.lines[at.Line-1])
	i := at.Column - 1
	for ; offset > 0 && i < len(line); offset-- {
		if i+1 < len(line) && (s.double && line[i] == '\\' || s.single && line[i] == '\'' && line[i+1] == '\'') {
			i++
		}
		i++
	}
	if offset > 0 {
		return at
	}
	at.Column = i + 1
	return at
}
