package destinations

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// Settings are the settings of one destination, judged and with defaults filled in.
type Settings struct {
	values event.Map
	masked event.Map // the same with *** for secrets
	places map[string]document.Place
}

// Text returns a setting as text, "" when it is not set.
func (s Settings) Text(name string) string { return s.values.Text(name) }

// Value returns a setting as it is, null when it is not set.
func (s Settings) Value(name string) event.Value { return s.values.Get(name) }

// Place is where a setting is written, or where the destination is when it is not.
func (s Settings) Place(name string) document.Place {
	if at, ok := s.places[name]; ok {
		return at
	}
	return s.places[""]
}

// Duration returns a setting of the type duration.
func (s Settings) Duration(name string) time.Duration {
	d, err := document.ParseDuration(s.Text(name))
	if err != nil {
		return 0
	}
	return d.Std()
}

// Masked are the settings as they may be shown: secrets are ***.
func (s Settings) Masked() event.Map { return s.masked }

// secrets are the texts that nobody may see.
func (s Settings) secrets() []string {
	var out []string
	for i := range s.values {
		if s.values[i].Value.Text() != s.masked[i].Value.Text() {
			out = append(out, s.values[i].Value.Text())
		}
	}
	return out
}

const mask = "***"

// readSettings judges what a person wrote against what the file declares.
func (s *Spec) readSettings(written *document.Node, at document.Place, d Deps) (Settings, document.Mistakes) {
	var ms document.Mistakes
	out := Settings{places: map[string]document.Place{"": at}}
	if written != nil && written.Kind != document.Map && written.Kind != document.Null {
		ms.Add(written.At, "settings are keys with values", "")
		written = nil
	}
	if written != nil {
		for _, f := range written.Fields {
			out.places[f.Key] = f.At
			if _, known := s.Settings.Get(f.Key); !known {
				ms.Add(f.At, fmt.Sprintf("%s has no setting %q", s.Name, f.Key), document.DidYouMean(f.Key, s.Settings.Keys()))
			}
		}
	}
	for i := range s.Settings {
		declared := &s.Settings[i]
		setting := declared.Value
		setting.Required = setting.Required || setting.Unless != "" && blank(written.Get(setting.Unless))
		v, wrong := setting.take(declared.Key, written.Get(declared.Key), s, &out, d)
		ms = append(ms, wrong...)
		if v.IsEmpty() {
			continue
		}
		var shown event.Value
		if declared.Value.Type == "secret" {
			shown = event.String(mask)
		} else {
			shown = hidden(v, d.Secrets.Hide)
		}
		out.values.Add(declared.Key, v)
		out.masked.Add(declared.Key, shown)
	}
	return out, ms
}

// take returns the value of one setting: what was written, or the default.
func (s *Setting) take(name string, n *document.Node, spec *Spec, so *Settings, d Deps) (v event.Value, ms document.Mistakes) {
	if n != nil && len(n.Missing) > 0 {
		return v, nil // config reports what is missing, once
	}
	if blank(n) {
		if s.Required {
			example, or := "", ""
			if s.Example != nil {
				example = "; an example is " + s.Example.Text
			}
			if s.Unless != "" {
				or = " or " + s.Unless
			}
			ms.Add(so.Place(name), fmt.Sprintf("%s needs the setting %s%s", spec.Name, name, or), s.Help+example)
		}
		v, wrong := s.byDefault(so, spec, d)
		return v, append(ms, wrong...)
	}
	v, fact, cure := s.read(n)
	if fact != "" {
		ms.Add(n.At, name+": "+fact, cure)
	}
	if s.Type == "secret" && !d.LiteralSecrets {
		ms = append(ms, n.CheckSecret(name)...)
	}
	return v, ms
}

// blank reports whether nothing is written; what an environment variable is missing for is written.
func blank(n *document.Node) bool {
	return n == nil || len(n.Missing) == 0 && (n.Kind == document.Null || n.Kind == document.Text && n.Text == "")
}

func (s *Setting) byDefault(so *Settings, spec *Spec, d Deps) (event.Value, document.Mistakes) {
	if s.Default == nil {
		return event.Value{}, nil
	}
	if s.Default.Kind != document.Text || !strings.ContainsAny(s.Default.Text, "={") {
		v, _ := nodeValue(s.Default)
		return v, nil
	}
	t, ms := d.Language.Template(s.Default, rules.DestinationScope(spec.Settings.Keys()))
	if len(ms) > 0 {
		return event.Value{}, ms
	}
	m := d.Language.Machine()
	defer m.Release()
	v, err := t.Value(m, &rules.Env{Event: emptyEvent(), Settings: so.values})
	if err != nil {
		ms.Add(s.Default.At, err.Error(), "")
	}
	return v, ms
}

// warnings says which settings hold a value that the vendor no longer takes.
func (s *Spec) warnings(settings Settings, now time.Time) (ms document.Mistakes) {
	for i := range s.Settings {
		name := s.Settings[i].Key
		value := settings.Text(name)
		if day := s.Settings[i].Value.ended(value, now); day != "" {
			ms.Add(settings.Place(name), fmt.Sprintf("%s %s is not taken by the vendor since %s", name, value, day), "choose a newer one: see "+s.Docs)
		}
	}
	return ms
}

// hidden returns a value with every text in it, at any depth, passed through hide.
func hidden(v event.Value, hide func(string) string) event.Value {
	switch v.Kind() {
	case event.Text:
		return event.String(hide(v.Text()))
	case event.Object:
		out := make(event.Map, 0, len(v.Object()))
		for _, p := range v.Object() {
			out = append(out, event.Pair{Key: p.Key, Value: hidden(p.Value, hide)})
		}
		return event.ObjectOf(out)
	case event.List:
		out := make([]event.Value, len(v.List()))
		for i, one := range v.List() {
			out[i] = hidden(one, hide)
		}
		return event.ListOf(out...)
	}
	return v
}

// masker hides secrets in words that come from outside: the settings of the type secret, and what the whole configuration
// took from the environment and from files.
func (s Settings) masker(all *document.Secrets) func(string) string {
	secrets := s.secrets()
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, secret := range secrets {
		if len(secret) < 4 {
			continue // hiding every "a" would hide the words, and tell
		}
		pairs = append(pairs, secret, mask)
		if escaped := queryEscape(secret); escaped != secret {
			pairs = append(pairs, escaped, mask)
		}
	}
	own := strings.NewReplacer(pairs...)
	return func(words string) string { return all.Hide(own.Replace(words)) }
}

func emptyEvent() *event.Event { return &event.Event{} }
