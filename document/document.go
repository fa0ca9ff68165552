// Package document reads YAML the way Headgate's editors need it: strictly, every value with its place, and every mistake
// at once as file:line:column, fact and cure. It is the only package that knows the YAML library; all others declare
// structs with yaml tags and let Decode fill them.
package document

import (
	"fmt"
	"sort"
	"strings"
)

// Place is where something was written. Line and Column count from 1, columns in characters; a zero Line means the file
// as a whole.
type Place struct {
	File         string
	Line, Column int
}

func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Mistake is what a person who edits YAML did wrong: where, what, and how to cure it.
type Mistake struct {
	At   Place
	Fact string // lower case, no full stop
	Cure string // "" when the fact says it all
}

func (m Mistake) Error() string {
	s := m.At.String()
	if s != "" {
		s += ": "
	}
	s += m.Fact
	if m.Cure != "" {
		s += "; " + m.Cure
	}
	return s
}

// Mistakes are all that is wrong, each on a line of its own, in the order of their places.
type Mistakes []Mistake

// Add notes one mistake.
func (ms *Mistakes) Add(at Place, fact, cure string) { *ms = append(*ms, Mistake{at, fact, cure}) }

// Err returns the mistakes as an error, sorted by place; nil when there are none.
func (ms Mistakes) Err() error {
	if len(ms) == 0 {
		return nil
	}
	sort.SliceStable(ms, func(i, j int) bool {
		a, b := ms[i].At, ms[j].At
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	return ms
}

func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.Error()
	}
	return strings.Join(lines, "\n")
}

// Kind says what a Node is.
type Kind uint8

// The kinds of nodes.
const (
	Null Kind = iota
	Bool
	Number
	Text
	List
	Map
)

// Node is a piece of a YAML document with its place. Aliases are followed and anchors forgotten.
type Node struct {
	At     Place
	Kind   Kind
	Text   string  // of a scalar: its value, after ${...} was filled in
	Quoted bool    // of a scalar: written in quotes or as a block, so that its kind is Text whatever it looks like
	Items  []*Node // of a List
	Fields []Field // of a Map, in the order written
	// From names the environment variables and files a scalar was filled in from; Missing those that were not there. A
	// node with Missing is a mistake wherever it is used.
	From, Missing []string

	flow   bool    // of a List or Map: written with brackets
	source *source // of a scalar
}

// Field is one key of a Map.
type Field struct {
	Key   string
	At    Place // of the key
	Value *Node
}

// Get returns the value of a key of a Map, nil when it is absent or n is no Map.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			return n.Fields[i].Value
		}
	}
	return nil
}

// Any returns the node as plain Go values: nil, bool, float64, string, []any and map[string]any.
func (n *Node) Any() any {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case Bool:
		return strings.EqualFold(n.Text, "true")
	case Number:
		if f, ok := n.Float(); ok {
			return f
		}
		return n.Text
	case Text:
		return n.Text
	case List:
		list := make([]any, len(n.Items))
		for i, item := range n.Items {
			list[i] = item.Any()
		}
		return list
	case Map:
		m := make(map[string]any, len(n.Fields))
		for _, f := range n.Fields {
			m[f.Key] = f.Value.Any()
		}
		return m
	}
	return nil
}
