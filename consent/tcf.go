package consent

import (
	"time"

	"headgate/consent/cmp"
	"headgate/consent/iab"
)

// tcfFormat is a TC string by itself, in a cookie or the parameter gdpr_consent.
var tcfFormat = format{source: familyTCF, family: familyTCF, read: func(r *reader, s reading) { r.tcString(s, cmp.Plain(s.value)) }}

// acFormat is Google's additional consent string, which is only valid together with a TC string and is read with it.
var acFormat = format{source: "ac", family: familyTCF, read: func(r *reader, s reading) {
	ac, ok := iab.ParseAC(cmp.Plain(s.value))
	if !ok {
		r.unreadable(s, "no additional consent string")
		return
	}
	s.says = itoa(ac.Count) + " providers consented to"
	r.add(s)
}}

// noPolicy4 is when TCF strings of a policy before 4 ceased to be valid.
var noPolicy4 = time.Date(2023, 9, 30, 0, 0, 0, 0, time.UTC)

// tcString adds a reading for a TC string.
func (r *reader) tcString(s reading, text string) {
	tc, why := iab.ParseTC(text)
	if tc.Cut != iab.AllPurposes {
		s.tc, s.when = &tc, tc.Updated
		s.granted, s.denied = r.policy.tcfGrants(tc.Consents, &tc)
	}
	switch {
	case why != "":
		r.unreadable(s, why)
		return
	case r.in.value("gdpr") == "0":
		s.doubt(notUnderTCF + ": TCF does not apply")
	case tc.Policy < 4 && tc.Created.After(noPolicy4):
		s.doubt("unreadable: made under TCF policy " + itoa(tc.Policy) + ", which ended on " + noPolicy4.Format(time.DateOnly))
	case !tc.ServiceSpecific:
		s.doubt("unreadable: of global scope, which is no longer valid")
	}
	r.add(s)
}

// decisiveTCF returns which TCF purposes decided about a purpose: those that are refused, or else those consented to.
func (p *Policy) decisiveTCF(i int, tc *iab.TC, consents uint32) (mask uint32, refused bool) {
	mask = p.tcfMask(i, tc)
	if missing := mask &^ tc.Cut &^ consents; missing != 0 {
		return missing, true
	}
	return mask, false
}

// tcfMask returns the TCF purposes that a purpose needs, without purpose 1 where it need not be asked for.
func (p *Policy) tcfMask(i int, tc *iab.TC) uint32 {
	mask := p.purposes[i].tcf
	if tc.PurposeOneFree && p.p1Free[string(tc.PublisherCC[:])] {
		mask &^= iab.Purposes(1)
	}
	return mask
}

// tcfGrants returns the purposes that consents to TCF purposes grant and deny. What was cut off does neither.
func (p *Policy) tcfGrants(consents uint32, tc *iab.TC) (yes, no set) {
	for i := range p.purposes {
		switch mask := p.tcfMask(i, tc); {
		case mask == 0:
		case consents&mask == mask:
			yes.add(i)
		case mask&^tc.Cut&^consents != 0:
			no.add(i)
		}
	}
	return yes, no
}

// readCanadian reads the Canadian TCF: express consent is an answer, implied consent is a default.
func readCanadian(r *reader, s reading) {
	ca, ok := iab.ParseCanada(s.value)
	if !ok {
		r.unreadable(s, "no Canadian TCF section")
		return
	}
	s.when = ca.Updated
	var none iab.TC
	s.granted, s.denied = r.policy.tcfGrants(ca.Express|ca.Implied, &none)
	expressly, _ := r.policy.tcfGrants(ca.Express, &none)
	s.presets = s.granted &^ expressly
	for i := range r.policy.purposes {
		mask := r.policy.purposes[i].tcf
		switch {
		case s.denied.has(i):
			s.details = append(s.details, detail{purposes: 1 << i, tcf: mask &^ (ca.Express | ca.Implied)})
		case s.presets.has(i):
			s.details = append(s.details, detail{purposes: 1 << i, yes: true, text: "consent implied"})
		case s.granted.has(i):
			s.details = append(s.details, detail{purposes: 1 << i, yes: true, tcf: mask})
		}
	}
	r.add(s)
}
