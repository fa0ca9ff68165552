package destinations

import (
	"strings"

	"headgate/document"
	"headgate/rules"
)

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
		text, err := t.Text(m, &rules.Env{Event: s.Event, Settings: d.settings.values})
		if err != nil {
			d.formulaFailed(err)
		}
		return restore.Replace(text)
	}, nil
}
