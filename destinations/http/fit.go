package http

import (
	"fmt"
	"time"

	"headgate/destinations"
	"headgate/destinations/http/body"
)

// nowhere says why an event resulted in no request.
func (p *plan) nowhere(name string) string {
	if !p.Events.Has(name) {
		return fmt.Sprintf("%s no longer has a name for the event %s", p.Name, name)
	}
	return "no request of send: takes this event"
}

// tooOld rejects an event that the vendor would no longer take. For some events ages: allows more than max_age.
func (p *plan) tooOld(r *body.Row, f *body.Frame, now time.Time) destinations.Verdict {
	age, limit := now.Sub(r.Event.Time), p.Delivery.MaxAge
	if limit == 0 || r.Event.Time.IsZero() || age <= limit {
		return destinations.Verdict{}
	}
	f.At(r)
	for i, when := range p.ages {
		if f.Holds(when) {
			if limit = p.Delivery.Ages[i]; age <= limit {
				return destinations.Verdict{}
			}
			break
		}
	}
	return destinations.Verdict{Kind: destinations.Reject, Why: fmt.Sprintf("it is %s old, and %s takes none older than %s", age.Round(time.Minute), p.Spec.Title, inDays(limit))}
}

// unfit rejects an event that lacks what the file requires.
func (p *plan) unfit(r *body.Row, f *body.Frame) destinations.Verdict {
	if len(p.Requires) == 0 {
		return destinations.Verdict{}
	}
	f.At(r)
	for i := range p.Requires {
		if !f.Holds(p.Requires[i].That) {
			return destinations.Verdict{Kind: destinations.Reject, Why: p.Requires[i].Why}
		}
	}
	return destinations.Verdict{}
}

func inDays(d time.Duration) string {
	if days := int(d.Hours() / 24); days >= 1 && time.Duration(days)*24*time.Hour == d {
		if days == 1 {
			return "a day"
		}
		return fmt.Sprintf("%d days", days)
	}
	return d.String()
}
