package destinations

import (
	"fmt"

	"headgate/destinations/catalog"
	"headgate/event"
	"headgate/event/trace"
	"headgate/rules"
)

// Requirement is what an event must have to be sent.
type Requirement struct {
	That   *rules.Formula
	Why    string
	Filter bool // an event without it is not wanted in the first place; otherwise it is rejected
}

func (f *Formulas) requirement(r catalog.Require, s rules.Scope) Requirement {
	if r.Else.Value != "" && r.Else.Value != "reject" && r.Else.Value != "filter" {
		f.Mistakes.Add(r.Else.At, fmt.Sprintf("an event cannot be %q", r.Else.Value), "write else: reject, or else: filter")
	}
	return Requirement{f.Condition(r.That, s), r.Why, r.Else.Value == "filter"}
}

// Wants reports whether a destination takes an event: by its map of events, by what it requires of all events, and by its
// when:. The reason and the sentence are "" when it does. env is the one that the rules ran in; its settings are set.
func (d *Destination) Wants(e *event.Event, m *rules.Machine, env *rules.Env) (wanted bool, reason event.Reason, because string) {
	names, listed := d.events.Of(e.Name)
	switch {
	case len(names) == 0 && listed:
		return false, event.EventNotMapped, "events: leaves this event out; events: {NAME: ...}, with the destination's name for it, sends it"
	case len(names) == 0:
		return false, event.EventNotMapped, "events: has no event of this name; events: {NAME: ...}, with the destination's name for it, sends it"
	}
	env.Settings = d.settings.Values()
	if why := d.lacking(d.events.Valid(names[0], e.Name), m, env); why != "" {
		return false, event.NotWanted, why
	}
	if d.when == nil {
		return true, "", ""
	}
	yes, err := d.when.Truth(m, env)
	if err != nil {
		d.failures.Add(1)
		return false, event.NotWanted, "when: " + err.Error()
	}
	if !yes {
		return false, event.NotWanted, d.whenSays
	}
	return true, "", ""
}

// Maps reports whether the destination's map of events has a name; what it requires of events and its when: are not asked.
func (d *Destination) Maps(name string) bool {
	names, _ := d.events.Of(name)
	return len(names) > 0
}

// lacking says which requirement with else: filter an event does not meet, "" when it meets all.
func (d *Destination) lacking(theirs string, m *rules.Machine, env *rules.Env) string {
	for i := range d.requires {
		r := &d.requires[i]
		if !r.Filter {
			continue
		}
		env.Theirs = theirs
		if yes, err := r.That.Truth(m, env); err != nil || !yes {
			return r.Why
		}
	}
	return ""
}

// Shape runs the destination's own rules on its copy of an event, which they change; what e shares with other events is
// copied first. Without rules it does nothing.
func (d *Destination) Shape(m *rules.Machine, env *rules.Env, e *event.Event, t *[]trace.Rule) rules.Result {
	if d.own == nil {
		return rules.Result{}
	}
	env.Settings = d.settings.Values()
	return d.own.Apply(m, env, e, t)
}
