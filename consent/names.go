package consent

import (
	"fmt"
	"slices"

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
	ms.Add(w.At, fmt.Sprintf("%q takes %s, not %q", setting, document.Enumerate(takes, "or"), w.Value), document.Suggestion(w.Value, takes))
}
