package delivery

import (
	"context"
	"time"

	"headgate/config"
	"headgate/destinations"
	"headgate/event"
	"headgate/event/layout"
	"headgate/queue"
	"headgate/rules"
)

// Target is what a reload replaces under a running delivery.
type Target struct {
	destination *destinations.Destination
	parts       *config.Parts
	configured  *config.Destination
	room        int // bytes of memory that its batches may take together
}

// NewTarget returns a destination of a configuration that nothing is sent to.
func NewTarget(parts *config.Parts, dest *config.Destination) *Target {
	return &Target{destination: dest.Destination, parts: parts, configured: dest}
}

// Prepare makes what is sent out of a stored decision: still allowed → redacted → the destination's own rules. The outcome
// is queue.Retry while the event is to be sent. The decision is shared with other deliveries and never changed.
func (t *Target) Prepare(d *event.Decision) (*event.Event, queue.Outcome) {
	was := d.Outcome(t.configured.Name())
	if was == nil {
		return nil, queue.Filter
	}
	now := t.parts.Policy.Still(d, &t.configured.Need)
	switch {
	case now.Action == event.Deny:
		return nil, queue.Deny
	case was.Action == event.Redact:
		now.Profile = was.Profile // it may only have become stricter since
	}
	e := &d.Event
	if now.Profile != "" && now.Profile != d.Stored {
		redacted := t.parts.Policy.Redact(e, now.Profile, nil)
		e = &redacted
	}
	if t.destination.Rules() == nil {
		return e, queue.Retry
	}
	shaped := *e
	m := t.parts.Language.Machine()
	defer m.Release()
	if r := t.destination.Shape(m, &rules.Env{}, &shaped, nil); r.DroppedBy != "" {
		return nil, queue.Filter
	}
	return &shaped, queue.Retry
}

// patience is the context of a delivery: a request under way when the round ends still gets its answer, or what was
// delivered would go out again. A driver is not waited for: what it has not written it has not taken.
func (t *Target) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	if t.destination.Spec().Driver != "" {
		return context.WithCancel(ctx)
	}
	patient, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(settleFor, cancel) })
	return patient, func() { stop(); cancel() }
}

// Destination is what it delivers to.
func (t *Target) Destination() *destinations.Destination { return t.destination }

// CountsTwice reports whether an event that arrives twice may be taken for two.
func (t *Target) CountsTwice() bool { return t.destination.Spec().Duplicates != "dropped" }

// Again decides about a stored event as it was decided when it arrived; for a destination that did not exist then, from the
// recorded consent.
func (t *Target) Again(stored queue.Stored, where *rules.Formula, m *rules.Machine) (d *event.Decision, action event.Action, again bool) {
	d, err := layout.Decode(string(stored.Bytes))
	if err != nil {
		return nil, 0, false
	}
	if where != nil {
		if picked, err := where.Truth(m, &rules.Env{Event: &d.Event}); err != nil || !picked {
			return d, 0, false
		}
	}
	o := d.Outcome(t.configured.Name())
	if o == nil {
		now := t.Late(d, m)
		o = &now
	}
	return d, o.Action, o.Action.Due()
}

// Late decides about an event that came before the destination did.
func (t *Target) Late(d *event.Decision, m *rules.Machine) event.Outcome {
	if d.Event.IsAlert() {
		return event.Outcome{Destination: t.configured.Name(), Action: event.Filter, Reason: event.OwnAlert, Text: "an alert of Headgate itself, sent to those that alerts.to named then"}
	}
	o := t.parts.Policy.Judge(&d.Consent, &t.configured.Need)
	if o.Action.Due() {
		if wanted, reason, why := t.destination.Wants(&d.Event, m, &rules.Env{Event: &d.Event}); !wanted {
			o = event.Outcome{Action: event.Filter, Reason: reason, Text: why}
		}
	}
	o.Destination = t.configured.Name()
	return o
}
