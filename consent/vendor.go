package consent

import (
	"slices"

	"headgate/consent/cmp"
	"headgate/consent/iab"
	"headgate/consent/signals"
	"headgate/event"
)

// vendorState says whether the TC strings, and the additional consent strings with them, allow a vendor what it asks for: the
// refusal of any of them counts. ok is false when none refuses and none may grant.
func vendorState(v *Vendor, c *conclusion, key string, tcs []*signals.Reading) (s event.State, ok bool) {
	s = event.State{Purpose: key, State: denied, Basis: byChoice}
	for _, tc := range tcs {
		if v.TCF > 0 {
			s.Cause = tcfRefusal(v, c.policy, tc)
		} else {
			s.Cause = acRefusal(v, tc, c.acReadings())
		}
		if s.Cause.Kind != event.InWords {
			return s, true
		}
	}
	for _, tc := range tcs {
		if !tc.IsFaulty() {
			s.State, s.Cause = granted, naming(event.ByNaming, tc)
			return s, true
		}
	}
	return s, false
}

func naming(kind event.CauseKind, r *signals.Reading) event.Cause {
	return event.Cause{Kind: kind, Signal: event.Citation{Signal: r.At}}
}

// acRefusal says which additional consent string does not name the provider; it is zero when all do.
func acRefusal(v *Vendor, tc *signals.Reading, acs []*signals.Reading) (none event.Cause) {
	if len(acs) == 0 {
		return naming(event.NoAdditional, tc)
	}
	for _, r := range acs {
		if ac, ok := iab.ParseAC(cmp.Plain(r.Value)); !ok || !ac.Has(v.AC) {
			return naming(event.NotAdditional, r)
		}
	}
	return none
}

// tcfRefusal says which of the vendor's purposes has no legal basis; it is zero when all have one.
func tcfRefusal(v *Vendor, p *Policy, r *signals.Reading) (none event.Cause) {
	tc := r.TC
	if tc.Policy >= 5 && !tc.Disclosed.Has(v.TCF) {
		return naming(event.NotDisclosed, r)
	}
	if len(v.Consent)+len(v.LI) == 0 {
		if !tc.Vendors.Has(v.TCF) {
			return naming(event.NoConsent, r)
		}
		return none
	}
	for n := 1; n <= 24; n++ {
		if !slices.Contains(v.Consent, n) && !slices.Contains(v.LI, n) {
			continue
		}
		if why := basis(v, p, tc, n); why != "" {
			return event.Cause{Kind: event.NoBasis, Signal: event.Citation{Signal: r.At, TCF: iab.Purposes(n), Part: why}}
		}
	}
	return none
}

// basis says why a vendor has no legal basis for one TCF purpose, "" when it has.
func basis(v *Vendor, p *Policy, tc *iab.TC, purpose int) string {
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
	if purpose == 1 && tc.PurposeOneFree && p.signals.P1Free[string(tc.PublisherCC[:])] {
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
func (c *conclusion) acReadings() (out []*signals.Reading) {
	for i := range c.readings {
		if r := &c.readings[i]; r.Source == signals.SourceAC && !r.IsAside() && !r.IsFaulty() {
			out = append(out, r)
		}
	}
	return out
}
