package consent

import (
	"slices"

	"headgate/consent/iab"
	"headgate/event"
)

// state says whether the TC strings, and the additional consent strings beside them, allow a vendor what it asks for: the
// refusal of any of them counts. ok is false when none refuses and none may grant.
func (v *Vendor) state(c *conclusion, key string, tcs []*reading) (s event.State, ok bool) {
	s = event.State{Purpose: key, State: denied, Basis: byChoice}
	for _, tc := range tcs {
		if v.TCF > 0 {
			s.Source = v.tcfRefusal(c.policy, tc)
		} else {
			s.Source = v.acRefusal(tc, c.acReadings())
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
func (v *Vendor) acRefusal(tc *reading, acs []*reading) string {
	if len(acs) == 0 {
		return tc.name + " came without an additional consent string, which provider " + itoa(v.AC) + " needs"
	}
	for _, r := range acs {
		if ac, ok := iab.ParseAC(plain(r.value)); !ok || !ac.Has(v.AC) {
			return r.name + ", the additional consent string, does not name provider " + itoa(v.AC)
		}
	}
	return ""
}

// tcfRefusal says which of the vendor's purposes has no legal basis, "" when all have one.
func (v *Vendor) tcfRefusal(p *Policy, r *reading) string {
	tc, vendor := r.tc, "vendor "+itoa(v.TCF)
	if tc.Policy >= 5 && !tc.Disclosed.Has(v.TCF) {
		return r.name + " does not disclose " + vendor
	}
	if len(v.Consent)+len(v.LI) == 0 {
		if !tc.Vendors.Has(v.TCF) {
			return r.name + " holds no consent for " + vendor
		}
		return ""
	}
	purposes := slices.Concat(v.Consent, v.LI)
	slices.Sort(purposes)
	for _, n := range purposes {
		if why := v.basis(p, tc, n); why != "" {
			return r.name + " gives " + vendor + " no basis for TCF purpose " + string(iab.AppendPurpose(nil, n)) + ": " + why
		}
	}
	return ""
}

// basis says why a vendor has no legal basis for one TCF purpose, "" when it has.
func (v *Vendor) basis(p *Policy, tc *iab.TC, purpose int) string {
	byConsent := slices.Contains(v.Consent, purpose)
	flexible := slices.Contains(v.Flexible, purpose)
	switch tc.Restrictions.On(purpose, v.TCF) {
	case iab.NotAllowed:
		return "the publisher does not allow it"
	case iab.RequireConsent:
		if !byConsent && !flexible {
			return "the publisher asks for consent, which the vendor does not declare"
		}
		byConsent = true
	case iab.RequireLI:
		if byConsent && !flexible {
			return "the publisher asks for a legitimate interest, which the vendor does not declare"
		}
		byConsent = false
	}
	bit := iab.Purposes(purpose)
	if purpose == 1 && tc.PurposeOneFree && p.p1Free[string(tc.PublisherCC[:])] {
		return ""
	}
	if byConsent && tc.Consents&bit != 0 && tc.Vendors.Has(v.TCF) {
		return ""
	}
	// Since policy 4 purposes 3 to 6 can no longer rest on a legitimate interest, whatever the bits say; 1 never could.
	forbidden := purpose == 1 || purpose >= 3 && purpose <= 6
	if !byConsent && !forbidden && tc.LI&bit != 0 && tc.VendorsLI.Has(v.TCF) {
		return ""
	}
	switch {
	case byConsent && tc.Consents&bit == 0:
		return "not consented to"
	case byConsent:
		return "the vendor was not consented to"
	}
	return "objected to"
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
