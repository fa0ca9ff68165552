package consent

import (
	"slices"
	"strconv"
	"strings"
)

// gppFormat is the IAB Global Privacy Platform: a header that lists sections, and the sections.
// https://github.com/InteractiveAdvertisingBureau/Global-Privacy-Platform
var gppFormat = format{source: familyGPP, family: familyGPP, optOut: true, read: readGPP}

const (
	sectionTCFEU = 2
	sectionTCFCA = 5
	sectionUSP   = 6
	sectionUSNat = 7
)

// maxSections bounds the sections of a string; there are some thirty.
const maxSections = 64

// readGPP reads the opt-outs of the US sections as one signal, and the TC and US Privacy strings inside as signals of
// their own. A section that the header lists and that is not there, or cannot be read, may have been an opt-out; so may
// anything where the header itself cannot be read.
func readGPP(r *reader, s reading) {
	text := plain(s.value)
	ids, sections, why := parseGPP(text)
	applicable := r.applicable()
	if ids == nil && why != "" {
		if len(applicable) > 0 && !slices.ContainsFunc(applicable, isUSSection) {
			s.optOut = false
		}
		r.unreadable(s, why)
		return
	}
	if why != "" {
		s.doubt("unreadable: " + why)
	}
	state := r.stateSection(ids)
	var says []string
	for i, id := range ids {
		name := gppName(id)
		inner := reading{name: s.name, value: sections[i], fault: s.fault}
		switch {
		case id == sectionTCFEU:
			inner.source, inner.family = familyTCF, familyTCF
			r.tcString(inner, sections[i])
		case id == sectionTCFCA:
			inner.source, inner.family = "tcfca", familyTCF
			readCanadian(r, inner)
		case len(applicable) > 0 && !slices.Contains(applicable, id):
			says = append(says, name+" is not among gpp_sid")
		case id == sectionUSNat && state != 0:
			says = append(says, gppName(state)+" goes before "+name)
		case id == sectionUSP:
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
	layout := gppLayouts[id]
	if layout == nil {
		return "section " + itoa(id) + " is not known"
	}
	u, ok := layout.parse(id, text)
	if !ok {
		// It cannot be read, and it is about opting out: somebody may have.
		s.set(p.optOuts(), false, name, " unreadable")
		return name + " is unreadable"
	}
	switch {
	case u.sale == optedOut:
		s.set(p.optOuts(), false, name, " SaleOptOut=1")
	case u.sharing == optedOut:
		s.set(p.optOuts(), false, name, " SharingOptOut=1")
	case u.targeted == optedOut:
		s.set(p.optOuts(), false, name, " TargetedAdvertisingOptOut=1")
	case u.gpc:
		s.set(p.optOuts(), false, name, " Global Privacy Control")
	case u.child:
		s.set(p.optOuts(), false, name, " KnownChildSensitiveDataConsents=1")
	default:
		return name + ": not opted out"
	}
	return ""
}

// isUSSection reports whether opt-outs of the United States stand in a section.
func isUSSection(id int) bool { return id >= sectionUSP }

// applicable returns the sections that apply, by gpp_sid, -1 standing for none of them. It returns nothing, so that all
// count, when it was not sent or cannot be read.
func (r *reader) applicable() (out []int) {
	for _, one := range r.in.all() {
		if one.name != "gpp_sid" && one.name != "IABGPP_GppSID" {
			continue
		}
		for _, id := range strings.FieldsFunc(plain(one.value), func(c rune) bool { return c == ',' || c == '_' }) {
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
	for _, id := range ids {
		if id > sectionUSNat && gppLayouts[id] != nil && strings.EqualFold(gppLayouts[id].state, r.in.region) {
			return id
		}
	}
	return 0
}

func gppName(id int) string {
	switch id {
	case sectionTCFEU:
		return "tcfeu"
	case sectionTCFCA:
		return "tcfca"
	case sectionUSP:
		return "usp"
	}
	if l := gppLayouts[id]; l != nil {
		return l.name
	}
	return "section " + itoa(id)
}

// parseGPP takes a string apart. Sections that are not known are kept as they are; a count that differs from the header's
// makes the whole invalid. why says so; the ids are then those of a header that can be read, nil without one, and sections
// are empty where they are missing, all of them when there are too many to tell which is which.
func parseGPP(s string) (ids []int, sections []string, why string) {
	head, rest, found := strings.Cut(s, "~")
	switch {
	case len(s) > maxValue:
		return nil, nil, "too long"
	case len(head) < 2 || head[0] != 'D':
		return nil, nil, "no GPP string"
	}
	ids, ok := gppHeader(bitText(head))
	if !ok {
		return nil, nil, "its header is damaged"
	}
	if found {
		sections = strings.SplitN(rest, "~", maxSections+1)
	}
	if len(sections) != len(ids) {
		why = "its header lists " + itoa(len(ids)) + " sections, it has " + itoa(len(sections))
		found := sections
		sections = make([]string, len(ids))
		if len(found) < len(ids) {
			copy(sections, found)
		}
	}
	return ids, sections, why
}

// gppHeader reads 6 bits type (3), 6 bits version (1), and the ids as a Fibonacci range: each number is the distance from
// the last one.
func gppHeader(b bitText) (ids []int, ok bool) {
	if !b.valid() || b.len() < 24 || b.uint(0, 6) != 3 || b.uint(6, 6) != 1 {
		return nil, false
	}
	count, at, last := int(b.uint(12, 12)), 24, 0
	for range count {
		isRange := b.bool(at)
		first, next, ok := b.fibonacci(at + 1)
		if !ok {
			return nil, false
		}
		at, last = next, last+first
		end := last
		if isRange {
			var more int
			if more, at, ok = b.fibonacci(at); !ok {
				return nil, false
			}
			end += more
		}
		for ; last <= end; last++ {
			if len(ids) == maxSections {
				return nil, false
			}
			ids = append(ids, last)
		}
		last = end
	}
	return ids, true
}

// optedOut is the value of an opt-out field that says so; 0 is not applicable, 2 did not opt out.
const optedOut = 1

// usPrivacySection is what counts of a US section.
type usPrivacySection struct {
	sale, sharing, targeted int
	gpc                     bool
	child                   bool // no consent to the data of a known child
}

// readCanadian reads the Canadian TCF: express consent is an answer, implied consent is a default.
func readCanadian(r *reader, s reading) {
	core, _, _ := strings.Cut(s.value, ".")
	b := bitText(strings.TrimRight(core, "="))
	if !b.valid() || b.len() < 199 || b.uint(0, 6) > 2 || b.uint(0, 6) == 0 {
		r.unreadable(s, "no Canadian TCF section")
		return
	}
	express, implied := b.mask24(151), b.mask24(175)
	s.when = deciseconds(b.uint(42, 36))
	var none tcString
	s.granted, s.denied = r.policy.tcfGrants(express|implied, &none)
	expressly, _ := r.policy.tcfGrants(express, &none)
	s.presets = s.granted &^ expressly
	for i := range r.policy.purposes {
		mask := r.policy.purposes[i].tcf
		switch {
		case s.denied.has(i):
			s.details = append(s.details, detail{1 << i, false, string(appendTCFNames(nil, mask&^(express|implied))), ": refused"})
		case s.presets.has(i):
			s.details = append(s.details, detail{1 << i, true, "consent implied", ""})
		case s.granted.has(i):
			s.details = append(s.details, detail{1 << i, true, string(appendTCFNames(nil, mask)), ": consented to"})
		}
	}
	r.add(s)
}
