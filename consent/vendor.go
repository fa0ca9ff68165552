package consent

import (
	"slices"
	"strings"

	"headgate/event"
)

// vendorState says whether the TC strings, and the additional consent strings beside them, allow a vendor what it asks for: the
// refusal of any of them counts. ok is false when none refuses and none may grant.
func vendorState(v *Vendor, c *conclusion, key string, tcs []*reading) (s event.State, ok bool) {
	s = event.State{Purpose: key, State: denied, Basis: byChoice}
	for _, tc := range tcs {
		if v.TCF > 0 {
			s.Source = tcfRefusal(v, c.policy, tc)
		} else {
			s.Source = acRefusal(v, tc, c.acReadings())
		}
		if s.Source != "" {
			return s, true
		}
	}
	for _, tc := range tcs {
		if tc.fault == "" {
			s.State, s.Source = granted, tc.name
			return s, true
		}
	}
	return s, false
}

// acRefusal says which additional consent string does not name the provider, "" when all do.
func acRefusal(v *Vendor, tc *reading, acs []*reading) string {
	if len(acs) == 0 {
		return tc.name + " came without an additional consent string, which provider " + itoa(v.AC) + " needs"
	}
	for _, r := range acs {
		if ac, ok := parseAC(plain(r.value)); !ok || !ac.has(v.AC) {
			return r.name + ", the additional consent string, does not name provider " + itoa(v.AC)
		}
	}
	return ""
}

// tcfRefusal says which of the vendor's purposes has no legal basis, "" when all have one.
func tcfRefusal(v *Vendor, p *Policy, r *reading) string {
	tc, vendor := r.tc, "vendor "+itoa(v.TCF)
	if tc.policy >= 5 && !tc.disclosed.has(v.TCF) {
		return r.name + " does not disclose " + vendor
	}
	if len(v.Consent)+len(v.LI) == 0 {
		if !tc.vendors.has(v.TCF) {
			return r.name + " holds no consent for " + vendor
		}
		return ""
	}
	purposes := slices.Concat(v.Consent, v.LI)
	slices.Sort(purposes)
	for _, n := range purposes {
		if why := basis(v, p, tc, n); why != "" {
			return r.name + " gives " + vendor + " no basis for TCF purpose " + string(appendTCFName(nil, n)) + ": " + why
		}
	}
	return ""
}

// basis says why a vendor has no legal basis for one TCF purpose, "" when it has.
func basis(v *Vendor, p *Policy, tc *tcString, purpose int) string {
	byConsent := slices.Contains(v.Consent, purpose)
	flexible := slices.Contains(v.Flexible, purpose)
	switch tc.restrictions.on(purpose, v.TCF) {
	case notAllowed:
		return "the publisher does not allow it"
	case requireConsent:
		if !byConsent && !flexible {
			return "the publisher asks for consent, which the vendor does not declare"
		}
		byConsent = true
	case requireLI:
		if byConsent && !flexible {
			return "the publisher asks for a legitimate interest, which the vendor does not declare"
		}
		byConsent = false
	}
	bit := tcfPurposes(purpose)
	if purpose == 1 && tc.purposeOneFree && p.p1Free[string(tc.publisherCC[:])] {
		return ""
	}
	if byConsent && tc.consents&bit != 0 && tc.vendors.has(v.TCF) {
		return ""
	}
	// Since policy 4 purposes 3 to 6 can no longer rest on a legitimate interest, whatever the bits say; 1 never could.
	forbidden := purpose == 1 || purpose >= 3 && purpose <= 6
	if !byConsent && !forbidden && tc.li&bit != 0 && tc.vendorsLI.has(v.TCF) {
		return ""
	}
	switch {
	case byConsent && tc.consents&bit == 0:
		return "not consented to"
	case byConsent:
		return "the vendor was not consented to"
	}
	return "objected to"
}

// acString is Google's additional consent string: `2~` consented provider ids `~dv.` disclosed ids, or `1~` ids.
// https://support.google.com/admanager/answer/9681920
type acString struct {
	consented string // ids with dots between them
	disclosed string
	count     int
}

func parseAC(s string) (ac acString, ok bool) {
	version, rest, found := strings.Cut(s, "~")
	if !found || version != "1" && version != "2" || len(s) > maxValue {
		return ac, false
	}
	ac.consented, rest, _ = strings.Cut(rest, "~")
	if version == "2" { // without the second list it was cut off, perhaps in the middle of an id
		if ac.disclosed, found = strings.CutPrefix(rest, "dv"); !found {
			return acString{}, false
		}
		ac.disclosed = strings.TrimPrefix(ac.disclosed, ".")
	}
	for _, list := range []string{ac.consented, ac.disclosed} {
		for i := range len(list) {
			if (list[i] < '0' || list[i] > '9') && list[i] != '.' {
				return acString{}, false
			}
		}
	}
	if ac.consented != "" {
		ac.count = strings.Count(ac.consented, ".") + 1
	}
	return ac, true
}

// has reports whether a provider was consented to.
func (a *acString) has(id int) bool {
	want := itoa(id)
	for rest := a.consented; rest != ""; {
		var one string
		one, rest, _ = strings.Cut(rest, ".")
		if one == want {
			return true
		}
	}
	return false
}

// acReadings returns the additional consent strings that came and can be read.
func (c *conclusion) acReadings() (out []*reading) {
	for i := range c.readings {
		if r := &c.readings[i]; r.source == acFormat.source && r.aside == "" && r.fault == "" {
			out = append(out, r)
		}
	}
	return out
}
