package layout

import (
	"encoding/binary"

	"headgate/event"
)

// Marks stored with the action of an outcome: what follows the reason, in this order, after the profile of Redact.
const (
	actionMask  = 0x03
	ownRule     = 0x04
	hasText     = 0x08
	hasBecause  = 0x10
	hasInstead  = 0x20
	hasFlags    = 0x40
	hasCitation = 0x80
)

func appendOutcome(b []byte, o *event.Outcome, w *words) []byte {
	b = w.append(b, o.Destination)
	at := len(b)
	b = append(b, byte(o.Action))
	b = w.append(b, string(o.Reason))
	if o.Action == event.Redact {
		b = w.append(b, o.Profile) // no other action has one
	}
	for _, one := range [...]struct {
		mark byte
		text string
	}{{hasText, o.Text}, {hasBecause, o.Because}, {hasInstead, o.Instead}} {
		if one.text != "" {
			b[at] |= one.mark
			b = w.append(b, one.text)
		}
	}
	if len(o.Flags) > 0 {
		b[at] |= hasFlags
		b = binary.AppendUvarint(b, uint64(len(o.Flags)))
		for i := range o.Flags {
			b = w.append(w.append(b, o.Flags[i].Purpose), o.Flags[i].Sets)
		}
	}
	if o.Cites[0] != 0 {
		b[at] |= hasCitation
		n := o.Cites.Count()
		b = append(append(b, byte(n)), o.Cites[:n]...)
	}
	if o.Own {
		b[at] |= ownRule
	}
	return b
}

func appendRecord(b []byte, r *event.Record) []byte {
	w := words{known: recordVocabulary}
	b = w.append(b, r.Country)
	b = w.append(b, r.Region)
	b = w.append(b, r.Rule)
	b = w.append(b, r.Model)
	b = appendBool(b, r.Monitor)
	b = w.append(b, r.Conflict.Words)
	b = append(b, r.Conflict.Purpose, r.Conflict.Granted, r.Conflict.Denied)
	b = binary.AppendUvarint(b, uint64(len(r.States)))
	for i := range r.States {
		b = appendState(b, &r.States[i], &w)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Signals)))
	for i := range r.Signals {
		b = appendSignal(b, &r.Signals[i], &w)
	}
	return b
}

// Marks of a signal: what follows its value, in this order.
const (
	saysOfPurposes = 1 << iota
	hasTypes
	hasSays
	hasAside
	hasWhen
)

func appendSignal(b []byte, s *event.Signal, w *words) []byte {
	b = w.append(b, s.Source)
	b = w.append(b, s.Name)
	b = appendText(b, s.Value) // there is rarely another like it
	at := len(b)
	b = append(b, 0)
	if s.Granted|s.Denied|s.Preset != 0 {
		b[at] |= saysOfPurposes
		for _, purposes := range [...]uint32{s.Granted, s.Denied, s.Preset} {
			b = binary.AppendUvarint(b, uint64(purposes))
		}
	}
	for i, text := range [...]string{s.Part, s.Says} {
		if text != "" {
			b[at] |= hasTypes << i
			b = w.append(b, text)
		}
	}
	if s.Aside.Kind != event.NotAside {
		b[at] |= hasAside
		b = w.append(append(b, byte(s.Aside.Kind)), s.Aside.Part)
	}
	if !s.When.IsZero() {
		b[at] |= hasWhen
		b = appendInstant(b, s.When)
	}
	return b
}

// stateWords and basisWords are the usual states and what they rest on, by their numbers in the log.
var (
	stateWords = [...]string{event.Granted, event.Denied, "unknown"}
	basisWords = [...]string{event.ByChoice, event.BySignal, event.ByDefault, event.ByPolicy}
)

// inWords stands in the log for a state or basis without a number.
const inWords = 0x0f

func place(list []string, word string) byte {
	for i, one := range list {
		if one == word {
			return byte(i)
		}
	}
	return inWords
}

func appendState(b []byte, s *event.State, w *words) []byte {
	b = w.append(b, s.Purpose)
	state, basis := place(stateWords[:], s.State), place(basisWords[:], s.Basis)
	b = append(b, state<<4|basis, byte(s.Cause.Kind), byte(s.Cause.Note))
	if state == inWords {
		b = w.append(b, s.State)
	}
	if basis == inWords {
		b = w.append(b, s.Basis)
	}
	switch s.Cause.Kind {
	case event.InWords:
		b = w.append(b, s.Source)
	case event.Always, event.ByRule, event.NothingRecorded:
	default:
		b = appendCitation(b, &s.Cause.Signal, w)
	}
	if s.Cause.Note != event.NoNote {
		b = appendCitation(b, &s.Cause.Noted, w)
	}
	return b
}

// Marks of a citation: what it says, and what follows.
const (
	ofPublisher = 1 << iota
	isRefused
	hasTCF
	hasPart
)

func appendCitation(b []byte, c *event.Citation, w *words) []byte {
	b = append(b, c.Signal, 0)
	marks := &b[len(b)-1]
	if c.Publisher {
		*marks |= ofPublisher
	}
	if c.Refused {
		*marks |= isRefused
	}
	if c.TCF != 0 {
		*marks |= hasTCF
	}
	if c.Part != "" || c.Tail != "" {
		*marks |= hasPart
	}
	if c.TCF != 0 {
		b = binary.AppendUvarint(b, uint64(c.TCF))
	}
	if c.Part != "" || c.Tail != "" {
		b = w.append(w.append(b, c.Part), c.Tail)
	}
	return b
}
