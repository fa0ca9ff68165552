package consent

import (
	"time"

	"headgate/consent/signals"
	"headgate/event"
)

// setAside marks the readings that must not be used, or that grant nothing, and says why. It returns when their ages are such.
func (p *Policy) setAside(readings []signals.Reading, now time.Time) (age span) {
	for i := range readings {
		r := &readings[i]
		_, listed := p.signals.Ranks[r.Family]
		switch {
		case r.IsAside():
		case r.Family == signals.FamilyDNT:
			r.Aside.Kind = event.AsideNotBinding
		case !listed:
			r.Aside.Kind = event.AsideUnlisted
		case !r.When.IsZero():
			p.checkDate(r, now, &age)
		}
	}
	for i := range readings {
		for j := range readings {
			old, other := &readings[i], &readings[j]
			if i != j && !old.IsAside() && !other.IsAside() && old.Name == other.Name && old.Source == other.Source &&
				!other.IsFaulty() && !old.When.IsZero() && old.When.Before(other.When) {
				old.Aside.Kind = event.AsideReplaced
			}
		}
	}
	return age
}

// clockSkew is how far in the future the date of an answer may be.
const clockSkew = 24 * time.Hour

// checkDate doubts a reading that is dated in the future or too old, and narrows age to when that is so.
func (p *Policy) checkDate(r *signals.Reading, now time.Time, age *span) {
	if due := r.When.Add(-clockSkew); now.Before(due) {
		r.Doubt(event.AsideFuture, "")
		age.endBefore(due)
		return
	} else if until := due.Add(-1); until.After(age.since) {
		age.since = until
	}
	if p.maxAge == 0 {
		return
	}
	expires := r.When.Add(p.maxAge)
	if !now.After(expires) {
		age.endBefore(expires.Add(1))
		return
	}
	r.Doubt(event.AsideExpired, p.maxDays)
	if expires.After(age.since) {
		age.since = expires
	}
}

func days(d time.Duration) string {
	if d == 24*time.Hour {
		return "1 day"
	}
	if d%(24*time.Hour) == 0 {
		return itoa(int(d/(24*time.Hour))) + " days"
	}
	return d.String()
}
