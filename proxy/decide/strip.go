package decide

import (
	"slices"

	"headgate/consent"
	"headgate/event"
)

// strip takes out of a decision, before it is stored, what no destination may have: when every destination that is due
// gets the event redacted, so is the stored event. Where they differ in profile, what at least one may have stays. Where one
// may have all, the others' copies are redacted when they are sent. Insight, where it counts the event, is one more of them.
//
// What rules changed is kept with it, as it would have been kept had they not changed it.
func strip(policy *consent.Policy, d *event.Decision, changed []event.Changed, from *consent.Origin, counted bool) {
	var profiles []string
	whole := false
	for i := range d.Outcomes {
		switch o := &d.Outcomes[i]; {
		case o.Action == event.Deliver:
			whole = true
		case o.Action == event.Redact && !slices.Contains(profiles, o.Profile):
			profiles = append(profiles, o.Profile)
		}
	}
	if whole {
		keepChanged(d, changed)
		tighten(policy, d, profiles, from)
		return
	}
	if len(changed) > 0 {
		received := d.Event.Clone()
		event.Undo(received, changed)
		before := stripped(policy, received, profiles, from, counted)
		changed = slices.Clone(changed)
		for i := range changed {
			changed[i].Old = before.GetPath(changed[i].Path)
		}
	}
	d.Event = stripped(policy, &d.Event, profiles, from, counted)
	changed = slices.DeleteFunc(changed, func(c event.Changed) bool { return c.Old.Equal(d.Event.GetPath(c.Path)) })
	keepChanged(d, changed)
	switch {
	case counted:
		tighten(policy, d, profiles, from)
	case len(profiles) == 1:
		d.Stored = profiles[0]
	}
}

// mostChanged is how many bytes of what rules changed are kept with an event. It must not make a hit too large for the log.
const mostChanged = 64 << 10

func keepChanged(d *event.Decision, changed []event.Changed) {
	size := 0
	for i := range changed {
		size += changed[i].Size()
	}
	if size <= mostChanged {
		d.Changed, d.ChangesKept = changed, true
	}
}

// stripped is an event without what none of several redaction profiles leaves.
func stripped(policy *consent.Policy, e *event.Event, profiles []string, from *consent.Origin, counted bool) event.Event {
	with := &policy.Personal
	if len(profiles) == 1 && !counted {
		return with.Redact(e, with.Profile(profiles[0]), from)
	}
	variants := make([]event.Event, len(profiles), len(profiles)+1)
	for i, profile := range profiles {
		variants[i] = with.Redact(e, with.Profile(profile), from)
	}
	if counted {
		variants = append(variants, with.Redact(e, consent.Counted(), from))
	}
	return richest(e, variants)
}

// richest takes each field from the variant that changed it least: unchanged if there is one, else the first that says
// anything.
func richest(whole *event.Event, variants []event.Event) event.Event {
	out := variants[0]
	for i := range event.Fields {
		path := event.Fields[i].Path
		original := whole.GetPath(path)
		best := out.GetPath(path)
		for k := range variants {
			v := variants[k].GetPath(path)
			if v.Equal(original) {
				best = v
				break
			}
			if best.IsEmpty() {
				best = v
			}
		}
		if !best.Equal(out.GetPath(path)) {
			_ = out.SetPath(path, best) // it comes from the same field of a like event, so it fits
		}
	}
	return out
}

// leastProfile leaves nothing that a rule can have copied anything to.
const leastProfile = "aggregate"

// tighten gives destinations another profile whose own would not find, once the request is gone, what a rule copied from it.
func tighten(policy *consent.Policy, d *event.Decision, profiles []string, from *consent.Origin) {
	for _, profile := range profiles {
		if with := &policy.Personal; with.RedactsLater(&d.Event, with.Profile(profile), from) {
			continue
		}
		for i := range d.Outcomes {
			if o := &d.Outcomes[i]; o.Action == event.Redact && o.Profile == profile {
				o.Profile, o.Instead = leastProfile, profile
			}
		}
	}
}
