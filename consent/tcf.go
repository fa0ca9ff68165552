package consent

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// tcString is an IAB TCF v2 string, read in place. Vendors are never expanded: has looks one up.
// https://github.com/InteractiveAdvertisingBureau/GDPR-Transparency-and-Consent-Framework
type tcString struct {
	created, updated time.Time
	cmp              int
	policy           int
	serviceSpecific  bool
	specialFeatures  uint32
	consents, li     uint32 // purposes, bit n-1 for purpose n
	purposeOneFree   bool   // PurposeOneTreatment: purpose 1 was not asked for
	publisherCC      [2]byte
	vendors          vendorList
	vendorsLI        vendorList
	restrictions     restrictions
	disclosed        vendorList
	publisher        publisherTC
}

// publisherTC is the publisher's own part of a TC string.
type publisherTC struct {
	present      bool
	consents, li uint32
	custom       int // number of purposes of the publisher's own
	customAt     int
	segment      bitText
}

// tcfPurposes returns the mask of some purposes.
func tcfPurposes(numbers ...int) (m uint32) {
	for _, n := range numbers {
		m |= 1 << (n - 1)
	}
	return m
}

// parseTC reads a TC string. why says what is wrong with one that is refused.
func parseTC(s string) (tc tcString, why string) {
	if len(s) > maxValue {
		return tc, "too long"
	}
	core, rest, _ := strings.Cut(s, ".")
	core = strings.TrimRight(core, "=")
	switch {
	case core == "":
		return tc, "empty"
	case core[0] == 'B':
		return tc, "TCF version 1 is no longer valid"
	case core[0] != 'C':
		return tc, "no TCF version 2"
	}
	b := bitText(core)
	if !b.valid() {
		return tc, "characters that are no base64url"
	}
	if why = tc.core(b); why != "" {
		return tcString{}, why
	}
	for rest != "" {
		var segment string
		segment, rest, _ = strings.Cut(rest, ".")
		tc.segment(bitText(strings.TrimRight(segment, "=")))
	}
	return tc, ""
}

func (tc *tcString) core(b bitText) (why string) {
	if b.len() < 230 {
		return "cut off"
	}
	tc.created, tc.updated = deciseconds(b.uint(6, 36)), deciseconds(b.uint(42, 36))
	tc.cmp = int(b.uint(78, 12))
	tc.policy = int(b.uint(132, 6))
	tc.serviceSpecific = b.bool(138)
	tc.specialFeatures = b.mask24(140) & (1<<12 - 1)
	tc.consents, tc.li = b.mask24(152), b.mask24(176)
	tc.purposeOneFree = b.bool(200)
	tc.publisherCC = [2]byte{'A' + byte(b.uint(201, 6)), 'A' + byte(b.uint(207, 6))}
	at := 213
	var ok bool
	if tc.vendors, at, ok = readVendors(b, at); !ok {
		return "cut off or damaged in the vendors"
	}
	if tc.vendorsLI, at, ok = readVendors(b, at); !ok {
		return "cut off or damaged in the vendors' legitimate interests"
	}
	if tc.restrictions, ok = readRestrictions(b, at); !ok {
		return "cut off or damaged in the publisher's restrictions"
	}
	return ""
}

// segment reads one of the other segments. A damaged or unknown one is passed over: the core stands by itself.
func (tc *tcString) segment(b bitText) {
	if !b.valid() || b.len() < 6 {
		return
	}
	switch b.uint(0, 3) {
	case 1:
		if v, _, ok := readVendors(b, 3); ok {
			tc.disclosed = v
		}
	case 3:
		if b.len() < 57 {
			return
		}
		p := publisherTC{present: true, consents: b.mask24(3), li: b.mask24(27), custom: int(b.uint(51, 6)), customAt: 57, segment: b}
		if b.len() >= 57+2*p.custom {
			tc.publisher = p
		}
	}
}

// deciseconds are the format's unit of time.
func deciseconds(n uint64) time.Time { return time.UnixMilli(int64(n) * 100).UTC() }

// vendorList is a set of vendors, as a bit field or as ranges.
type vendorList struct {
	present bool
	bits    bitText
	at      int // of the bit field or of the first range
	max     int // of a bit field: its length; of ranges: the highest vendor that may be meant
	entries int // of ranges
	ranged  bool
}

// readVendors reads 16 bits MaxVendorId, 1 bit IsRangeEncoding, then the bit field or the ranges.
func readVendors(b bitText, at int) (v vendorList, next int, ok bool) {
	if at+17 > b.len() {
		return v, at, false
	}
	v = vendorList{present: true, bits: b, at: at + 17, max: int(b.uint(at, 16)), ranged: b.bool(at + 16)}
	if v.ranged {
		next, v.entries, ok = skipRanges(b, v.at)
		v.at += 12
		return v, next, ok
	}
	next = v.at + v.max
	return v, next, next <= b.len()
}

// skipRanges walks over a range section (12 bits count, then 1 bit whether it is a range, 16 bits start, 16 bits end) and
// checks it. An entry has 17 bits at least, so that the work is bounded by the text.
func skipRanges(b bitText, at int) (next, entries int, ok bool) {
	if at+12 > b.len() {
		return at, 0, false
	}
	entries = int(b.uint(at, 12))
	at += 12
	for range entries {
		width := 17
		if b.bool(at) {
			width = 33
		}
		if at+width > b.len() || width == 33 && b.uint(at+17, 16) < b.uint(at+1, 16) {
			return at, 0, false
		}
		at += width
	}
	return at, entries, true
}

