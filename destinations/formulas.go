package destinations

import (
	"fmt"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// Formulas compiles the formulas of one destination and collects every mistake on the way.
type Formulas struct {
	Language *rules.Language
	Mistakes document.Mistakes
}

// Template compiles a text, a formula or a constant; nil gives nil.
func (f *Formulas) Template(n *document.Node, s rules.Scope) *rules.Template {
	if n == nil {
		return nil
	}
	t, ms := f.Language.Template(n, s)
	f.Mistakes = append(f.Mistakes, ms...)
	return t
}

// Condition compiles a formula that is true or false; an empty one gives nil, which always holds.
func (f *Formulas) Condition(w document.Words, s rules.Scope) *rules.Formula {
	if w.Value == "" {
		return nil
	}
	c, ms := f.Language.Formula(w, s, rules.Truth)
	f.Mistakes = append(f.Mistakes, ms...)
	return c
}

// Fixed returns the text of a template that is the same for every event and answer.
func (f *Formulas) Fixed(t *rules.Template, settings event.Map) string {
	if t == nil {
		return ""
	}
	m := f.Language.Machine()
	defer m.Release()
	text, err := t.Text(m, &rules.Env{Settings: settings, Event: &event.Event{}})
	if err != nil {
		f.Mistakes.Add(document.Place{}, err.Error(), "")
	}
	return text
}

// Naming is how a vendor names things, nil when it takes any name.
func (f *Formulas) Naming(at document.Place, vendor string) *rules.Naming {
	naming := rules.NamingOf(vendor)
	if vendor != "" && naming == nil {
		f.Mistakes.Add(at, fmt.Sprintf("no naming %q", vendor), "there is "+strings.Join(rules.Namings(), ", "))
	}
	return naming
}
