package explain

import (
	"headgate/destinations"
	"headgate/event"
	"headgate/event/trace"
	"headgate/proxy/delivery"
	"headgate/proxy/plan"
	"headgate/queue"
	"headgate/rules"
)

// AddWhatIf says what would change at each destination if the visitor had granted more.
func AddWhatIf(p *plan.Plan, t *trace.Trace) {
	if t.DroppedBy != "" {
		return
	}
	for i := range t.Destinations {
		name := t.Destinations[i].Destination
		dest := p.Destination(name)
		if dest == nil {
			continue
		}
		for _, a := range p.Policy.WhatIf(t.Consent, &dest.Need) {
			a.Outcome.Destination = name
			t.WhatIf = append(t.WhatIf, a)
		}
	}
}

// AddRequests shows what would be sent to each destination that is due.
func AddRequests(p *plan.Plan, t *trace.Trace, d *event.Decision) {
	m := p.Language.Machine()
	defer m.Release()
	for i := range t.Destinations {
		shown := &t.Destinations[i]
		dest := p.Destination(shown.Destination)
		if dest == nil || !shown.Action.Due() {
			continue
		}
		to := delivery.NewTarget(p.Parts, dest)
		if dest.Rules() != nil {
			whole := d.Event
			from := len(t.Rules)
			dest.Shape(m, &rules.Env{}, &whole, &t.Rules)
			for k := from; k < len(t.Rules); k++ {
				t.Rules[k].For = shown.Destination
			}
		}
		sent, outcome := to.Prepare(d)
		if outcome != queue.Retry {
			continue
		}
		batch := []destinations.Sending{{Event: sent, Consent: &d.Consent, Attempt: 1}}
		requests, verdicts := dest.Show(batch)
		shown.Requests = requests
		if verdicts[0].Kind != 0 {
			shown.Verdict = verdicts[0].Trace()
		}
	}
}
