package document

import (
	"fmt"
	"slices"
)

// WordList is one word or a list of words.
type WordList []Words

// DecodeDocument reads one word or a list of words.
func (l *WordList) DecodeDocument(n *Node) Mistakes {
	if n.Kind == Null {
		return nil
	}
	var ms Mistakes
	list := []*Node{n}
	if n.Kind == List {
		list = n.Items
	}
	*l = make(WordList, 0, len(list))
	for _, item := range list {
		if item.Kind == List || item.Kind == Map || item.Kind == Null {
			ms.Add(item.At, "expected a word or a list of words", "")
			continue
		}
		*l = append(*l, item.Words())
	}
	return ms
}

// Values returns the words without their places.
func (l WordList) Values() []string {
	out := make([]string, len(l))
	for i := range l {
		out[i] = l[i].Value
	}
	return out
}

// ListOfWords is a list that was written nowhere.
func ListOfWords(values ...string) WordList {
	out := make(WordList, len(values))
	for i, v := range values {
		out[i].Value = v
	}
	return out
}

// CheckOneOf notes a mistake when w is none of the words that a setting takes. What nobody has written is right: it is a default, or
// Decode has reported why it could not be read.
func (w Words) CheckOneOf(ms *Mistakes, setting string, takes ...string) {
	if w.At == (Place{}) || slices.Contains(takes, w.Value) {
		return
	}
	ms.Add(w.At, fmt.Sprintf("%q takes %s, not %q", setting, Enumerate(takes, "or"), w.Value), Suggestion(w.Value, takes))
}