// has reports whether a vendor is in the list. Ranges need not be in order, so each is looked at.
func (v *vendorList) has(vendor int) bool {
	if !v.present || vendor < 1 {
		return false
	}
	if !v.ranged {
		return vendor <= v.max && v.bits.bool(v.at+vendor-1)
	}
	return inRanges(v.bits, v.at, v.entries, vendor)
}

func inRanges(b bitText, at, entries, vendor int) bool {
	for range entries {
		start := int(b.uint(at+1, 16))
		end := start
		if b.bool(at) {
			end = int(b.uint(at+17, 16))
			at += 16
		}
		at += 17
		if vendor >= start && vendor <= end {
			return true
		}
	}
	return false
}

// restrictions are what the publisher does not allow vendors to do.
type restrictions struct {
	bits  bitText
	at    int
	count int
}

// The types of a restriction.
const (
	notAllowed = iota
	requireConsent
	requireLI
)

func readRestrictions(b bitText, at int) (r restrictions, ok bool) {
	if at+12 > b.len() {
		return r, false
	}
	r = restrictions{b, at + 12, int(b.uint(at, 12))}
	at += 12
	for range r.count {
		if at, _, ok = skipRanges(b, at+8); !ok {
			return r, false
		}
	}
	return r, true
}

// on returns the strictest restriction of a purpose for a vendor, -1 when there is none.
func (r *restrictions) on(purpose, vendor int) int {
	found := -1
	at := r.at
	for range r.count {
		kind := int(r.bits.uint(at+6, 2))
		next, entries, _ := skipRanges(r.bits, at+8)
		if int(r.bits.uint(at, 6)) == purpose && kind <= requireLI && (found < 0 || kind < found) &&
			inRanges(r.bits, at+20, entries, vendor) {
			found = kind
		}
		at = next
	}
	return found
}

// tcfFormat is a TC string by itself, in a cookie or the parameter gdpr_consent.
var tcfFormat = format{source: familyTCF, family: familyTCF, read: func(r *reader, s reading) { r.tcString(s, plain(s.value)) }}

// acFormat is Google's additional consent string, which is only valid beside a TC string and is read with it.
var acFormat = format{source: "ac", family: familyTCF, read: func(r *reader, s reading) {
	ac, ok := parseAC(plain(s.value))
	if !ok {
		r.unreadable(s, "no additional consent string")
		return
	}
	s.says = itoa(ac.count) + " providers consented to"
	r.add(s)
}}

// noPolicy4 is when TCF strings of a policy before 4 ceased to be valid.
var noPolicy4 = time.Date(2023, 9, 30, 0, 0, 0, 0, time.UTC)

// tcString adds a reading for a TC string.
func (r *reader) tcString(s reading, text string) {
	tc, why := parseTC(text)
	switch {
	case why != "":
		r.unreadable(s, why)
		return
	case r.in.value("gdpr") == "0":
		s.aside = "gdpr=0: TCF does not apply"
	case tc.policy < 4 && tc.created.After(noPolicy4):
		s.aside = "unreadable: made under TCF policy " + itoa(tc.policy) + ", which ended on " + noPolicy4.Format(time.DateOnly)
	case !tc.serviceSpecific:
		s.aside = "unreadable: of global scope, which is no longer valid"
	}
	s.tc, s.when = &tc, tc.updated
	s.granted, s.denied = r.policy.tcfGrants(tc.consents, &tc)
	r.add(s)
}

// tcfDetail says which TCF purposes decided about a purpose.
func (p *Policy) tcfDetail(i int, tc *tcString, consents uint32) string {
	mask := p.tcfMask(i, tc)
	if missing := mask &^ consents; missing != 0 {
		return tcfNames(missing) + " refused"
	}
	return tcfNames(mask) + " consented to"
}

// tcfMask returns the TCF purposes that a purpose needs, without purpose 1 where it need not be asked for.
func (p *Policy) tcfMask(i int, tc *tcString) uint32 {
	mask := p.purposes[i].tcf
	if tc.purposeOneFree && p.p1Free[string(tc.publisherCC[:])] {
		mask &^= tcfPurposes(1)
	}
	return mask
}

// tcfGrants returns the purposes that consents to TCF purposes grant and deny.
func (p *Policy) tcfGrants(consents uint32, tc *tcString) (yes, no set) {
	for i := range p.purposes {
		switch mask := p.tcfMask(i, tc); {
		case mask == 0:
		case consents&mask == mask:
			yes.add(i)
		default:
			no.add(i)
		}
	}
	return yes, no
}

func tcfNames(mask uint32) string {
	name := "TCF purpose "
	if bits.OnesCount32(mask) > 1 {
		name = "TCF purposes "
	}
	for i, first := 0, true; i < 24; i++ {
		if mask&(1<<i) != 0 {
			if !first {
				name += ", "
			}
			name += strconv.Itoa(i + 1)
			first = false
		}
	}
	return name
}
