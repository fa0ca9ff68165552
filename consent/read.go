package consent

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// read decodes the inputs. The readings stand in the order of `sources`, then of their names and values, so that the order
// of cookies and parameters makes no difference.
func (p *Policy) read(in *inputs) []reading { return p.readInto(nil, in) }

func (p *Policy) readInto(room []reading, in *inputs) []reading {
	r := reader{policy: p, in: in, readings: room}
	if in.crowded {
		// What was left unread may be a refusal.
		all := reading{source: "hit", family: familyEvent, name: "the consent signals", presets: ^set(0)}
		all.set(1<<len(p.purposes)-1, false, "more than "+itoa(maxInputs), ", not all were read")
		r.add(all)
	}
	for _, one := range in.all() {
		if one.format.read == nil {
			continue
		}
		s := reading{source: one.format.source, family: one.format.family, name: one.name, value: one.value}
		if len(one.value) > maxValue {
			r.unreadable(s, "too long")
			continue
		}
		one.format.read(&r, s)
	}
	p.order(r.readings)
	return r.readings
}

func (p *Policy) order(readings []reading) {
	slices.SortStableFunc(readings, func(a, b reading) int {
		return cmp.Or(cmp.Compare(p.rank(a.family), p.rank(b.family)), strings.Compare(a.source, b.source),
			strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
}

func (p *Policy) rank(family string) int {
	if rank, ok := p.ranks[family]; ok {
		return rank
	}
	return len(families)
}

// span is the time in which a conclusion holds: after since and up to until, either open when zero.
type span struct{ since, until time.Time }

func (s *span) holds(now time.Time) bool {
	return now.After(s.since) && (s.until.IsZero() || !now.After(s.until))
}

// setAside marks the readings that must not be used and says why. It returns when their ages are such.
func (p *Policy) setAside(readings []reading, now time.Time) (age span) {
	for i := range readings {
		r := &readings[i]
		_, listed := p.ranks[r.family]
		expires := r.when.Add(p.maxAge)
		switch {
		case r.aside != "":
		case r.family == familyDNT:
			r.aside = "recorded only: DNT binds nobody"
		case !listed:
			r.aside = "not listed for this site"
		case r.when.IsZero() || p.maxAge == 0:
		case now.After(expires):
			r.aside = "older than " + days(p.maxAge)
			if expires.After(age.since) {
				age.since = expires
			}
		case age.until.IsZero() || expires.Before(age.until):
			age.until = expires
		}
	}
	for i := range readings {
		for j := range readings {
			old, other := &readings[i], &readings[j]
			if i != j && old.aside == "" && other.aside == "" && old.name == other.name && old.source == other.source &&
				!old.when.IsZero() && old.when.Before(other.when) {
				old.aside = "a newer cookie of that name came with it"
			}
		}
	}
	return age
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
