package event

import (
	"cmp"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Cause is what a state rests on, in codes. Record.SourceOf puts it into words.
type Cause struct {
	Kind   CauseKind
	Note   NoteKind
	Signal Citation // of the kinds that cite a signal
	Noted  Citation // of the note
}

// CauseKind says what a state rests on.
type CauseKind uint8

// The kinds. They are part of the layout of the log, so new ones go to the end.
const (
	InWords         CauseKind = iota // no code: State.Source says it
	Always                           // the purpose needs no choice
	ByRule                           // the region's rule
	BySaying                         // a signal
	ByNaming                         // a TC string that allows the vendor
	NotDisclosed                     // a TC string that does not disclose the vendor
	NoConsent                        // a TC string without consent for the vendor
	NoBasis                          // a TC string that gives the vendor no basis for the purpose in TCF; Part says why
	NoAdditional                     // no additional consent string with the TC string
	NotAdditional                    // an additional consent string that does not name the provider
	OnSuppression                    // the suppression list; Part is the kind of identifier
	OnWithdrawal                     // a withdrawal; Part is its date
	NothingRecorded                  // the record says nothing of the purpose
)

// NoteKind says what else was seen that would have decided otherwise, and why it did not.
type NoteKind uint8

// The notes. They are part of the layout of the log, so new ones go to the end.
const (
	NoNote       NoteKind = iota
	DefaultOnly           // a signal grants it by default only
	DenialAside           // a refusal that is set aside
	DenialScoped          // an opt-out that is limited to targeted advertising
	DenialLater           // a refusal of a source that is listed after the one that counts
	NotTracking           // Do Not Track
	Faulty                // a signal that grants nothing, for the reason that it is aside; of an older version Part says why
	GrantAside            // a grant that is set aside
	PartOnly              // a grant of a part: Part says of which, Tail of which not
)

// Citation is the part of a signal that says something of a purpose.
type Citation struct {
	Signal     uint8  // place in Record.Signals, counted from 1
	Publisher  bool   // the part of a TC string that is about the publisher
	Refused    bool   // of a TC string: the purposes are refused
	TCF        uint32 // the purposes of TCF that decide, bit n-1 for purpose n
	Part, Tail string // "C0004" and "=0"
}

// SourceOf says in words what a state rests on: the signal or rule that it came from, with what that said.
func (r *Record) SourceOf(s *State) string {
	c := &s.Cause
	source := s.Source
	switch c.Kind {
	case InWords:
	case Always:
		source = "always"
	case ByRule:
		source = r.where()
	case BySaying:
		source = r.cited(&c.Signal)
	case OnSuppression:
		source = SuppressionSource + " (" + c.Signal.Part + ")"
	case OnWithdrawal:
		source = WithdrawalSource + " on " + c.Signal.Part
	case NothingRecorded:
		source = "nothing was recorded about it"
	default:
		source = r.named(&c.Signal) + c.vendor(vendorTitle(strings.TrimPrefix(s.Purpose, VendorPrefix)))
	}
	if c.Note != NoNote {
		source += "; " + r.noted(c)
	}
	return source
}

// vendor says what a string holds about a vendor, as the end of a sentence about the string.
func (c *Cause) vendor(title string) string {
	switch c.Kind {
	case NotDisclosed:
		return " does not disclose " + title
	case NoConsent:
		return " holds no consent for " + title
	case NoBasis:
		return " gives " + title + " no basis for TCF purpose " + string(appendPurpose(nil, bits.Len32(c.Signal.TCF))) + ": " + c.Signal.Part
	case NoAdditional:
		return " came without an additional consent string, which " + title + " needs"
	case NotAdditional:
		return ", the additional consent string, does not name " + title
	}
	return ""
}

// noted says in words what else was seen.
func (r *Record) noted(c *Cause) string {
	var aside string
	if s := r.signal(&c.Noted); s != nil {
		aside = r.AsideOf(s)
	}
	cited := r.cited(&c.Noted)
	subject := cited
	if s := r.signal(&c.Noted); s != nil && !s.When.IsZero() {
		subject += ","
	}
	switch c.Note {
	case DefaultOnly:
		return cited + ByDefaultOnly
	case DenialAside:
		return subject + " denies it but is set aside: " + aside
	case DenialScoped:
		return subject + " is limited to targeted advertising in " + r.where()
	case DenialLater:
		return subject + " denies it but a source listed before it counts"
	case NotTracking:
		return r.named(&c.Noted) + " asks not to be tracked but is set aside: " + aside
	case Faulty:
		return r.named(&c.Noted) + " grants nothing: " + cmp.Or(c.Noted.Part, aside)
	case GrantAside:
		return subject + " grants it but is set aside: " + aside
	}
	return r.named(&c.Noted) + " grants " + c.Noted.Part + " but says nothing of " + c.Noted.Tail
}

// Tool is the source of the signal that decided about the first purpose that a signal decided about: a consent tool mostly; "" when
// none did.
func (r *Record) Tool() string {
	for i := range r.States {
		if s := &r.States[i]; s.Cause.Kind >= BySaying && s.Cause.Kind <= NotAdditional {
			if signal := r.signal(&s.Cause.Signal); signal != nil {
				return signal.Source
			}
		}
	}
	return ""
}

func (r *Record) where() string { return RuleTitle(r.Rule, r.Model) }

func (r *Record) signal(c *Citation) *Signal {
	if at := int(c.Signal) - 1; at >= 0 && at < len(r.Signals) {
		return &r.Signals[at]
	}
	return nil
}

func (r *Record) named(c *Citation) string {
	if s := r.signal(c); s != nil {
		return s.Name
	}
	return "a signal"
}

// cited names a signal and the part of it that says something: "OptanonConsent (C0004=0), answered 2026-11-02".
func (r *Record) cited(c *Citation) string {
	b := append(make([]byte, 0, 128), r.named(c)...)
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
	if s := r.signal(c); s != nil && !s.When.IsZero() {
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

// SaysOf puts what a signal says into words: "ads denied, analytics granted by default (not answered yet)".
func (r *Record) SaysOf(s *Signal) string {
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
		r.writePurposes(&b, one.purposes)
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
func (r *Record) writePurposes(b *strings.Builder, mask uint32) {
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

// Conflict is a disagreement of two signals about a purpose; the zero Conflict is none. The numbers are places, counted from 1.
type Conflict struct {
	Purpose, Granted, Denied uint8
	Words                    string // of a decision of an older version: all of it
}

// ConflictText puts the conflict into words: "analytics: granted by CookieConsent, denied by gcs". It is "" when there is none.
func (r *Record) ConflictText() string {
	c := &r.Conflict
	if c.Words != "" || c.Purpose == 0 || int(c.Purpose) > len(r.States) {
		return c.Words
	}
	return r.States[c.Purpose-1].Purpose + ": granted by " + r.named(&Citation{Signal: c.Granted}) + ", denied by " + r.named(&Citation{Signal: c.Denied})
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
