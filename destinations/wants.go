package destinations

import (
	"strings"

	"headgate/event"
	"headgate/rules"
)

// Wants says whether a destination takes an event, by its map of events, what it asks of all events, and its `when:`. The reason and the sentence
// are "" when it does. env is the one that the rules ran in; its settings are set.
func (d *Destination) Wants(e *event.Event, m *rules.Machine, env *rules.Env) (wanted bool, reason event.Reason, because string) {
	names, listed := d.theirs(e.Name)
	switch {
	case len(names) == 0 && listed:
		return false, event.EventNotMapped, "events: leaves this event out"
	case len(names) == 0:
		return false, event.EventNotMapped, "events: has no event of this name"
	}
	env.Settings = d.settings.values
	if why := d.lacking(d.named(names[0], e.Name), m, env); why != "" {
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

// lacking says what an event is without, of what the file asks for with else: filter; "" when nothing is missing.
func (d *Destination) lacking(theirs string, m *rules.Machine, env *rules.Env) string {
	for i := range d.requires {
		r := &d.requires[i]
		if !r.filter {
			continue
		}
		env.Theirs = theirs
		if yes, err := r.that.Truth(m, env); err != nil || !yes {
			return r.why
		}
	}
	return ""
}

// theirs returns the destination's names of an event, "=" for our own, and whether events: lists it. A name that the vendor
// would not take is looked up as it is made valid, too.
func (d *Destination) theirs(name string) (names []string, listed bool) {
	if names, listed = d.events[name]; !listed && d.naming != nil {
		names, listed = d.events[d.naming.Valid(name)]
	}
	if !listed {
		names = d.rest
	}
	return names, listed
}

// maps reports whether the destination has a name for an event.
func (d *Destination) maps(name string) bool {
	names, _ := d.theirs(name)
	return len(names) > 0
}

// named is what an event is called there: our own name for "=", and in either case as the vendor takes it. One that cannot
// be made valid stays, for requires: to say so, and so does a name with $, by which a file tells its requests apart.
func (d *Destination) named(theirs, ours string) string {
	internal := strings.HasPrefix(theirs, "$")
	if theirs == "=" {
		theirs = ours
	}
	if d.naming != nil && !internal {
		if valid := d.naming.Valid(theirs); valid != "" {
			return valid
		}
	}
	return theirs
}
