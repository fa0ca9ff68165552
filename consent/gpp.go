package consent

import (
	"slices"
	"strconv"
	"strings"

	"headgate/consent/cmp"
	"headgate/consent/iab"
	"headgate/event"
)

// gppFormat is the IAB Global Privacy Platform: a header that lists sections, and the sections.
// https://github.com/InteractiveAdvertisingBureau/Global-Privacy-Platform
var gppFormat = format{source: familyGPP, family: familyGPP, optOut: true, read: readGPP}

// readGPP reads the opt-outs of the US sections as one signal, and the TC and US Privacy strings inside as signals of
// their own. A section that the header lists and that is not there, or cannot be read, may have been an opt-out; so may
// anything where the header itself cannot be read.
func readGPP(r *reader, s reading) {
	text := cmp.Plain(s.value)
	ids, sections, why := iab.ParseGPP(text)
	applicable := r.applicable()
	if ids == nil && why != "" {
		if len(applicable) > 0 && !slices.ContainsFunc(applicable, iab.IsUSSection) {
			s.optOut = false
		}
		r.unreadable(s, why)
		return
	}
	if why != "" {
		s.doubt(event.Unreadable + ": " + why)
	}
	state := r.stateSection(ids)
	var says []string
	for i, id := range ids {
		name := iab.SectionName(id)
		inner := reading{name: s.name, value: sections[i], fault: s.fault}
		switch {
		case id == iab.SectionTCFEU:
			inner.source, inner.family = familyTCF, familyTCF
			r.tcString(inner, sections[i])
		case id == iab.SectionTCFCA:
			inner.source, inner.family = "tcfca", familyTCF
			readCanadian(r, inner)
		case len(applicable) > 0 && !slices.Contains(applicable, id):
			says = append(says, name+" is not among gpp_sid")
		case id == iab.SectionUSNat && state != 0:
			says = append(says, iab.SectionName(state)+" goes before "+name)
		case id == iab.SectionUSP:
			inner.source, inner.family = familyUSP, familyUSP
			readUSP(r, inner)
		default:
			says = append(says, s.usSection(r.policy, id, name, sections[i]))
		}
	}
	s.says = strings.Join(slices.DeleteFunc(says, func(t string) bool { return t == "" }), "; ")
	r.add(s)
}

// usSection adds what a US section denies and returns what it says.
func (s *reading) usSection(p *Policy, id int, name, text string) string {
	u, known, ok := iab.ParseUS(id, text)
	switch optOut := u.OptOut(); {
	case !known:
		return "section " + itoa(id) + " is not known"
	case !ok:
		// It is about opting out, so someone may have.
		s.set(p.optOuts(), false, name, " unreadable")
		return name + " is unreadable"
	case optOut == "":
		return name + ": not opted out"
	default:
		s.set(p.optOuts(), false, name, " "+optOut)
		return ""
	}
}

// applicable returns the sections that apply, by gpp_sid, -1 standing for none of them. It returns nothing, so that all
// count, when it was not sent or cannot be read.
func (r *reader) applicable() (out []int) {
	for _, one := range r.in.all() {
		if one.name != "gpp_sid" && one.name != "IABGPP_GppSID" {
			continue
		}
		for _, id := range strings.FieldsFunc(cmp.Plain(one.value), func(c rune) bool { return c == ',' || c == '_' }) {
			n, err := strconv.Atoi(strings.TrimSpace(id))
			if err != nil {
				return nil
			}
			out = append(out, n)
		}
	}
	return out
}

// stateSection returns the section of the state the visitor is in, 0 when the string has none: it goes before the
// national one.
func (r *reader) stateSection(ids []int) int {
	if r.in.country != "US" {
		return 0
	}
	return iab.StateSection(ids, r.in.region)
}
