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
	cut              uint32 // purposes whose consents are beyond the end of a string that was cut off
	purposeOneFree   bool   // PurposeOneTreatment: purpose 1 was not asked for
	publisherCC      [2]byte
	vendors          vendorList
	vendorsLI        vendorList
	restrictions     restrictions
	disclosed        vendorList
	publisher        publisherTC
}

const (
	tcPurposes     = 152 // where the consents to purposes stand in the core
	allTCFPurposes = 1<<24 - 1
)

// publisherTC is the publisher's own part of a TC string.
type publisherTC struct {
	present      bool
	consents, li uint32
	custom       int // number of purposes of the publisher's own
}

// tcfPurposes returns the mask of some purposes.
func tcfPurposes(numbers ...int) (m uint32) {
	for _, n := range numbers {
		m |= 1 << (n - 1)
	}
	return m
}

// parseTC reads a TC string. why says what is wrong with one that is refused; of that, the purposes that can be read are
// in tc, and those that cannot are cut.
func parseTC(s string) (tc tcString, why string) {
	tc.cut = allTCFPurposes
	if len(s) > maxValue {
		return tc, "too long"
	}
	core, rest, more := strings.Cut(s, ".")
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
	whole := b.legible()
	if why = tc.core(whole); len(whole) < len(b) {
		why = "characters that are no base64url"
	}
	for more {
		var segment string
		segment, rest, more = strings.Cut(rest, ".")
		if !tc.segment(bitText(strings.TrimRight(segment, "="))) && why == "" {
			why = "cut off or damaged after its core"
		}
	}
	return tc, why
}

func (tc *tcString) core(b bitText) (why string) {
	if b.len() < tcPurposes {
		return "cut off"
	}
	tc.created, tc.updated = deciseconds(b.uint(6, 36)), deciseconds(b.uint(42, 36))
	tc.cmp = int(b.uint(78, 12))
	tc.policy = int(b.uint(132, 6))
	tc.serviceSpecific = b.bool(138)
	tc.specialFeatures = b.mask24(140) & (1<<12 - 1)
	tc.consents, tc.li = b.mask24(tcPurposes), b.mask24(176)
	tc.cut = allTCFPurposes &^ (1<<(b.len()-tcPurposes) - 1)
	if b.len() < 230 {
		return "cut off"
	}
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

// segment reads one of the other segments; ok is false when it is damaged. One of an unknown type is passed over.
func (tc *tcString) segment(b bitText) (ok bool) {
	if !b.valid() || b.len() < 6 {
		return false
	}
	switch b.uint(0, 3) {
	case 1:
		tc.disclosed, _, ok = readVendors(b, 3)
		return ok
	case 3:
		tc.publisher = publisherTC{present: true, consents: b.mask24(3), li: b.mask24(27), custom: int(b.uint(51, 6))}
		return b.len() >= 57+2*tc.publisher.custom
	}
	return true
}

// deciseconds are the format's unit of time.
func deciseconds(n uint64) time.Time { return time.UnixMilli(int64(n) * 100).UTC() }

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
	if tc.cut != allTCFPurposes {
		s.tc, s.when = &tc, tc.updated
		s.granted, s.denied = r.policy.tcfGrants(tc.consents, &tc)
	}
	switch {
	case why != "":
		r.unreadable(s, why)
		return
	case r.in.value("gdpr") == "0":
		s.doubt("gdpr=0: TCF does not apply")
	case tc.policy < 4 && tc.created.After(noPolicy4):
		s.doubt("unreadable: made under TCF policy " + itoa(tc.policy) + ", which ended on " + noPolicy4.Format(time.DateOnly))
	case !tc.serviceSpecific:
		s.doubt("unreadable: of global scope, which is no longer valid")
	}
	r.add(s)
}

// appendTCFDetail says which TCF purposes decided about a purpose.
func (p *Policy) appendTCFDetail(b []byte, i int, tc *tcString, consents uint32) []byte {
	mask := p.tcfMask(i, tc)
	if missing := mask &^ tc.cut &^ consents; missing != 0 {
		return append(appendTCFNames(b, missing), ": refused"...)
	}
	return append(appendTCFNames(b, mask), ": consented to"...)
}

// tcfMask returns the TCF purposes that a purpose needs, without purpose 1 where it need not be asked for.
func (p *Policy) tcfMask(i int, tc *tcString) uint32 {
	mask := p.purposes[i].tcf
	if tc.purposeOneFree && p.p1Free[string(tc.publisherCC[:])] {
		mask &^= tcfPurposes(1)
	}
	return mask
}

// tcfGrants returns the purposes that consents to TCF purposes grant and deny. What was cut off does neither.
func (p *Policy) tcfGrants(consents uint32, tc *tcString) (yes, no set) {
	for i := range p.purposes {
		switch mask := p.tcfMask(i, tc); {
		case mask == 0:
		case consents&mask == mask:
			yes.add(i)
		case mask&^tc.cut&^consents != 0:
			no.add(i)
		}
	}
	return yes, no
}

// tcfNames are the purposes of TCF in a few words, by their number less 1: https://iabeurope.eu/iab-europe-transparency-consent-framework-policies/
var tcfNames = [...]string{"storage on the device", "selecting ads", "profiles for ads", "ads by profile", "profiles for content",
	"content by profile", "measuring ads", "measuring content", "knowing audiences", "improving services", "selecting content"}

// appendTCFName writes a purpose by its number and in words: 7 measuring ads.
func appendTCFName(b []byte, n int) []byte {
	b = strconv.AppendInt(b, int64(n), 10)
	if n <= len(tcfNames) {
		b = append(append(b, ' '), tcfNames[n-1]...)
	}
	return b
}

func appendTCFNames(b []byte, mask uint32) []byte {
	b = append(b, "TCF purpose"...)
	if bits.OnesCount32(mask) > 1 {
		b = append(b, 's')
	}
	for n, first := 1, true; n <= 24; n++ {
		if mask&tcfPurposes(n) == 0 {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		b = append(b, ' ')
		b = appendTCFName(b, n)
		first = false
	}
	return b
}
