package rules

import (
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/rules/advice"
	"headgate/rules/formula"
)

// checkText finds values that are taken as text although a formula was most likely intended: a variable of Google Tag Manager, or
// a formula without its equals sign. Texts that were filled in from outside are left alone.
func (rc *ruleCompiler) checkText(e document.Entry[*document.Node]) bool {
	n := e.Value
	if n == nil || n.Kind != document.Text || len(n.From) > 0 || strings.HasPrefix(n.Text, "=") {
		return true
	}
	w := n.Words()
	if found, path, offset := advice.TagVariable(n.Text); found != "" {
		cure := "write {" + path + "} in its place"
		if found == n.Text {
			cure = "write =" + path
		}
		rc.mistakes.Add(w.Place(offset), found+" is a variable of Google Tag Manager, and would be sent as it stands here", cure)
		return false
	}
	if !looksComputed(n.Text) {
		return true
	}
	f, ms := rc.language.Formula(w, rc.scope, formula.Anything)
	if len(ms) > 0 || !f.ReadsEvents() {
		return true
	}
	rc.mistakes.Add(w.At, advice.Quote(n.Text)+" is text here, and reads like a formula",
		"write ="+n.Text+`, or ="..." for the text itself`)
	return false
}

// looksComputed reports whether a text names a field by its whole path, or calls a function: one word alone is a text.
func looksComputed(text string) bool {
	if call, rest, ok := strings.Cut(text, "("); ok && strings.HasSuffix(text, ")") && call != "" && !strings.Contains(call, " ") && rest != ")" {
		return true
	}
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" ()+-*/,<>=!?:", c) }) {
		if _, _, known := event.Lookup(word); known && strings.Contains(word, ".") {
			return true
		}
	}
	return false
}

// idle reports whether a rule does nothing with the events that it finds.
func idle(in *Rule) bool {
	return len(in.Rename)+len(in.Set)+len(in.Remove)+len(in.Skip)+len(in.Only) == 0 && in.Emit == nil && in.Sample == nil && !in.Drop &&
		in.Only == nil
}
