package proxy

import (
	"headgate/consent"
	"headgate/event"
)

// strip takes out of a decision, before it is stored, what no destination may have: when every destination that is due
// gets the event redacted, so is the stored event. Where they differ in profile, what at least one may have stays.
func strip(policy *consent.Policy, d *event.Decision) {
	var profiles []string
	for i := range d.Outcomes {
		switch o := &d.Outcomes[i]; o.Action {
		case event.Deliver:
			return
		case event.Redact:
			if !contains(profiles, o.Profile) {
				profiles = append(profiles, o.Profile)
			}
		}
	}
	if len(profiles) == 1 {
		d.Event = policy.Redact(&d.Event, profiles[0])
		d.Stored = profiles[0]
		return
	}
	variants := make([]event.Event, len(profiles))
	for i, profile := range profiles {
		variants[i] = policy.Redact(&d.Event, profile)
	}
	d.Event = richest(&d.Event, variants)
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

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}
