// Package settings reads what a person wrote as a destination's own settings against what its file declares, fills in the defaults,
// and hides the values that nobody may see.
package settings

import (
	"fmt"
	"strings"
	"time"

	"headgate/destinations/catalog"
	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// Set is the settings of one destination, checked, with defaults filled in.
type Set struct {
	values event.Map
	masked event.Map // the same with *** for secrets
	places map[string]document.Place
}

// Text returns a setting as text, "" when it is not set.
func (s Set) Text(name string) string { return s.values.Text(name) }

// Value returns a setting as it is, null when it is not set.
func (s Set) Value(name string) event.Value { return s.values.Get(name) }

// Place is where a setting is written, or where the destination is when it is not.
func (s Set) Place(name string) document.Place {
	if at, ok := s.places[name]; ok {
		return at
	}
	return s.places[""]
}

// Duration returns a setting of the type duration.
func (s Set) Duration(name string) time.Duration {
	d, err := document.ParseDuration(s.Text(name))
	if err != nil {
		return 0
	}
	return d.Std()
}

// Values are the settings by name.
func (s Set) Values() event.Map { return s.values }

// Masked are the settings as they may be shown: secrets are ***.
func (s Set) Masked() event.Map { return s.masked }

// Options are what settings are read with. Language is needed.
type Options struct {
	Language       *rules.Language   // of formulas in defaults
	Secrets        *document.Secrets // hidden by value in what is shown; nil: only settings of the type secret are
	LiteralSecrets bool              // secrets may stand in the file: golden cases
}

// Read checks what a person wrote against what the file declares.
func Read(s *catalog.Spec, written *document.Node, at document.Place, o Options) (Set, document.Mistakes) {
	var ms document.Mistakes
	out := Set{places: map[string]document.Place{"": at}}
	if written != nil && written.Kind != document.Map && written.Kind != document.Null {
		ms.Add(written.At, "expected keys with values", "")
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
	ms = append(ms, checkNames(s, written)...)
	for i := range s.Settings {
		declared := &s.Settings[i]
		setting := declared.Value
		setting.Required = setting.Required || setting.Unless != "" && blank(written.Get(setting.Unless))
		v, wrong := take(setting, written.Get(declared.Key), declared.Key, s, &out, o)
		ms = append(ms, wrong...)
		if v.IsEmpty() {
			continue
		}
		var shown event.Value
		if declared.Value.Type == "secret" {
			shown = event.String(Mask)
		} else {
			shown = hidden(v, o.Secrets.Hide)
		}
		out.values.Add(declared.Key, v)
		out.masked.Add(declared.Key, shown)
	}
	return out, ms
}

// take returns the value of one setting: what was written, or the default.
func take(s catalog.Setting, n *document.Node, name string, spec *catalog.Spec, so *Set, o Options) (v event.Value, ms document.Mistakes) {
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
		if s.Type == "formula" && s.Default != nil {
			return catalog.ValueOf(s.Default), ms // the driver runs it
		}
		v, wrong := byDefault(s.Default, so, spec, o)
		return v, append(ms, wrong...)
	}
	v, fact, cure := s.Read(n)
	if fact != "" {
		ms.Add(n.At, name+": "+fact, cure)
	}
	if s.Type == "secret" && !o.LiteralSecrets {
		ms = append(ms, n.CheckSecret(name)...)
	}
	return v, ms
}

// blank reports whether nothing is written; what an environment variable is missing for is written.
func blank(n *document.Node) bool {
	return n == nil || len(n.Missing) == 0 && (n.Kind == document.Null || n.Kind == document.Text && n.Text == "")
}

func byDefault(n *document.Node, so *Set, spec *catalog.Spec, o Options) (event.Value, document.Mistakes) {
	if n == nil {
		return event.Value{}, nil
	}
	if n.Kind != document.Text || !strings.ContainsAny(n.Text, "={") {
		return catalog.ValueOf(n), nil
	}
	t, ms := o.Language.Template(n, rules.DestinationScope(spec.Settings.Keys()))
	if len(ms) > 0 {
		return event.Value{}, ms
	}
	m := o.Language.Machine()
	defer m.Release()
	v, err := t.Value(m, &rules.Env{Event: &event.Event{}, Settings: so.values})
	if err != nil {
		ms.Add(n.At, err.Error(), "")
	}
	return v, ms
}

// Warnings says which settings hold a value that the vendor no longer takes.
func (s Set) Warnings(spec *catalog.Spec, now time.Time) (ms document.Mistakes) {
	for i := range spec.Settings {
		name := spec.Settings[i].Key
		value := s.Text(name)
		if day := spec.Settings[i].Value.Ended(value, now); day != "" {
			ms.Add(s.Place(name), fmt.Sprintf("%s %s has not been accepted by the vendor since %s", name, value, day), "choose a newer one: see "+spec.Docs)
		}
	}
	return ms
}

// Mask is shown in place of a secret.
const Mask = "***"

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
