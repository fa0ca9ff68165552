package document

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// What one file may hold. A configuration of thousands of rules stays far below; an alias bomb does not.
const (
	MaxBytes = 1 << 20
	maxDepth = 64
	maxNodes = 200_000 // after aliases were followed
)

// Parse reads one YAML document. The node is nil when the text is no YAML at all or is empty; with other mistakes it holds
// what could be read, so that Decode finds the rest of what is wrong. It takes time in proportion to the text, whatever the
// text says.
func Parse(file string, data []byte) (*Node, Mistakes) {
	if len(data) > MaxBytes {
		return nil, Mistakes{{Place{File: file}, fmt.Sprintf("is %s, more than %s", Size(len(data)), Size(MaxBytes)),
			"split it into several files in one folder"}}
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	if m, ok := findUnreadable(file, text); ok {
		return nil, Mistakes{m}
	}
	d := yaml.NewDecoder(strings.NewReader(text))
	var first, second yaml.Node
	if err := next(d, &first); errors.Is(err, errEnd) {
		return nil, nil
	} else if err != nil {
		return nil, Mistakes{explainSyntax(file, text, err)}
	}
	r := reader{file: file, lines: strings.Split(text, "\n"), done: map[*yaml.Node]*Node{}, left: maxNodes}
	switch err := next(d, &second); {
	case err == nil:
		r.mistakes.Add(r.place(&second), "a second document starts here", `remove the line "---", or put it into a file of its own`)
	case !errors.Is(err, errEnd):
		r.mistakes = append(r.mistakes, explainSyntax(file, text, err))
	}
	n := r.node(first.Content[0], 0)
	return n, r.mistakes
}

var errEnd = errors.New("end of documents")

// next reads the next document. yaml.v3 reports some malformed input by panicking with values of its own; to us they are
// mistakes of the text like any other.
func next(d *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	err = d.Decode(n)
	if errors.Is(err, io.EOF) || err == nil && len(n.Content) == 0 {
		return errEnd
	}
	return err
}

// findUnreadable finds the first byte that no text file has.
func findUnreadable(file, text string) (Mistake, bool) {
	line, column := 1, 1
	for i, c := range text {
		switch {
		case c == '\n':
			line, column = line+1, 0
		case c == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd"):
			return Mistake{Place{file, line, column}, "is not UTF-8 text", "save the file as UTF-8"}, true
		case c < ' ' && c != '\t' && c != '\r', c == 0x7f:
			return Mistake{Place{file, line, column}, fmt.Sprintf("has the control character U+%04X", c), "remove it"}, true
		}
		column++
	}
	return Mistake{}, false
}

// reader turns yaml.v3's nodes into ours.
type reader struct {
	file     string
	lines    []string
	mistakes Mistakes
	done     map[*yaml.Node]*Node // nodes with an anchor; nil while they are being read
	sizes    map[*Node]int
	left     int  // nodes that may still come
	item     bool // the next node is a map after a dash
	gaveUp   bool
}

func (r *reader) place(y *yaml.Node) Place {
	return Place{r.file, max(y.Line, 1), max(y.Column, 1)}
}

func (r *reader) node(y *yaml.Node, depth int) *Node {
	n := &Node{At: r.place(y)}
	if r.left--; r.left < 0 || depth > maxDepth {
		if !r.gaveUp {
			r.gaveUp = true
			fact := fmt.Sprintf("is nested deeper than %d levels", maxDepth)
			if r.left < 0 {
				fact = fmt.Sprintf("holds more than %d values, counting what aliases repeat", maxNodes)
			}
			r.mistakes.Add(n.At, fact, "make it simpler")
		}
		return n
	}
	if y.Kind == yaml.AliasNode {
		return r.alias(y)
	}
	if y.Anchor != "" {
		r.done[y] = nil
	}
	before := r.left
	n.flow = y.Style&yaml.FlowStyle != 0
	r.checkTag(y)
	switch y.Kind {
	case yaml.ScalarNode:
		r.scalar(y, n)
	case yaml.SequenceNode:
		n.Kind = List
		for _, item := range y.Content {
			r.item = y.Style&yaml.FlowStyle == 0 && item.Kind == yaml.MappingNode
			n.Items = append(n.Items, r.node(item, depth+1))
		}
	case yaml.MappingNode:
		n.Kind = Map
		r.fields(y, n, depth)
	}
	r.checkTraps(y)
	if y.Anchor != "" {
		r.done[y] = n
		if r.sizes == nil {
			r.sizes = map[*Node]int{}
		}
		r.sizes[n] = before - r.left
	}
	return n
}

// alias follows an alias; what it repeats counts again, so that aliases of aliases cannot blow up.
func (r *reader) alias(y *yaml.Node) *Node {
	n, known := r.done[y.Alias]
	if !known || n == nil {
		r.mistakes.Add(r.place(y), fmt.Sprintf("*%s stands inside what it repeats", y.Value), "")
		return &Node{At: r.place(y)}
	}
	r.left -= r.sizes[n]
	return n
}

func (r *reader) scalar(y *yaml.Node, n *Node) {
	n.Text = y.Value
	n.Quoted = y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	n.source = locate(r.lines, y)
	n.Kind = Text
	if n.Quoted {
		return
	}
	switch y.ShortTag() {
	case "!!null":
		n.Kind = Null
	case "!!bool":
		n.Kind = Bool
	case "!!int", "!!float":
		n.Kind = Number
	}
}

// fields reads the keys of a map. Merge keys (`<<: *base`) bring what the map does not say itself.
func (r *reader) fields(y *yaml.Node, n *Node, depth int) {
	seen := map[string]Place{}
	var merged []*Node
	item := r.item
	r.item = false
	for i := 0; i+1 < len(y.Content); i += 2 {
		k, v := y.Content[i], y.Content[i+1]
		at := r.place(k)
		if item && i > 0 && k.Kind == yaml.ScalarNode && k.Value == y.Content[0].Value {
			r.mistakes.Add(at, fmt.Sprintf("the next item starts here without its dash: %q is written twice", k.Value),
				fmt.Sprintf(`write "- %s: ...", two columns further left`, k.Value))
			break
		}
		value := r.node(v, depth+1)
		switch {
		case k.Kind == yaml.AliasNode && k.Alias != nil && k.Alias.Kind == yaml.ScalarNode:
			k = k.Alias
		case k.Kind != yaml.ScalarNode:
			r.mistakes.Add(at, "a key must be text", "put it in quotes")
			continue
		}
		if k.ShortTag() == "!!merge" {
			merged = append(merged, value)
			continue
		}
		if first, twice := seen[k.Value]; twice {
			r.mistakes.Add(at, fmt.Sprintf("key %q is written twice", k.Value),
				fmt.Sprintf("it also stands in line %d; keep one", first.Line))
			continue
		}
		seen[k.Value] = at
		n.Fields = append(n.Fields, Field{k.Value, at, value})
	}
	for _, m := range merged {
		r.merge(n, m, seen)
	}
}

func (r *reader) merge(n, from *Node, seen map[string]Place) {
	switch from.Kind {
	case Map:
		for _, f := range from.Fields {
			if _, own := seen[f.Key]; !own {
				seen[f.Key] = f.At
				n.Fields = append(n.Fields, f)
			}
		}
	case List:
		for _, item := range from.Items {
			if item.Kind == Map {
				r.merge(n, item, seen)
				continue
			}
			r.mistakes.Add(item.At, `"<<" takes a map or a list of maps`, "")
		}
	default:
		r.mistakes.Add(from.At, `"<<" takes a map or a list of maps`, "")
	}
}
