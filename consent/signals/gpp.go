package signals

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
var gppFormat = Format{source: FamilyGPP, family: FamilyGPP, OptOut: true, read: readGPP}

// readGPP reads the opt-outs of the US sections as one signal, and the TC and US Privacy strings inside as signals of
// their own. A section that the header lists and that is not there, or cannot be read, may have been an opt-out; so may
// anything where the header itself cannot be read.
func readGPP(r *reader, s Reading) {
	text := cmp.Plain(s.Value)
	ids, sections, why := iab.ParseGPP(text)
	applicable := r.applicable()
	if ids == nil && why != "" {
		if len(applicable) > 0 && !slices.ContainsFunc(applicable, iab.IsUSSection) {
			s.OptOut = false
		}
		r.unreadable(s, why)
		return
	}
	if why != "" {
		s.Doubt(event.AsideUnreadable, why)
	}
	state := r.stateSection(ids)
	var says []string
	for i, id := range ids {
		name := iab.SectionName(id)
		inner := Reading{Name: s.Name, Value: sections[i], Fault: s.Fault}
		switch {
		case id == iab.SectionTCFEU:
			inner.Source, inner.Family = FamilyTCF, FamilyTCF
			r.tcString(inner, sections[i])
		case id == iab.SectionTCFCA:
			inner.Source, inner.Family = "tcfca", FamilyTCF
			readCanadian(r, inner)
		case len(applicable) > 0 && !slices.Contains(applicable, id):
			says = append(says, name+" is not among gpp_sid")
		case id == iab.SectionUSNat && state != 0:
			says = append(says, iab.SectionName(state)+" goes before "+name)
		case id == iab.SectionUSP:
			inner.Source, inner.Family = FamilyUSP, FamilyUSP
			readUSP(r, inner)
		default:
			says = append(says, s.usSection(r.words, id, name, sections[i]))
		}
	}
	s.says = strings.Join(slices.DeleteFunc(says, func(t string) bool { return t == "" }), "; ")
	r.add(s)
}

// usSection adds what a US section denies and returns what it says.
func (s *Reading) usSection(v *Vocabulary, id int, name, text string) string {
	u, known, ok := iab.ParseUS(id, text)
	switch optOut := u.OptOut(); {
	case !known:
		return "section " + strconv.Itoa(id) + " is not known"
	case !ok:
		// It is about opting out, so someone may have.
		s.set(v.OptOuts(), false, name, " unreadable")
		return name + " is unreadable"
	case optOut == "":
		return name + ": not opted out"
	default:
		s.set(v.OptOuts(), false, name, " "+optOut)
		return ""
	}
}

// applicable returns the sections that apply, by gpp_sid, -1 standing for none of them. It returns nothing, so that all
// count, when it was not sent or cannot be read.
func (r *reader) applicable() (out []int) {
	for _, one := range r.in.All() {
		if one.Name != "gpp_sid" && one.Name != "IABGPP_GppSID" {
			continue
		}
		for _, id := range strings.FieldsFunc(cmp.Plain(one.Value), func(c rune) bool { return c == ',' || c == '_' }) {
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
	if r.in.Country != "US" {
		return 0
	}
	return iab.StateSection(ids, r.in.Region)
}
