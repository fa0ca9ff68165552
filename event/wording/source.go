// Package wording puts into sentences what was decided in codes: why an outcome is what it is, what a state rests on, what a signal says.
// It is for people and for logs; nothing is decided by it.
package wording

import (
	"cmp"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"headgate/event"
)

// Source says in words what a state rests on: the signal or rule that it came from, with what that said.
func Source(r *event.Record, s *event.State) string {
	c := &s.Cause
	source := s.Source
	switch c.Kind {
	case event.InWords:
	case event.Always:
		source = "always"
	case event.ByRule:
		source = where(r)
	case event.BySaying:
		source = cited(r, &c.Signal)
	case event.OnSuppression:
		source = event.SuppressionSource + " (" + c.Signal.Part + ")"
	case event.OnWithdrawal:
		source = event.WithdrawalSource + " on " + c.Signal.Part
	case event.NothingRecorded:
		source = "nothing was recorded about it"
	default:
		source = named(r, &c.Signal) + vendor(c, vendorTitle(strings.TrimPrefix(s.Purpose, event.VendorPrefix)))
	}
	if c.Note != event.NoNote {
		source += "; " + noted(r, c)
	}
	return source
}

// vendor says what a string holds about a vendor, as the end of a sentence about the string.
func vendor(c *event.Cause, title string) string {
	switch c.Kind {
	case event.NotDisclosed:
		return " does not disclose " + title
	case event.NoConsent:
		return " holds no consent for " + title
	case event.NoBasis:
		return " gives " + title + " no basis for TCF purpose " + string(appendPurpose(nil, bits.Len32(c.Signal.TCF))) + ": " + c.Signal.Part
	case event.NoAdditional:
		return " came without an additional consent string, which " + title + " needs"
	case event.NotAdditional:
		return ", the additional consent string, does not name " + title
	}
	return ""
}

// noted says in words what else was seen.
func noted(r *event.Record, c *event.Cause) string {
	var aside string
	if s := r.SignalOf(&c.Noted); s != nil {
		aside = Aside(r, s)
	}
	cited := cited(r, &c.Noted)
	subject := cited
	if s := r.SignalOf(&c.Noted); s != nil && !s.When.IsZero() {
		subject += ","
	}
	switch c.Note {
	case event.DefaultOnly:
		return cited + byDefaultOnly
	case event.DenialAside:
		return subject + " denies it but is set aside: " + aside
	case event.DenialScoped:
		return subject + " is limited to targeted advertising in " + where(r)
	case event.DenialLater:
		return subject + " denies it but a source listed before it counts"
	case event.NotTracking:
		return named(r, &c.Noted) + " asks not to be tracked but is set aside: " + aside
	case event.Faulty:
		return named(r, &c.Noted) + " grants nothing: " + cmp.Or(c.Noted.Part, aside)
	case event.GrantAside:
		return subject + " grants it but is set aside: " + aside
	}
	return named(r, &c.Noted) + " grants " + c.Noted.Part + " but says nothing of " + c.Noted.Tail
}

// ruleTitle names a region's rule with its model: "europe (opt_in)".
func ruleTitle(rule, model string) string {
	if rule == event.UnknownRegion {
		rule = "unknown region"
	}
	return rule + " (" + model + ")"
}

func where(r *event.Record) string { return ruleTitle(r.Rule, r.Model) }

func named(r *event.Record, c *event.Citation) string {
	if s := r.SignalOf(c); s != nil {
		return s.Name
	}
	return "a signal"
}

// cited names a signal and the part of it that says something: "OptanonConsent (C0004=0), answered 2026-11-02".
func cited(r *event.Record, c *event.Citation) string {
	b := append(make([]byte, 0, 128), named(r, c)...)
	if c.Publisher {
		b = append(b, ", the publisher's part"...)
	}
	if c.TCF != 0 {
		b = appendPurposes(append(b, " ("...), c.TCF)
		if c.Refused {
			b = append(b, ": refused)"...)
		} else {
			b = append(b, ": consented to)"...)
		}
	}
	if c.Part != "" {
		b = append(append(append(append(b, " ("...), c.Part...), c.Tail...), ')')
	}
	if s := r.SignalOf(c); s != nil && !s.When.IsZero() {
		b = s.When.UTC().AppendFormat(append(b, ", answered "...), time.DateOnly)
	}
	return string(b)
}

// purposeNames are short names of the purposes of TCF, by their number less 1:
// https://iabeurope.eu/iab-europe-transparency-consent-framework-policies/
var purposeNames = [...]string{"storage on the device", "selecting ads", "profiles for ads", "ads by profile", "profiles for content",
	"content by profile", "measuring ads", "measuring content", "knowing audiences", "improving services", "selecting content"}

// appendPurpose writes a purpose by its number and in words: "7 measuring ads".
func appendPurpose(b []byte, n int) []byte {
	b = strconv.AppendInt(b, int64(n), 10)
	if n >= 1 && n <= len(purposeNames) {
		b = append(append(b, ' '), purposeNames[n-1]...)
	}
	return b
}

// appendPurposes writes the purposes of a mask: "TCF purposes 1 storage on the device, 7 measuring ads".
func appendPurposes(b []byte, mask uint32) []byte {
	b = append(b, "TCF purpose"...)
	if bits.OnesCount32(mask) > 1 {
		b = append(b, 's')
	}
	for first := true; mask != 0; mask &= mask - 1 {
		if !first {
			b = append(b, ',')
		}
		b = appendPurpose(append(b, ' '), bits.TrailingZeros32(mask)+1)
		first = false
	}
	return b
}

// Says puts what a signal says into words: "ads denied, analytics granted by default (not answered yet)".
func Says(r *event.Record, s *event.Signal) string {
	var b strings.Builder
	for _, one := range [...]struct {
		purposes uint32
		verb     string
	}{{s.Denied &^ s.Preset, " denied"}, {s.Denied & s.Preset, " denied by default"},
		{s.Granted &^ s.Preset, " granted"}, {s.Granted & s.Preset, " granted by default"}} {
		if one.purposes == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		writePurposes(r, &b, one.purposes)
		b.WriteString(one.verb)
	}
	if s.Part != "" {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s.Part + " granted, a part only")
	}
	switch {
	case b.Len() == 0:
		return s.Says
	case s.Says != "":
		b.WriteString(" (" + s.Says + ")")
	}
	return b.String()
}

// writePurposes writes the names of purposes by their places among the states.
func writePurposes(r *event.Record, b *strings.Builder, mask uint32) {
	for first := true; mask != 0; mask &= mask - 1 {
		at := bits.TrailingZeros32(mask)
		if at >= len(r.States) {
			return
		}
		if !first {
			b.WriteString(" and ")
		}
		b.WriteString(r.States[at].Purpose)
		first = false
	}
}

// Conflict puts the conflict into words: "analytics: granted by CookieConsent, denied by gcs". It is "" when there is none.
func Conflict(r *event.Record) string {
	c := &r.Conflict
	if c.Words != "" || c.Purpose == 0 || int(c.Purpose) > len(r.States) {
		return c.Words
	}
	return r.States[c.Purpose-1].Purpose + ": granted by " + named(r, &event.Citation{Signal: c.Granted}) + ", denied by " + named(r, &event.Citation{Signal: c.Denied})
}

// vendorTitle is how the vendor of a state is called in sentences: vendor 755 for "tcf 755 consent 1 2".
func vendorTitle(key string) string {
	list, rest, _ := strings.Cut(key, " ")
	id, _, _ := strings.Cut(rest, " ")
	if list == "ac" {
		return "provider " + id
	}
	return "vendor " + id
}
