package lookout

import (
	"context"
	"time"

	"headgate/alerts"
	"headgate/event"
	"headgate/event/layout"
	"headgate/proxy/decide"
	"headgate/proxy/plan"
	"headgate/queue"
)

// aboutNobody is why an alert may be sent whatever consent a destination needs.
const aboutNobody = "an alert of Headgate itself, which is about no person"

// notify writes a message to the log, as an event that only those destinations get that alerts.to names.
func (o *Lookout) notify(ctx context.Context, p *plan.Plan, m *alerts.Message, now time.Time) error {
	d := &event.Decision{Event: alertEvent(m, now), Consent: event.Record{Rule: "none", Model: "none"}}
	for _, purpose := range p.Policy.Purposes() {
		d.Consent.States = append(d.Consent.States, event.State{Purpose: purpose, State: event.Granted, Basis: event.ByPolicy, Source: aboutNobody})
	}
	states := make([]queue.State, len(p.Destinations))
	for i := range p.Destinations {
		dest := &p.Destinations[i]
		o := event.Outcome{Action: event.Filter, Reason: event.OwnAlert, Text: "an alert of Headgate itself: alerts.to does not name this destination"}
		if p.AlertsGoTo(dest.Name()) {
			o = p.Policy.Judge(&d.Consent, &dest.Need)
		}
		o.Destination = dest.Name()
		d.Outcomes = append(d.Outcomes, o)
		states[i] = decide.StateOf(o.Action)
		p.Tallies[i].Count(&o)
	}
	d.Weight = d.Held()
	entry := queue.Entry{Bytes: layout.Append(nil, d), Live: d, Held: d.Weight, Roster: p.Roster, States: states}
	if err := o.options.Log.Append(ctx, []queue.Entry{entry}); err != nil {
		return err
	}
	p.FlowsOf(nil).CountAlert(d)
	return nil
}

// alertEvent is a message as destinations get it. Site is a parameter: it is no event of the site's.
func alertEvent(m *alerts.Message, now time.Time) event.Event {
	e := event.Event{ID: m.EventID, Name: event.AlertName, Source: event.AlertSource, Time: m.Since, Received: now.UTC()}
	text := m.Cause + " " + m.Next
	if m.State == alerts.Closed {
		e.Time = *m.Until
		text = "Over: " + m.Cause
	}
	for _, param := range [][2]string{{"state", m.State}, {"kind", m.Kind}, {"text", text}, {"cause", m.Cause}, {"next", m.Next},
		{"site", m.Site}, {"destination", m.Destination}, {"about", m.About}, {"link", m.Link}, {"alert_id", m.ID}, {"since", m.Since.Format(time.RFC3339)}} {
		if param[1] != "" {
			e.Params.Set(param[0], event.String(param[1]))
		}
	}
	e.Params.Set("urgent", event.Boolean(m.Urgent))
	return e
}
