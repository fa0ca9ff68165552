package explain

import (
	"context"
	"time"

	"headgate/config"
	"headgate/event"
	"headgate/event/layout"
	"headgate/proxy/delivery"
	"headgate/proxy/plan"
	"headgate/queue"
)

// EachDecision calls fn with the decisions of a log, as it keeps them, about events accepted since that time, oldest first, until fn
// says false. Events that nobody may have are not stored as decisions.
func EachDecision(ctx context.Context, log *queue.Log, since time.Time, fn func(bytes []byte) bool) error {
	err := log.Scan(ctx, since, func(stored queue.Stored) bool {
		return ctx.Err() == nil && (layout.IsRefused(stored.Bytes, nil) || fn(stored.Bytes))
	})
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// ActionCounts counts events by what was decided about them.
type ActionCounts struct {
	Delivered int `json:"delivered"`
	Redacted  int `json:"redacted"`
	Denied    int `json:"denied"`
	Filtered  int `json:"filtered"`
}

func (f *ActionCounts) count(a event.Action) {
	switch a {
	case event.Deliver:
		f.Delivered++
	case event.Redact:
		f.Redacted++
	case event.Deny:
		f.Denied++
	default:
		f.Filtered++
	}
}

// Reconsidered is what was decided for one destination, and what another configuration would decide.
type Reconsidered struct {
	Destination string       `json:"destination"`
	New         bool         `json:"new,omitempty"` // it was in no decision
	Was         ActionCounts `json:"was"`
	Would       ActionCounts `json:"would"`
	Changed     int          `json:"changed"`
}

// Reconsideration decides stored decisions again with a configuration that is not in force.
type Reconsideration struct {
	Events       int            `json:"events"`
	Changed      int            `json:"changed"` // events for which anything would change
	Unreadable   int            `json:"unreadable,omitempty"`
	Destinations []Reconsidered `json:"destinations"` // those of the configuration, in order

	plan *plan.Plan
}

// Reconsider begins with no decisions.
func Reconsider(parts *config.Parts, now time.Time) *Reconsideration {
	r := &Reconsideration{plan: plan.New(parts, now), Destinations: make([]Reconsidered, len(parts.Destinations))}
	for i := range parts.Destinations {
		r.Destinations[i] = Reconsidered{Destination: parts.Destinations[i].Name(), New: true}
	}
	return r
}

// Take decides one decision of the log again.
func (r *Reconsideration) Take(stored []byte) {
	d, err := layout.Decode(string(stored))
	if err != nil {
		r.Unreadable++
		return
	}
	r.Events++
	changed := false
	then := *d
	then.Consent = r.plan.Policy.Reconsider(&d.Consent, d.Event.Received)
	for i := range r.Destinations {
		one := &r.Destinations[i]
		was, would := d.Outcome(one.Destination), r.would(i, d, &then)
		one.Would.count(would)
		if was != nil {
			one.New = false
			one.Was.count(was.Action)
		}
		if was == nil || was.Action != would {
			one.Changed++
			changed = true
		}
	}
	if changed {
		r.Changed++
	}
}

// would is what happens to an event at a destination by its consent as it is understood now. Rules are not run again: what
// they filtered stays filtered, unless consent comes before them.
func (r *Reconsideration) would(i int, d, then *event.Decision) event.Action {
	dest := &r.plan.Destinations[i]
	was := d.Outcome(dest.Name())
	now := r.plan.Policy.Judge(&then.Consent, &dest.Need).Action
	switch {
	case was != nil && was.Action == event.Filter:
		if now == event.Deny {
			return event.Deny
		}
		return event.Filter
	case was != nil && was.Action.Due() || !now.Due():
		return now
	}
	m := r.plan.Language.Machine()
	defer m.Release()
	return delivery.NewTarget(r.plan.Parts, dest).Late(then, m).Action
}
