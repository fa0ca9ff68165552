package decide

import (
	"headgate/config"
	"headgate/event"
	"headgate/rules"
)

// outcome decides about an event for one destination of which consent says o. The first refusal is named: dropped for all, traffic,
// consent, a rule that skips the destination, the destination's own rules, the events it wants.
func (w *Walk) outcome(l *config.Destination, o event.Outcome, d *event.Decision, result *rules.Result) event.Outcome {
	filtered := func(reason event.Reason, fact string) event.Outcome {
		return event.Outcome{Destination: l.Name(), Action: event.Filter, Reason: reason, Text: fact}
	}
	switch {
	case result.DroppedBy == droppedBots:
		return filtered(event.BotDropped, d.Event.Device.BotName)
	case result.Sampled:
		return filtered(event.SampledOut, result.DroppedBy)
	case result.DroppedBy != "":
		return filtered(event.DroppedByRule, result.DroppedBy)
	}
	switch takes, said, because := l.TakesTraffic(&d.Event); {
	case !takes:
		return filtered(event.TrafficClass, because)
	case w.bot && !said:
		return filtered(event.BotDropped, d.Event.Device.BotName)
	}
	o.Destination = l.Name()
	if o.Action == event.Deny {
		return o
	}
	if rule := result.Skips(l.Name()); rule != "" {
		return filtered(event.SkippedByRule, rule)
	}
	e := &d.Event
	if l.Rules() != nil {
		shaped := d.Event
		switch r := l.Shape(w.machine, &w.env, &shaped, nil); {
		case r.Sampled:
			return filteredByOwn(event.SampledOut, l.Name(), r.DroppedBy)
		case r.DroppedBy != "":
			return filteredByOwn(event.DroppedByRule, l.Name(), r.DroppedBy)
		}
		e = &shaped
	}
	w.env.Event = e
	if wanted, reason, why := l.Wants(e, w.machine, &w.env); !wanted {
		return filtered(reason, why)
	}
	return o
}

// filteredByOwn is the outcome for an event that a rule of the destination itself leaves out.
func filteredByOwn(reason event.Reason, destination, rule string) event.Outcome {
	return event.Outcome{Destination: destination, Action: event.Filter, Reason: reason, Text: rule, Own: true}
}

// droppedBots stands where a rule's name would, for events that the bot filter dropped.
const droppedBots = "bots"
