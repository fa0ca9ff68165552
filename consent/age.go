package consent

import (
	"time"

	"headgate/consent/signals"
)

// setAside marks the readings that must not be used, or that grant nothing, and says why. It returns when their ages are such.
func (p *Policy) setAside(readings []signals.Reading, now time.Time) (age span) {
	for i := range readings {
		r := &readings[i]
		_, listed := p.signals.Ranks[r.Family]
		switch {
		case r.Aside != "":
		case r.Family == signals.FamilyDNT:
			r.Aside = "recorded only: DNT binds nobody"
		case !listed:
			r.Aside = "not listed for this site"
		case !r.When.IsZero():
			p.checkDate(r, now, &age)
		}
	}
	for i := range readings {
		for j := range readings {
			old, other := &readings[i], &readings[j]
			if i != j && old.Aside == "" && other.Aside == "" && old.Name == other.Name && old.Source == other.Source &&
				other.Fault == "" && !old.When.IsZero() && old.When.Before(other.When) {
				old.Aside = "a newer cookie of that name came with it"
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
		r.Doubt("dated in the future: " + r.When.UTC().Format(time.DateOnly))
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
	r.Doubt("older than " + days(p.maxAge))
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
