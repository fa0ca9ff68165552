package document

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// YAML reads some things that people write in good faith as something else, without a word. This file finds them, each with
// a sentence of its own.

var coreTags = map[string]bool{"": true, "!": true, "!!str": true, "!!int": true, "!!float": true, "!!bool": true, "!!null": true,
	"!!map": true, "!!seq": true, "!!merge": true, "!!timestamp": true}

// checkTag refuses tags: `when: !bot` has the tag !bot and the value "".
func (r *reader) checkTag(y *yaml.Node) {
	if coreTags[y.Tag] || coreTags[y.ShortTag()] && y.Style&yaml.TaggedStyle == 0 {
		return
	}
	whole := strings.TrimSpace(y.Tag + " " + y.Value)
	r.mistakes.Add(r.place(y), fmt.Sprintf("YAML takes %q for a tag, not for a part of the value", y.Tag),
		fmt.Sprintf("write the value in quotes: %s, or write \"not\" instead of \"!\"", quoted(whole)))
}

// checkTraps looks at a list, a map or a scalar as it was written.
func (r *reader) checkTraps(y *yaml.Node) {
	flow := y.Style&yaml.FlowStyle != 0
	switch y.Kind {
	case yaml.ScalarNode:
		r.checkComment(y)
	case yaml.SequenceNode:
		for i, item := range y.Content {
			if flow && i+1 < len(y.Content) && plain(item) && open(item.Value) {
				r.splitAtComma(item)
			}
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(y.Content); i += 2 {
			k, v := y.Content[i], y.Content[i+1]
			switch {
			case flow && i+2 < len(y.Content) && plain(v) && open(v.Value):
				r.splitAtComma(v)
			case plain(k) && (strings.Contains(k.Value, " ? ") || strings.HasPrefix(k.Value, "=")):
				r.mistakes.Add(r.place(k), `YAML takes ": " in this formula for the end of a key`,
					"write the whole formula in quotes: "+quoted(k.Value+" : "+v.Value))
			}
		}
	}
}

func (r *reader) splitAtComma(y *yaml.Node) {
	r.mistakes.Add(r.place(y), fmt.Sprintf("inside {} or [] YAML ends the value at the comma: %q is all that is left", y.Value),
		"write the value in quotes")
}

// checkComment finds values that were cut off: YAML starts a comment at every # after a space, people write one for
// `any(items, #.id == "x")` too.
func (r *reader) checkComment(y *yaml.Node) {
	c := y.LineComment
	if !plain(y) || !strings.HasPrefix(c, "#") {
		return
	}
	if strings.HasPrefix(c, "#.") || open(y.Value) || strings.HasPrefix(y.Value, "=") && len(c) > 1 && c[1] != ' ' && c[1] != '#' {
		c, _, _ = strings.Cut(c, "\n")
		r.mistakes.Add(r.place(y), fmt.Sprintf("YAML cuts this value off at %q, since # after a space starts a comment", firstWord(c)),
			"write the whole value in quotes: "+quoted(y.Value+" "+c))
	}
}

func plain(y *yaml.Node) bool { return y.Kind == yaml.ScalarNode && y.Style == 0 }

func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return w
}

// open reports whether a bracket or a quote in s is opened and not closed: a sign that s is only half of what was written.
func open(s string) bool {
	depth, quote := 0, rune(0)
	for i, c := range s {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"', c == '\'' && (i == 0 || strings.ContainsRune("(=<>, [+", rune(s[i-1]))):
			quote = c
		case c == '(', c == '[', c == '{':
			depth++
		case c == ')', c == ']', c == '}':
			depth--
		}
	}
	return depth > 0
}

// quoted writes s as a YAML scalar in single quotes.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
