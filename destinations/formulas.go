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

// compileText is CompileText of one destination. n is what the person wrote, nil when the setting has its default.
func (d *Destination) compileText(n *document.Node, setting string, fixed map[string]string, escape func(string) string) (func(*Sending) string, document.Mistakes) {
	written := document.Node{Kind: document.Text, Text: d.settings.Text(setting), At: d.settings.Place(setting)}
	if n != nil {
		written = *n
	}
	// What is fixed is kept out of the formulas' way, and put back afterwards.
	var marks, back []string
	for name, with := range fixed {
		mark := "\x00" + with + "\x00"
		marks, back = append(marks, name, mark), append(back, mark, with)
	}
	written.Text = strings.NewReplacer(marks...).Replace(written.Text)
	t, ms := d.language.Template(&written, rules.DestinationScope(d.spec.Settings.Keys()))
	if len(ms) > 0 {
		return nil, ms
	}
	t.EscapeEvents(escape)
	restore := strings.NewReplacer(back...)
	return func(s *Sending) string {
		m := d.language.Machine()
		defer m.Release()
		text, err := t.Text(m, &rules.Env{Event: s.Event, Settings: d.settings.Values()})
		if err != nil {
			d.formulaFailed(err)
		}
		return restore.Replace(text)
	}, nil
}
