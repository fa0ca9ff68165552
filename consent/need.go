package consent

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"headgate/consent/signals"
	"headgate/document"
	"headgate/event"
	"headgate/event/needs"
)

// What destinations declare.
type (
	// Need is the consent that a destination asks for.
	Need = needs.Need
	// Vendor is who a destination sends to, by the lists of consent standards.
	Vendor = needs.Vendor
	// Refusal is what becomes of an event whose consent is refused.
	Refusal = needs.Refusal
)

// Flag is what a destination sends with an event unless a purpose is granted.
type Flag = event.Flag

// isNamed reports whether a TC string has something to say about the vendor.
func isNamed(v *Vendor) bool { return v.TCF > 0 || v.AC > 0 || v.Publisher }

const (
	vendorPrefix    = event.VendorPrefix
	publisherPrefix = event.PublisherPrefix
)

// vendorKey is the name of the vendor's state in a record. It says what was asked, so that two destinations with one vendor but
// different purposes do not share an answer.
func vendorKey(v *Vendor) string { return string(appendVendorKey(v, nil)) }

func appendVendorKey(v *Vendor, b []byte) []byte {
	switch {
	case v.Publisher:
		return append(b, strings.TrimSuffix(publisherPrefix, ":")...)
	case v.TCF > 0:
		b = strconv.AppendInt(append(b, vendorPrefix+"tcf "...), int64(v.TCF), 10)
	default:
		b = strconv.AppendInt(append(b, vendorPrefix+"ac "...), int64(v.AC), 10)
	}
	b = appendNumbers(b, " consent", v.Consent)
	b = appendNumbers(b, " li", v.LI)
	return appendNumbers(b, " flexible", v.Flexible)
}

// appendNumbers appends what numbers are and then those, unless there are none.
func appendNumbers(b []byte, what string, ns []int) []byte {
	if len(ns) == 0 {
		return b
	}
	b = append(b, what...)
	for _, n := range ns {
		b = strconv.AppendInt(append(b, ' '), int64(n), 10)
	}
	return b
}

// vendorTitle names the vendor in sentences.
func vendorTitle(v *Vendor) string {
	if v.TCF > 0 {
		return "vendor " + itoa(v.TCF)
	}
	return "provider " + itoa(v.AC)
}

func itoa(n int) string { return strconv.Itoa(n) }

// Check says what is wrong with a destination's need under this policy; at is where the destination is written, for what
// has no place of its own.
func (p *Policy) Check(n Need, at document.Place) document.Mistakes {
	var ms document.Mistakes
	if n.At.File != "" {
		at = n.At
	}
	all := slices.Concat(n.Purposes, n.AnyOf)
	switch {
	case n.None && len(all) > 0:
		ms.Add(at, "it needs purposes and none at once", "write the purposes, or needs: none with a reason:")
	case n.None && strings.TrimSpace(n.Reason) == "":
		ms.Add(at, "needs: none without a reason", `say why no consent is needed: reason: "..."`)
	case !n.None && len(all) == 0:
		ms.Add(at, "it does not say what consent it needs", "write needs: [analytics], needs: [ads], or needs: none with a reason:")
	}
	for i, name := range all {
		if p.signals.Index(name) < 0 {
			ms.Add(at, fmt.Sprintf("no purpose is called %q", name), p.suggest(name))
		} else if why := p.grantable(name); why != "" && (i < len(n.Purposes) || len(n.AnyOf) == 1) {
			ms.Add(at, fmt.Sprintf("nothing can grant %q where consent is asked first", name), why)
		}
	}
	if r := n.Refused; r.Redact != "" && p.Personal.Profiles[r.Redact] == nil {
		place := r.At
		if place.File == "" {
			place = at
		}
		ms.Add(place, fmt.Sprintf("no redaction profile is called %q", r.Redact), document.DidYouMean(r.Redact, p.profileNames()))
	}
	checkVendor(&n.Vendor, at, &ms)
	return ms
}

func checkVendor(v *Vendor, at document.Place, ms *document.Mistakes) {
	if v.At.File != "" {
		at = v.At
	}
	for _, n := range slices.Concat(v.Consent, v.LI) {
		if n < 1 || n > 24 {
			ms.Add(at, fmt.Sprintf("TCF has no purpose %d", n), "they count from 1 to 24")
		}
	}
	for _, n := range v.Consent {
		if slices.Contains(v.LI, n) {
			ms.Add(at, fmt.Sprintf("TCF purpose %d rests on consent and on legitimate interest at once", n), "name it in one list, and under flexible: if the publisher may choose")
		}
	}
	for _, n := range v.Flexible {
		if !slices.Contains(v.Consent, n) && !slices.Contains(v.LI, n) {
			ms.Add(at, fmt.Sprintf("TCF purpose %d is flexible, but in neither list", n), "name what it rests on: consent: or li:")
		}
	}
	for _, n := range v.LI {
		if n == 1 || n >= 3 && n <= 6 {
			ms.Add(at, fmt.Sprintf("TCF purpose %d can never rest on legitimate interest", n), "name it under consent:")
		}
	}
	if v.TCF < 0 || v.TCF > 65535 || v.AC < 0 {
		ms.Add(at, "a vendor's id is a number from 1 to 65535", "")
	}
}

// Warn reports what is allowed but probably a mistake: an ads destination that needs only analytics.
func (p *Policy) Warn(n Need, sendsAds bool, at document.Place) document.Mistakes {
	var ms document.Mistakes
	if sendsAds && !n.None && !slices.Contains(n.Purposes, Ads) && !slices.Contains(n.Purposes, PersonalizedAds) {
		ms.Add(at, "an advertising destination that needs no consent to ads", "write needs: [ads]")
	}
	return ms
}

// grantable returns "" when a signal of this site can grant a purpose by a person's choice, or no region asks first; else
// what to do about it.
func (p *Policy) grantable(name string) string {
	i := p.signals.Index(name)
	if i == signals.AtNecessary || !p.regions.AsksFirst() {
		return ""
	}
	lists := func(family string) bool { _, ok := p.signals.Ranks[family]; return ok }
	pu := p.signals.Purposes[i]
	switch {
	case lists(signals.FamilyEvent), lists(signals.FamilyTCF) && pu.TCF != 0, lists(signals.FamilyGoogle) && pu.Google != 0:
		return ""
	case lists(signals.FamilyCMP):
		for _, m := range p.signals.Maps {
			for _, s := range m {
				if s.Has(i) {
					return ""
				}
			}
		}
		if i < len(signals.BuiltInPurposes) {
			return ""
		}
	case i == signals.AtSharing:
		return p.grantable(Ads)
	}
	return "list a source that can grant it under consent: sources, or map a category of your consent tool to it"
}

func (p *Policy) profileNames() []string {
	names := make([]string, 0, len(p.Personal.Profiles))
	for name := range p.Personal.Profiles {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
