package signals

import (
	"strconv"
	"time"

	"headgate/consent/cmp"
	"headgate/consent/iab"
	"headgate/event"
)

// tcfFormat is a TC string by itself, in a cookie or the parameter gdpr_consent.
var tcfFormat = Format{source: FamilyTCF, family: FamilyTCF, read: func(r *reader, s Reading) { r.tcString(s, cmp.Plain(s.Value)) }}

// SourceAC is what records call Google's additional consent string.
const SourceAC = "ac"

// acFormat is Google's additional consent string, which is only valid together with a TC string and is read with it.
var acFormat = Format{source: SourceAC, family: FamilyTCF, read: func(r *reader, s Reading) {
	ac, ok := iab.ParseAC(cmp.Plain(s.Value))
	if !ok {
		r.unreadable(s, "no additional consent string")
		return
	}
	s.says = strconv.Itoa(ac.Count) + " providers consented to"
	r.add(s)
}}

// noPolicy4 is when TCF strings of a policy before 4 ceased to be valid.
var noPolicy4 = time.Date(2023, 9, 30, 0, 0, 0, 0, time.UTC)

// tcString adds a reading for a TC string.
func (r *reader) tcString(s Reading, text string) {
	tc, why := iab.ParseTC(text)
	if tc.Cut != iab.AllPurposes {
		s.TC, s.When = &tc, tc.Updated
		s.Granted, s.Denied = r.words.TCFGrants(tc.Consents, &tc)
	}
	switch {
	case why != "":
		r.unreadable(s, why)
		return
	case r.in.value("gdpr") == "0":
		s.Doubt(event.AsideNotTCF, "")
	case tc.Policy < 4 && tc.Created.After(noPolicy4):
		s.Doubt(event.AsideUnreadable, "made under TCF policy "+strconv.Itoa(tc.Policy)+", which ended on "+noPolicy4.Format(time.DateOnly))
	case !tc.ServiceSpecific:
		s.Doubt(event.AsideUnreadable, "of global scope, which is no longer valid")
	}
	r.add(s)
}

// DecisiveTCF returns which TCF purposes decided about a purpose: those that are refused, or else those consented to.
func (v *Vocabulary) DecisiveTCF(i int, tc *iab.TC, consents uint32) (mask uint32, refused bool) {
	mask = v.tcfMask(i, tc)
	if missing := mask &^ tc.Cut &^ consents; missing != 0 {
		return missing, true
	}
	return mask, false
}

// tcfMask returns the TCF purposes that a purpose needs, without purpose 1 where it need not be asked for.
func (v *Vocabulary) tcfMask(i int, tc *iab.TC) uint32 {
	mask := v.Purposes[i].TCF
	if tc.PurposeOneFree && v.P1Free[string(tc.PublisherCC[:])] {
		mask &^= iab.Purposes(1)
	}
	return mask
}

// TCFGrants returns the purposes that consents to TCF purposes grant and deny. What was cut off does neither.
func (v *Vocabulary) TCFGrants(consents uint32, tc *iab.TC) (yes, no PurposeSet) {
	for i := range v.Purposes {
		switch mask := v.tcfMask(i, tc); {
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
func readCanadian(r *reader, s Reading) {
	ca, ok := iab.ParseCanada(s.Value)
	if !ok {
		r.unreadable(s, "no Canadian TCF section")
		return
	}
	s.When = ca.Updated
	var none iab.TC
	s.Granted, s.Denied = r.words.TCFGrants(ca.Express|ca.Implied, &none)
	expressly, _ := r.words.TCFGrants(ca.Express, &none)
	s.Presets = s.Granted &^ expressly
	for i := range r.words.Purposes {
		mask := r.words.Purposes[i].TCF
		switch {
		case s.Denied.Has(i):
			s.Details = append(s.Details, detail{Purposes: 1 << i, TCF: mask &^ (ca.Express | ca.Implied)})
		case s.Presets.Has(i):
			s.Details = append(s.Details, detail{Purposes: 1 << i, Yes: true, Text: "consent implied"})
		case s.Granted.Has(i):
			s.Details = append(s.Details, detail{Purposes: 1 << i, Yes: true, TCF: mask})
		}
	}
	r.add(s)
}
