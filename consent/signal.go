package consent

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"headgate/consent/google"
	"headgate/consent/iab"
	"headgate/event"
)

// reading is one signal that was seen, decoded. Purposes in neither granted nor denied were not mentioned.
type reading struct {
	source string // onetrust, tcf, gpc, ...: as it stands in records
	family string // what `sources` lists it as
	name   string // the cookie, parameter or header
	value  string
	when   time.Time // when the person answered, zero when the signal does not say

	granted, denied set
	presets         set // of those, what nobody has answered yet: the consent tool's or the tag's own default
	types           googleParts
	optOut          bool // it can only deny, and only where the region honours its family
	details         []detail

	says  string // for a person, when the purposes do not say it all
	aside string // why it is not used at all
	fault string // why it grants nothing, while what it refuses counts: unreadable in part, too old, dated in the future
	place string // where the consent tool believes the visitor to be: DE, US-CA
	tc    *iab.TC
	at    uint8 // its place among the signals of the record, counted from 1
}

// detail is the part of a signal that speaks of some purposes: "C0004" and "=0". It stays in two pieces, since most
// details are never cited.
type detail struct {
	purposes   set
	yes        bool
	text, tail string
	tcf        uint32 // instead of both: purposes of TCF that are consented to or refused
}

// grants returns the purposes that the reading may grant: none when something is wrong with it.
func (s *reading) grants() set {
	if s.aside != "" || s.fault != "" {
		return 0
	}
	return s.granted
}

// denies returns the purposes that the reading refuses, also one that grants nothing.
func (s *reading) denies() set {
	if s.aside != "" {
		return 0
	}
	return s.denied
}

// doubt notes why the reading grants nothing. The first reason stays.
func (s *reading) doubt(why string) { s.fault = cmp.Or(s.fault, why) }

func (s *reading) set(purposes set, yes bool, text, tail string) {
	if purposes == 0 {
		return
	}
	if yes {
		s.granted |= purposes &^ s.denied
	} else {
		s.denied |= purposes
		s.granted &^= purposes
	}
	if s.details == nil {
		s.details = make([]detail, 0, 4)
	}
	s.details = append(s.details, detail{purposes: purposes, yes: yes, text: text, tail: tail})
}

// signal returns the reading as it stands in a record.
func (s *reading) signal(p *Policy) event.Signal {
	out := event.Signal{Source: s.source, Name: s.name, Value: shown(s.value), Says: s.says, Aside: cmp.Or(s.aside, s.fault), When: s.when,
		Granted: uint32(s.granted), Denied: uint32(s.denied), Preset: uint32(s.presets & (s.granted | s.denied))}
	if parts := s.parts(p); parts != 0 {
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
func (s *reading) parts(p *Policy) google.Type {
	parts := s.types.granted &^ s.types.presets
	for i := range p.purposes {
		if (s.granted | s.denied).has(i) {
			parts &^= p.purposes[i].google
		}
	}
	return parts
}

// reader decodes the inputs of one event into readings.
type reader struct {
	policy   *Policy
	in       *inputs
	readings []reading
}

func (r *reader) add(s reading) { r.readings = append(r.readings, s) }

// How reasons for setting a signal aside begin, where stored records are searched for them. See also event.Unreadable.
const (
	saysNothing = "says nothing"
	notUnderTCF = "gdpr=0"
)

// unreadable notes a signal that cannot be read, or not all of it. It grants nothing; what was read of its refusals counts,
// and an opt-out signal that cannot be read is an opt-out.
func (r *reader) unreadable(s reading, why string) {
	s.doubt(event.Unreadable + ": " + why)
	if s.optOut {
		s.set(r.policy.optOuts(), false, "unreadable", "")
	}
	r.add(s)
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
