package consent

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"headgate/document"
)

// Names are one word or a list of words.
type Names []document.Words

// DecodeDocument reads one word or a list of words.
func (ns *Names) DecodeDocument(n *document.Node) document.Mistakes {
	if n.Kind == document.Null {
		return nil
	}
	var ms document.Mistakes
	list := []*document.Node{n}
	if n.Kind == document.List {
		list = n.Items
	}
	*ns = make(Names, 0, len(list))
	for _, item := range list {
		if item.Kind == document.List || item.Kind == document.Map || item.Kind == document.Null {
			ms.Add(item.At, "expected a word or a list of words", "")
			continue
		}
		*ns = append(*ns, item.Words())
	}
	return ms
}

// Values returns the words without their places.
func (ns Names) Values() []string {
	out := make([]string, len(ns))
	for i := range ns {
		out[i] = ns[i].Value
	}
	return out
}

func words(values ...string) Names {
	out := make(Names, len(values))
	for i, v := range values {
		out[i].Value = v
	}
	return out
}

// oneOf notes a mistake when w is none of the words that a setting takes.
func oneOf(ms *document.Mistakes, setting string, w document.Words, takes ...string) {
	if slices.Contains(takes, w.Value) {
		return
	}
	ms.Add(w.At, fmt.Sprintf("%q takes %s, not %q", setting, either(takes), w.Value), suggestion(w.Value, takes))
}

func either(words []string) string { return enumerated(words, " or ") }

// enumerated joins words as in a sentence: a, b and c.
func enumerated(words []string, last string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + last + words[len(words)-1]
}

func suggestion(word string, from []string) string {
	if s := document.Suggest(word, from); s != "" {
		return "did you mean " + strconv.Quote(s) + "?"
	}
	return ""
}
