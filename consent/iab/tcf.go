package iab

import (
	"strings"
	"time"
)

// TC is an IAB TCF v2 string, read in place. Vendors are never expanded: Vendors.Has looks one up in the text.
// https://github.com/InteractiveAdvertisingBureau/GDPR-Transparency-and-Consent-Framework
type TC struct {
	Created, Updated time.Time
	CMP              int
	Policy           int
	ServiceSpecific  bool
	SpecialFeatures  uint32
	Consents, LI     uint32 // purposes, bit n-1 for purpose n
	Cut              uint32 // purposes whose consents are beyond the end of a string that was cut off
	PurposeOneFree   bool   // PurposeOneTreatment: purpose 1 was not asked for
	PublisherCC      [2]byte
	Vendors          Vendors
	VendorsLI        Vendors
	Restrictions     Restrictions
	Disclosed        Vendors
	Publisher        Publisher
}

// tcPurposes is where the consents to purposes stand in the core.
const tcPurposes = 152

// Publisher is the publisher's own part of a TC string.
type Publisher struct {
	Present      bool
	Consents, LI uint32
	Custom       int // number of purposes of the publisher's own
}

// ParseTC reads a TC string. why says what is wrong with one that is refused; of that, the purposes that can be read are
// in tc, and those that cannot are cut.
func ParseTC(s string) (tc TC, why string) {
	tc.Cut = AllPurposes
	if len(s) > MaxLength {
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

func (tc *TC) core(b bitText) (why string) {
	if b.len() < tcPurposes {
		return "cut off"
	}
	tc.Created, tc.Updated = deciseconds(b.uint(6, 36)), deciseconds(b.uint(42, 36))
	tc.CMP = int(b.uint(78, 12))
	tc.Policy = int(b.uint(132, 6))
	tc.ServiceSpecific = b.bool(138)
	tc.SpecialFeatures = b.mask24(140) & (1<<12 - 1)
	tc.Consents, tc.LI = b.mask24(tcPurposes), b.mask24(176)
	tc.Cut = AllPurposes &^ (1<<(b.len()-tcPurposes) - 1)
	if b.len() < 230 {
		return "cut off"
	}
	tc.PurposeOneFree = b.bool(200)
	tc.PublisherCC = [2]byte{'A' + byte(b.uint(201, 6)), 'A' + byte(b.uint(207, 6))}
	at := 213
	var ok bool
	if tc.Vendors, at, ok = readVendors(b, at); !ok {
		return "cut off or damaged in the vendors"
	}
	if tc.VendorsLI, at, ok = readVendors(b, at); !ok {
		return "cut off or damaged in the vendors' legitimate interests"
	}
	if tc.Restrictions, ok = readRestrictions(b, at); !ok {
		return "cut off or damaged in the publisher's restrictions"
	}
	return ""
}

// segment reads one of the other segments; ok is false when it is damaged. One of an unknown type is passed over.
func (tc *TC) segment(b bitText) (ok bool) {
	if !b.valid() || b.len() < 6 {
		return false
	}
	switch b.uint(0, 3) {
	case 1:
		tc.Disclosed, _, ok = readVendors(b, 3)
		return ok
	case 3:
		tc.Publisher = Publisher{Present: true, Consents: b.mask24(3), LI: b.mask24(27), Custom: int(b.uint(51, 6))}
		return b.len() >= 57+2*tc.Publisher.Custom
	}
	return true
}

// deciseconds are the format's unit of time.
func deciseconds(n uint64) time.Time { return time.UnixMilli(int64(n) * 100).UTC() }
