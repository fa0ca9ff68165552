package config

import (
	"context"
	"slices"
	"strings"

	"headgate/config/references"
	"headgate/destinations"
	"headgate/destinations/catalog"
	engine "headgate/destinations/http"
	"headgate/document"
	"headgate/event"
)

// openDestinations opens all destinations; those that are switched off are only checked.
func (p *Parts) openDestinations(deps Deps) (ms document.Mistakes) {
	opening := destinations.Deps{Language: p.Language, Engine: engine.Driver, Drivers: deps.Drivers, Allow: p.Config.Egress.Allow, Client: deps.Client,
		Now: deps.Now, Random: deps.Random, Logger: deps.Logger, Secrets: p.Secrets, Others: p.Config.Destinations.Keys()}
	for _, e := range p.Config.Destinations {
		e.Value.At = e.At
		d, wrong := destinations.Open(e.Key, e.Value, p.Catalog, opening)
		if !e.Value.Enabled && references.HasMissing(e.Value.Settings) {
			// What is missing is excused, and so is what follows from it for the whole entry, such as an address.
			wrong = slices.DeleteFunc(wrong, func(m document.Mistake) bool { return m.At == e.Value.At })
		}
		need, spec := destinations.NeedOf(e.Key, e.Value, p.Catalog, p.Language)
		if spec != nil {
			need.Flags = p.flags(spec, p.Policy.Purposes())
			unfit := placed(p.Policy.Check(need, e.At), spec, e.Key, e.At)
			wrong = slices.DeleteFunc(wrong, func(m document.Mistake) bool { // a purpose that is misspelt is also left out
				return slices.ContainsFunc(unfit, func(known document.Mistake) bool {
					return known.At == m.At && strings.HasPrefix(known.Fact, "no purpose")
				})
			})
			ms = append(ms, unfit...)
		}
		ms = append(ms, wrong...)
		if d == nil {
			continue
		}
		if !e.Value.Enabled {
			ms = append(ms, asMistakes(d.Close(context.Background()))...)
			continue
		}
		p.Warnings = append(p.Warnings, d.Warnings()...)
		p.Warnings = append(p.Warnings, p.Policy.Warn(need, d.Spec().Kind == "ads", e.At)...)
		p.Destinations = append(p.Destinations, Destination{d, need})
	}
	return ms
}

// placed returns mistakes at places that a person can edit: what a built-in file needs and cannot have is wrong at its entry.
func placed(ms document.Mistakes, spec *catalog.Spec, name string, entry document.Place) document.Mistakes {
	for i := range ms {
		if m := &ms[i]; spec.BuiltIn && m.At.File == spec.At.File {
			m.At, m.Fact = entry, name+": "+m.Fact
		}
	}
	return ms
}

// flags lists what a destination sends with every event that lacks a purpose.
func (p *Parts) flags(spec *catalog.Spec, purposes []string) (flags []event.Flag) {
	for i := range spec.Flags {
		for _, purpose := range purposes {
			if destinations.FlagWithout(spec, spec.Flags[i], purpose, p.Language) {
				flags = append(flags, event.Flag{Purpose: purpose, Sets: flagText(&spec.Flags[i])})
			}
		}
	}
	return flags
}

// flagText names a flag by what it sets first: data_processing_options=LDU.
func flagText(f *catalog.Flag) string {
	if len(f.Set) == 0 {
		return ""
	}
	key, value := f.Set[0].Key, f.Set[0].Value
	if value.Kind == document.List && len(value.Items) == 1 {
		value = value.Items[0]
	}
	if value.Text == "" || strings.HasPrefix(value.Text, "=") {
		return key
	}
	return key + "=" + value.Text
}
