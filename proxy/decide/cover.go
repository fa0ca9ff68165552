package decide

import (
	"strconv"

	"headgate/event"
	"headgate/event/keys"
	"headgate/event/trace"
	"headgate/proxy/plan"
	"headgate/rules"
)

// coverProfile is how people at the admin side see an event that nobody may have.
const coverProfile = "cookieless"

// cover takes out of a trace what consent lets nobody have of its event, unless the configuration shows that to people at the
// admin side too. An event that one destination may have whole is shown as that gets it.
func (w *Walk) cover(t *trace.Trace, d *event.Decision, result *rules.Result) {
	if w.plan.Config.Admin.ShowRefused {
		return
	}
	if w.grantedWhole(d, result) {
		clean := func(e event.Event) event.Event {
			e.Consent = d.Event.Consent
			w.plan.Policy.Personal.Clean(&e, &w.origin)
			return e
		}
		t.Event = &d.Event
		coverReceived(t, clean)
		coverRules(t, clean)
		return
	}
	t.Refused = true
	profile := d.Stored
	if profile == "" {
		profile = coverProfile
	}
	redact := func(e event.Event) event.Event { return w.plan.Policy.Redact(&e, profile, &w.origin) }
	if t.Event = &d.Event; d.Stored == "" {
		covered := redact(d.Event)
		t.Event = &covered
	}
	coverReceived(t, redact)
	coverRules(t, redact)
}

// grantedWhole reports whether consent lets a destination have the event in full, also one that a rule keeps it from.
func (w *Walk) grantedWhole(d *event.Decision, result *rules.Result) bool {
	if len(w.plan.Destinations) == 0 {
		for _, purpose := range d.Event.Consent {
			if granted, _ := purpose.Value.Bool(); !granted {
				return false
			}
		}
		return true
	}
	for i := range d.Outcomes {
		action := d.Outcomes[i].Action
		if action == event.Filter {
			action = w.consent.Outcomes[i].Action
		}
		if action == event.Deliver {
			return true
		}
	}
	return false
}

// coverReceived covers the event as the source read it.
func coverReceived(t *trace.Trace, cover func(event.Event) event.Event) {
	if t.Received == nil {
		return
	}
	stated := t.Received.Consent
	covered := cover(*t.Received)
	covered.Consent = stated
	t.Received = &covered
}

// coverRules covers what rules wrote, as parameters are covered: values of fields that are not for content go whole.
func coverRules(t *trace.Trace, cover func(event.Event) event.Event) {
	var e event.Event
	for i := range t.Rules {
		r := &t.Rules[i]
		e.Params.Add("e"+strconv.Itoa(i), event.String(r.Error))
		for k, c := range r.Changes {
			if f, _, ok := event.Lookup(c.Path); !t.Refused || ok && f.Class == event.Content && keys.MeaningOf(c.Path) == 0 {
				e.Params.Add(changeKey(i, k, "o"), c.Old)
				e.Params.Add(changeKey(i, k, "n"), c.New)
			}
		}
	}
	if len(e.Params) == 0 {
		return
	}
	covered := cover(e).Params
	for i := range t.Rules {
		r := &t.Rules[i]
		r.Error = covered.Text("e" + strconv.Itoa(i))
		for k := range r.Changes {
			c := &r.Changes[k]
			c.Old, c.New = covered.Get(changeKey(i, k, "o")), covered.Get(changeKey(i, k, "n"))
		}
	}
}

func changeKey(rule, change int, side string) string {
	return side + strconv.Itoa(rule) + "_" + strconv.Itoa(change)
}

// CoverStored takes out of the trace of a stored event what nobody may have any more: its visitor has withdrawn consent, or is
// suppressed.
func CoverStored(p *plan.Plan, t *trace.Trace, d *event.Decision) {
	if p.Config.Admin.ShowRefused || p.StillAllowed(d) {
		return
	}
	t.Refused = true
	covered := p.Policy.Redact(&d.Event, leastProfile, nil) // how it came is no longer known
	t.Event = &covered
	coverReceived(t, func(e event.Event) event.Event { return p.Policy.Redact(&e, leastProfile, nil) })
	for i := range t.Rules {
		t.Rules[i].Changes = nil
	}
}
