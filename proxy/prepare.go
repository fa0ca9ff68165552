package proxy

import (
	"headgate/event"
	"headgate/queue"
	"headgate/rules"
)

// prepare makes what is sent out of a stored decision: still allowed → redacted → the destination's own rules. The outcome
// is queue.Retry while the event is to be sent. The decision is shared with other deliveries and never changed.
func (t *target) prepare(d *event.Decision) (*event.Event, queue.Outcome) {
	was := d.Outcome(t.configured.Name())
	if was == nil {
		return nil, queue.Filter
	}
	now := t.plan.Policy.Still(d, &t.configured.Need)
	switch {
	case now.Action == event.Deny:
		return nil, queue.Deny
	case was.Action == event.Redact:
		now.Profile = was.Profile // it may only have become stricter since
	}
	e := &d.Event
	if now.Profile != "" && now.Profile != d.Stored {
		redacted := t.plan.Policy.Redact(e, now.Profile, nil)
		e = &redacted
	}
	if t.destination.Rules() == nil {
		return e, queue.Retry
	}
	shaped := *e
	m := t.plan.Language.Machine()
	defer m.Release()
	if r := t.destination.Shape(m, &rules.Env{}, &shaped, nil); r.DroppedBy != "" {
		return nil, queue.Filter
	}
	return &shaped, queue.Retry
}
