package consent

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
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
		s := reading{source: one.format.source, family: one.format.family, name: one.name, value: one.value, optOut: one.format.optOut}
		if len(one.value) > maxValue {
			r.unreadable(s, "too long")
			continue
		}
		if strings.ContainsFunc(one.value, unicode.IsControl) {
			s.doubt("unreadable: control characters in it") // no format has them: what they stand in the place of may say no
		}
		one.format.read(&r, s)
	}
	if in.foreign {
		for i := range r.readings {
			r.readings[i].doubt(fromForeignPage)
		}
	}
	p.order(r.readings)
	return r.readings
}

// fromForeignPage is why nothing is granted by a hit that a page of another site sends: it would speak in the visitor's name.
const fromForeignPage = "sent by a page of another site"

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

// endBefore makes the span end before t.
func (s *span) endBefore(t time.Time) {
	if last := t.Add(-1); s.until.IsZero() || last.Before(s.until) {
		s.until = last
	}
}

// setAside marks the readings that must not be used, or that grant nothing, and says why. It returns when their ages are such.
func (p *Policy) setAside(readings []reading, now time.Time) (age span) {
	for i := range readings {
		r := &readings[i]
		_, listed := p.ranks[r.family]
		switch {
		case r.aside != "":
		case r.family == familyDNT:
			r.aside = "recorded only: DNT binds nobody"
		case !listed:
			r.aside = "not listed for this site"
		case !r.when.IsZero():
			p.checkDate(r, now, &age)
		}
	}
	for i := range readings {
		for j := range readings {
			old, other := &readings[i], &readings[j]
			if i != j && old.aside == "" && other.aside == "" && old.name == other.name && old.source == other.source &&
				other.fault == "" && !old.when.IsZero() && old.when.Before(other.when) {
				old.aside = "a newer cookie of that name came with it"
			}
		}
	}
	return age
}

// clockSkew is how far in the future the date of an answer may be.
const clockSkew = 24 * time.Hour

// checkDate doubts a reading that is dated in the future or too old, and narrows age to when that is so.
func (p *Policy) checkDate(r *reading, now time.Time, age *span) {
	if due := r.when.Add(-clockSkew); now.Before(due) {
		r.doubt("dated in the future: " + r.when.UTC().Format(time.DateOnly))
		age.endBefore(due)
		return
	} else if until := due.Add(-1); until.After(age.since) {
		age.since = until
	}
	if p.maxAge == 0 {
		return
	}
	expires := r.when.Add(p.maxAge)
	if !now.After(expires) {
		age.endBefore(expires.Add(1))
		return
	}
	r.doubt("older than " + days(p.maxAge))
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
