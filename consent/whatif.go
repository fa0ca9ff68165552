package consent

import (
	"slices"
	"strings"
	"time"

	"headgate/event"
	"headgate/event/wire"
)

// WhatIf says for each purpose that was not granted what a destination with this need would have got if it had been. Only
// what would have changed is listed; when it takes several purposes at once, they stand together: "ads and sharing".
func (p *Policy) WhatIf(r *event.Record, n *Need) []event.WhatIf {
	now := p.Judge(r, n)
	if now.Reason == event.Delivered || now.Reason == event.Suppressed || now.Reason == event.Withdrawn {
		return nil
	}
	var out []event.WhatIf
	var missing []string
	for _, purpose := range slices.Concat(n.Purposes, n.AnyOf) {
		if at := stateOf(r, n, purpose); at >= 0 && r.States[at].State == granted {
			continue
		}
		if !slices.Contains(missing, purpose) {
			missing = append(missing, purpose)
			if o, changes := alternative(n, r, &now, purpose); changes {
				out = append(out, o)
			}
		}
	}
	delivered := slices.ContainsFunc(out, func(a event.WhatIf) bool { return a.Outcome.Reason == event.Delivered })
	if len(missing) > 1 && !delivered {
		if o, changes := alternative(n, r, &now, missing...); changes {
			out = append(out, o)
		}
	}
	return out
}

// alternative is what would have been decided if purposes had been granted; changes reports whether that is anything else.
func alternative(n *Need, r *event.Record, now *event.Outcome, purposes ...string) (a event.WhatIf, changes bool) {
	other := granting(r, purposes...)
	o := judge(other, n)
	return event.WhatIf{Granted: strings.Join(purposes, " and "), Outcome: o, Because: o.Sentence(other)}, o.Reason != now.Reason || o.Action != now.Action
}

// granting returns a record in which purposes were granted by choice. Sharing, when nobody was asked about it, goes along
// with ads.
func granting(r *event.Record, purposes ...string) *event.Record {
	out := *r
	out.States = slices.Clone(r.States)
	var before event.State
	for i := range out.States {
		s := &out.States[i]
		name := strings.TrimPrefix(s.Purpose, publisherPrefix)
		follows := name == Sharing && slices.Contains(purposes, Ads) && s.Source == before.Source && s.Cause == before.Cause && s.Basis == before.Basis
		if name == Ads {
			before = *s
		}
		if slices.Contains(purposes, name) || follows {
			s.State, s.Basis, s.Source, s.Cause = granted, byChoice, "a choice that was not made", event.Cause{}
		}
	}
	return &out
}

// Reconsider decides a stored record again under this policy: for replaying real decisions against a configuration that
// is not live yet. Signals that were stored whole are read anew; of those stored by their hash, what they said counts as it
// was understood then. What was concluded about vendors stays. received is when the event arrived.
func (p *Policy) Reconsider(r *event.Record, received time.Time) event.Record {
	in := inputs{country: wire.Country(r.Country), region: r.Region}
	var kept []reading
	for i := range r.Signals {
		if s := &r.Signals[i]; !p.again(&in, s) {
			kept = append(kept, p.remembered(r, s))
		}
	}
	readings := append(p.read(&in), kept...)
	p.order(readings)
	out, _ := p.conclude(readings, in.country, in.region, received)
	for i := range r.States {
		s := r.States[i]
		s.Source, s.Cause = r.SourceOf(&r.States[i]), event.Cause{} // its signals have other places now
		switch {
		case strings.Contains(s.Purpose, ":"):
			out.States = append(out.States, s)
		case strings.HasPrefix(s.Source, event.SuppressionSource), strings.HasPrefix(s.Source, event.WithdrawalSource):
			if k := p.index(s.Purpose); k >= 0 {
				out.States[k] = s
			}
		}
	}
	return out
}

// StatesOf is what an event says of its consent when a record holds for it.
func (p *Policy) StatesOf(r *event.Record) event.Map { return consentOf(r.States) }

// again adds a stored signal to the inputs as it arrived; it reports false when it was stored by its hash only, or is a part
// of another signal.
func (p *Policy) again(in *inputs, s *event.Signal) bool {
	if s.Value == "" || s.Aside == fromForeignPage || strings.HasPrefix(s.Value, "sha256:") {
		return false
	}
	switch s.Source {
	case familyEvent:
		for _, pair := range strings.Fields(s.Value) {
			key, value, _ := strings.Cut(pair, "=")
			in.add(&pageFormat, key, value)
		}
		return true
	case familyGPC:
		if s.Name == gpcName {
			in.add(&gpcFormat, s.Name, s.Value)
			return true
		}
		return false
	case familyDNT:
		in.add(&dntFormat, s.Name, s.Value)
		return true
	}
	f := p.cookie(s.Name)
	if f == nil {
		f = parameter(s.Name)
	}
	// The date from a companion cookie is not stored with the signal: what was concluded then is more reliable.
	if f == nil || f.read == nil || f.source != s.Source || !s.When.IsZero() {
		return false
	}
	in.add(f, s.Name, s.Value)
	return true
}

// remembered makes a reading of what a stored signal said.
func (p *Policy) remembered(r *event.Record, s *event.Signal) reading {
	out := reading{source: s.Source, family: familyOf(s.Source), name: s.Name, value: s.Value, when: s.When, says: s.Says}
	switch {
	case strings.HasPrefix(s.Aside, saysNothing):
		out.aside = s.Aside
		return out
	case strings.HasPrefix(s.Aside, event.Unreadable), strings.HasPrefix(s.Aside, notUnderTCF), s.Aside == fromForeignPage:
		out.fault = s.Aside
	}
	text, rest, _ := strings.Cut(r.SaysOf(s), " (")
	out.says = strings.TrimSuffix(rest, ")")
	for _, part := range strings.Split(text, ", ") {
		for _, one := range []struct {
			verb            string
			granted, preset bool
		}{{" denied by default", false, true}, {" granted by default", true, true}, {" denied", false, false}, {" granted", true, false}} {
			names, ok := strings.CutSuffix(part, one.verb)
			if !ok {
				continue
			}
			for _, name := range strings.Split(names, " and ") {
				if i := p.index(name); i >= 0 {
					out.set(1<<i, one.granted, quoted(r, s.Name, name), "")
					if one.preset {
						out.presets.add(i)
					}
				}
			}
			break
		}
	}
	out.optOut = out.family == familyGPC || out.family == familyUSP || out.family == familyGPP || strings.HasSuffix(out.says, saleOptOut)
	return out
}

// quoted returns the part of a signal that a stored state cites: C0004=0 of "OptanonConsent (C0004=0), answered ...".
func quoted(r *event.Record, signal, purpose string) string {
	for i := range r.States {
		if s := &r.States[i]; s.Purpose == purpose {
			if text, ok := strings.CutPrefix(r.SourceOf(s), signal+" ("); ok {
				text, _, _ = strings.Cut(text, ")")
				return text
			}
		}
	}
	return ""
}

func familyOf(source string) string {
	switch source {
	case "ac", "tcfca":
		return familyTCF
	}
	if slices.Contains(families, source) || source == familyDNT {
		return source
	}
	return familyCMP
}
