// Package layout is how a Decision is laid out in the log: Append writes, Decode reads, Peek reads no more than it must. Every
// version that a release wrote stays readable, and a change gets a new version number. It stores nothing.
package layout

import (
	"encoding/binary"
	"errors"

	"headgate/event"
)

// The log's layout of a Decision: a version byte, the identifiers after their number, then the event's fields that say
// something, each after its tag, then the consent record and the outcomes. Texts carry their length; words of the record and of
// the outcomes that are well known or repeat (purposes, states, the name of a signal) are written as a number. The first
// version had no identifiers; the first two had sentences where outcomes have facts now; the first three did not keep what rules
// changed; the first four said in words why a signal was set aside.
const (
	newest        = 5
	asideInWords  = 4
	changesUnkept = 3
	sentences     = 2
	unidentified  = 1
)

// identifierSize is the length of an identifier in the log: its kind and its hash.
const identifierSize = 1 + len(event.IdentifierHash{})

// mostIdentifiers is more than an event has: their number is one byte.
const mostIdentifiers = 255

// ErrUnreadable says that bytes are no Decision, or one of a newer version.
var ErrUnreadable = errors.New("unreadable decision")

// Append appends d in the log's layout.
func Append(b []byte, d *event.Decision) []byte {
	b = append(b, newest, byte(min(len(d.Identifiers), mostIdentifiers)))
	for i := range d.Identifiers[:min(len(d.Identifiers), mostIdentifiers)] {
		b = append(b, byte(d.Identifiers[i].Kind))
		b = append(b, d.Identifiers[i].Hash[:]...)
	}
	b = appendFields(b, event.EventColumns, d.Event.Cells())
	b = appendRecord(b, &d.Consent)
	w := words{known: outcomeVocabulary}
	b = binary.AppendUvarint(b, uint64(len(d.Outcomes)))
	for i := range d.Outcomes {
		b = appendOutcome(b, &d.Outcomes[i], &w)
	}
	b = w.append(b, d.DroppedBy)
	return appendRules(w.append(b, d.Stored), d, &w)
}
