package iab

import "strings"

// US is what counts of a section of the United States.
type US struct {
	Sale, Sharing, Targeted int // optedOut, 0 for not applicable, 2 for not opted out
	GPC                     bool
	Child                   bool // no consent to the data of a known child
}

// optedOut is the value of an opt-out field that says so.
const optedOut = 1

// OptOut returns the first field that opts out, as it is written: "SaleOptOut=1". It is "" when none does.
func (u *US) OptOut() string {
	switch {
	case u.Sale == optedOut:
		return "SaleOptOut=1"
	case u.Sharing == optedOut:
		return "SharingOptOut=1"
	case u.Targeted == optedOut:
		return "TargetedAdvertisingOptOut=1"
	case u.GPC:
		return "Global Privacy Control"
	case u.Child:
		return "KnownChildSensitiveDataConsents=1"
	}
	return ""
}

// ParseUS reads the section of an id. known is false where the specification has no such section of the United States, ok is
// false where it cannot be read.
func ParseUS(id int, text string) (u US, known, ok bool) {
	l := layouts[id]
	if l == nil {
		return u, false, false
	}
	u, ok = l.parse(id, text)
	return u, true, ok
}

// StateSection returns which of some sections is a US state's own, 0 when none is.
func StateSection(ids []int, state string) int {
	for _, id := range ids {
		if l := layouts[id]; id > SectionUSNat && l != nil && strings.EqualFold(l.state, state) {
			return id
		}
	}
	return 0
}

// layout is where a US section keeps what counts here: two bits each, after a version of six. What is not listed (the
// notices, sensitive data, the MSPA fields) has no bearing on what may be sent.
type layout struct {
	name     string
	state    string // ISO 3166-2 without the country, "" for the national section
	sale     int    // position of SaleOptOut
	sharing  int    // of SharingOptOut, 0 when there is none
	targeted int    // of TargetedAdvertisingOptOut, 0 when there is none
	child    int    // of the first of the KnownChildSensitiveDataConsents
	children int    // how many of them there are
	headed   bool   // a header with the section's id may go before the core
}

// layouts are the US sections by id. The positions follow from the order of the fields in the specification's tables;
// those from 24 on are from its public comment of October 2025 and unconfirmed by strings seen in the wild.
var layouts = map[int]*layout{
	7:  {name: "usnat", sale: 18, sharing: 20, targeted: 22, child: 56, children: 3},
	8:  {name: "usca", state: "CA", sale: 12, sharing: 14, child: 34, children: 2},
	9:  {name: "usva", state: "VA", sale: 12, targeted: 14, child: 32, children: 1},
	10: {name: "usco", state: "CO", sale: 12, targeted: 14, child: 30, children: 1},
	11: {name: "usut", state: "UT", sale: 14, targeted: 16, child: 34, children: 1},
	12: {name: "usct", state: "CT", sale: 12, targeted: 14, child: 32, children: 3},
	13: {name: "usfl", state: "FL", sale: 12, targeted: 14, child: 32, children: 3},
	14: {name: "usmt", state: "MT", sale: 12, targeted: 14, child: 32, children: 3},
	15: {name: "usor", state: "OR", sale: 12, targeted: 14, child: 38, children: 3},
	16: {name: "ustx", state: "TX", sale: 12, targeted: 14, child: 32, children: 1},
	17: {name: "usde", state: "DE", sale: 12, targeted: 14, child: 34, children: 5},
	18: {name: "usia", state: "IA", sale: 14, targeted: 16, child: 34, children: 1},
	19: {name: "usne", state: "NE", sale: 12, targeted: 14, child: 32, children: 1},
	20: {name: "usnh", state: "NH", sale: 12, targeted: 14, child: 32, children: 3},
	21: {name: "usnj", state: "NJ", sale: 12, targeted: 14, child: 36, children: 5},
	22: {name: "ustn", state: "TN", sale: 12, targeted: 14, child: 32, children: 1},
	23: {name: "usmn", state: "MN", sale: 12, targeted: 14, child: 32, children: 1},
	24: {name: "usmd", state: "MD", sale: 16, targeted: 18, headed: true},
	25: {name: "usin", state: "IN", sale: 16, targeted: 18, child: 20, children: 1, headed: true},
	26: {name: "usky", state: "KY", sale: 16, targeted: 18, child: 20, children: 1, headed: true},
	27: {name: "usri", state: "RI", sale: 16, targeted: 18, child: 20, children: 1, headed: true},
}

// parse reads a section: the core, then sub-sections after dots, of which only the one about GPC counts. Bits that are
// missing read as 0, since some encoders leave zeros at the end out; but a core that ends before its opt-outs do cannot be
// read, nor can a damaged sub-section.
func (l *layout) parse(id int, text string) (u US, ok bool) {
	core, rest, more := strings.Cut(text, ".")
	b := bitText(strings.TrimRight(core, "="))
	if l.headed && int(b.uint(0, 6)) == id {
		if !more {
			return u, false // cut off after its header
		}
		core, rest, more = strings.Cut(rest, ".")
		b = bitText(strings.TrimRight(core, "="))
	}
	if b.len() < max(l.sale, l.sharing, l.targeted)+2 || !b.valid() {
		return u, false
	}
	field := func(at int) int {
		if at == 0 {
			return 0
		}
		return int(b.uint(at, 2))
	}
	u.Sale, u.Sharing, u.Targeted = field(l.sale), field(l.sharing), field(l.targeted)
	child, children := l.child, l.children
	if id == SectionUSNat && b.len() <= 66 {
		// The national section of before 2024 had 12 fields of sensitive data instead of 16, and 2 of children.
		child, children = child-8, 2
	}
	for i := range children {
		u.Child = u.Child || field(child+2*i) == 1
	}
	if l.headed && children > 0 {
		return u, true // Indiana, Kentucky, Rhode Island: their sub-section is about sensitive data, not GPC
	}
	for more {
		var sub string
		sub, rest, more = strings.Cut(rest, ".")
		s := bitText(strings.TrimRight(sub, "="))
		if !s.valid() {
			return u, false
		}
		u.GPC = u.GPC || s.uint(0, 2) == 1 && s.bool(2)
	}
	return u, true
}
