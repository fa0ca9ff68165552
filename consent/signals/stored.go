package signals

import (
	"slices"
	"strings"

	"headgate/event"
	"headgate/event/wording"
)

// Again adds a stored signal to the inputs as it arrived; it reports false when it was stored by its hash only, or is a part
// of another signal.
func (v *Vocabulary) Again(in *Inputs, s *event.Signal) bool {
	if s.Value == "" || s.Aside.Kind == event.AsideForeign || strings.HasPrefix(s.Value, "sha256:") {
		return false
	}
	switch s.Source {
	case FamilyEvent:
		for _, pair := range strings.Fields(s.Value) {
			key, value, _ := strings.Cut(pair, "=")
			in.Add(&pageFormat, key, value)
		}
		return true
	case FamilyGPC:
		if s.Name == gpcName || s.Name == "gpc" {
			in.Add(&gpcFormat, s.Name, s.Value)
			return true
		}
		return false
	case FamilyDNT:
		in.Add(&dntFormat, s.Name, s.Value)
		return true
	}
	f := v.Cookie(s.Name)
	if f == nil {
		f = Parameter(s.Name)
	}
	// The date from a companion cookie is not stored with the signal: what was concluded then is more reliable.
	if f == nil || f.read == nil || f.source != s.Source || !s.When.IsZero() {
		return false
	}
	in.Add(f, s.Name, s.Value)
	return true
}

// Remembered makes a reading of what a stored signal said.
func (v *Vocabulary) Remembered(r *event.Record, s *event.Signal) Reading {
	out := Reading{Source: s.Source, Family: familyOf(s.Source), Name: s.Name, Value: s.Value, When: s.When, says: s.Says}
	switch s.Aside.Kind {
	case event.AsideSilent:
		out.Aside = s.Aside
		return out
	case event.AsideUnreadable, event.AsideNotTCF, event.AsideForeign:
		out.Fault = s.Aside
	}
	text, rest, _ := strings.Cut(wording.Says(r, s), " (")
	out.says = strings.TrimSuffix(rest, ")")
	for _, part := range strings.Split(text, ", ") {
		for _, one := range []struct {
			verb            string
			granted, preset bool
		}{{" denied by default", false, true}, {" granted by default", true, true}, {" denied", false, false}, {" granted", true, false}} {
			names, ok := strings.CutSuffix(part, one.verb)
			if !ok {
				continue
			}
			for _, name := range strings.Split(names, " and ") {
				if i := v.Index(name); i >= 0 {
					out.set(1<<i, one.granted, quoted(r, s.Name, name), "")
					if one.preset {
						out.Presets.add(i)
					}
				}
			}
			break
		}
	}
	out.OptOut = out.Family == FamilyGPC || out.Family == FamilyUSP || out.Family == FamilyGPP || strings.HasSuffix(out.says, saleOptOut)
	return out
}

// quoted returns the part of a signal that a stored state cites: C0004=0 of "OptanonConsent (C0004=0), answered ...".
func quoted(r *event.Record, signal, purpose string) string {
	for i := range r.States {
		if s := &r.States[i]; s.Purpose == purpose {
			if text, ok := strings.CutPrefix(wording.Source(r, s), signal+" ("); ok {
				text, _, _ = strings.Cut(text, ")")
				return text
			}
		}
	}
	return ""
}

func familyOf(source string) string {
	switch source {
	case "ac", "tcfca":
		return FamilyTCF
	}
	if slices.Contains(Families, source) || source == FamilyDNT {
		return source
	}
	return FamilyCMP
}
