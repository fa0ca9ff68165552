package signals

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"headgate/consent/google"
	"headgate/consent/iab"
	"headgate/event"
)

// Reading is one signal that was seen, decoded. Purposes in neither granted nor denied were not mentioned.
type Reading struct {
	Source string // onetrust, tcf, gpc, ...: as it stands in records
	Family string // what `sources` lists it as
	Name   string // the cookie, parameter or header
	Value  string
	When   time.Time // when the person answered, zero when the signal does not say

	Granted, Denied PurposeSet
	Presets         PurposeSet // of those, what nobody has answered yet: the consent tool's or the tag's own default
	Types           googleParts
	OptOut          bool // it can only deny, and only where the region honours its family
	Details         []detail

	says  string      // for a person, when the purposes do not say it all
	Aside event.Aside // why it is not used at all
	Fault event.Aside // why it grants nothing, while what it refuses counts: unreadable in part, too old, dated in the future
	Place string      // where the consent tool believes the visitor to be: DE, US-CA
	TC    *iab.TC
	At    uint8 // its place among the signals of the record, counted from 1
}

// detail is the part of a signal that speaks of some purposes: "C0004" and "=0". It stays in two pieces, since most
// details are never cited.
type detail struct {
	Purposes   PurposeSet
	Yes        bool
	Text, Tail string
	TCF        uint32 // instead of both: purposes of TCF that are consented to or refused
}

// Grants returns the purposes that the reading may grant: none when something is wrong with it.
func (s *Reading) Grants() PurposeSet {
	if s.IsAside() || s.IsFaulty() {
		return 0
	}
	return s.Granted
}

// Denies returns the purposes that the reading refuses, also one that grants nothing.
func (s *Reading) Denies() PurposeSet {
	if s.IsAside() {
		return 0
	}
	return s.Denied
}

// Doubt notes why the reading grants nothing. The first reason stays.
func (s *Reading) Doubt(why event.AsideKind, part string) {
	if !s.IsFaulty() {
		s.Fault = event.Aside{Kind: why, Part: part}
	}
}

// IsAside reports whether the reading is not used at all.
func (s *Reading) IsAside() bool { return s.Aside.Kind != event.NotAside }

// IsFaulty reports whether the reading grants nothing.
func (s *Reading) IsFaulty() bool { return s.Fault.Kind != event.NotAside }

func (s *Reading) set(purposes PurposeSet, yes bool, text, tail string) {
	if purposes == 0 {
		return
	}
	if yes {
		s.Granted |= purposes &^ s.Denied
	} else {
		s.Denied |= purposes
		s.Granted &^= purposes
	}
	if s.Details == nil {
		s.Details = make([]detail, 0, 4)
	}
	s.Details = append(s.Details, detail{Purposes: purposes, Yes: yes, Text: text, Tail: tail})
}

// Signal returns the reading as it stands in a record.
func (s *Reading) Signal(v *Vocabulary) event.Signal {
	out := event.Signal{Source: s.Source, Name: s.Name, Value: shown(s.Value), Says: s.says, Aside: cmp.Or(s.Aside, s.Fault), When: s.When,
		Granted: uint32(s.Granted), Denied: uint32(s.Denied), Preset: uint32(s.Presets & (s.Granted | s.Denied))}
	if parts := s.parts(v); parts != 0 {
		out.Part = string(google.AppendNames(nil, parts))
	}
	return out
}

// shown returns a value as it may stand in a record: long ones by their hash.
func shown(value string) string {
	if len(value) <= 64 {
		return value
	}
	sum := sha256.Sum256([]byte(value))
	b := make([]byte, 0, 80)
	return string(hex.AppendEncode(append(b, "sha256:"...), sum[:]))
}

// parts returns the types granted that settle no purpose, since another part of it was not mentioned.
func (s *Reading) parts(v *Vocabulary) google.Type {
	parts := s.Types.Granted &^ s.Types.Presets
	for i := range v.Purposes {
		if (s.Granted | s.Denied).Has(i) {
			parts &^= v.Purposes[i].Google
		}
	}
	return parts
}

// reader decodes the inputs of one event into readings.
type reader struct {
	words    *Vocabulary
	in       *Inputs
	readings []Reading
}

func (r *reader) add(s Reading) { r.readings = append(r.readings, s) }

// unreadable notes a signal that cannot be read, or not all of it. It grants nothing; what was read of its refusals counts,
// and an opt-out signal that cannot be read is an opt-out.
func (r *reader) unreadable(s Reading, why string) {
	s.Doubt(event.AsideUnreadable, why)
	if s.OptOut {
		s.set(r.words.OptOuts(), false, "unreadable", "")
	}
	r.add(s)
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
