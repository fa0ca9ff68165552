package destinations

import (
	"cmp"
	"fmt"
	"slices"

	"headgate/destinations/catalog"
	"headgate/document"
	"headgate/event/needs"
	"headgate/rules"
)

// resolve applies what the entry says over what the catalogue says, and reports what is looser without a reason.
func (c *Consent) resolve(s *catalog.Spec, at document.Place, l *rules.Language) (out needs.Need, ms document.Mistakes) {
	purposes := s.Needs
	out = needs.Need{AnyOf: s.AnyOf, Refused: s.Refused, Vendor: s.Vendor, Reason: cmp.Or(c.Reason, s.Reason)}
	if c.Needs.Written {
		at, purposes = c.Needs.At, c.Needs
		for _, purpose := range s.Needs.Purposes {
			if !slices.Contains(c.Needs.Purposes, purpose) && c.Reason == "" && !flagged(s, purpose, l) {
				ms.Add(at, fmt.Sprintf("%s needs %s, and this leaves it out", s.Name, purpose), "add it, or write reason: why it may go without")
			}
		}
	}
	if len(c.AnyOf) > 0 {
		if len(s.AnyOf) > 0 && c.Reason == "" && slices.ContainsFunc(c.AnyOf, func(p string) bool { return !slices.Contains(s.AnyOf, p) }) {
			ms.Add(at, fmt.Sprintf("%s needs one of %v, and this takes others", s.Name, s.AnyOf), "write reason: why they are enough")
		}
		out.AnyOf = c.AnyOf
	}
	if c.Refused.Written {
		if c.Refused.Redact != "" && s.Refused.Redact == "" && c.Reason == "" {
			ms.Add(at, fmt.Sprintf("%s is sent nothing without consent, and this sends it redacted events", s.Name), "write reason: why that is lawful")
		}
		out.Refused = c.Refused
	}
	switch {
	case c.Vendor == nil:
	case c.Vendor.TCF < 0:
		if c.Reason == "" {
			ms.Add(at, "the vendor is not checked without a reason", "write reason: why")
		}
		out.Vendor = needs.Vendor{}
	case !c.Vendor.Only(s.Vendor.TCF):
		out.Vendor = *c.Vendor
	}
	out.Vendor.Hosts = s.Vendor.Hosts
	out.At, out.Purposes = purposes.At, purposes.Purposes
	out.None = purposes.Written && len(out.Purposes)+len(out.AnyOf) == 0
	return out, ms
}

// NeedOf is what an entry of the configuration needs of consent, though other things are wrong with it. The spec is nil
// when the catalogue does not have it, or does not say what consent it needs: both are reported elsewhere.
func NeedOf(name string, entry Config, c *catalog.Catalog, l *rules.Language) (needs.Need, *catalog.Spec) {
	spec := c.Spec(cmp.Or(entry.Use.Value, name))
	if spec == nil || !spec.Needs.Written && !entry.Consent.Needs.Written {
		return needs.Need{}, nil
	}
	need, _ := entry.Consent.resolve(spec, entry.At, l)
	return need, spec
}

// flagged reports whether the vendor is always informed when a purpose is refused: an event may then go without it.
func flagged(s *catalog.Spec, purpose string, l *rules.Language) bool {
	return slices.ContainsFunc(s.Flags, func(f catalog.Flag) bool { return FlagWithout(s, f, purpose, l) })
}

// FlagWithout reports whether a flag is set on every event without consent to a purpose.
func FlagWithout(s *catalog.Spec, f catalog.Flag, purpose string, l *rules.Language) bool {
	when, ms := l.Formula(f.When, rules.DestinationScope(s.Settings.Keys()), rules.Truth)
	return len(ms) == 0 && when.HoldsWithout(purpose)
}
