package event

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
	"unsafe"
)

// The log's layout of a Decision: a version byte, the identifiers after their number, then the event's fields that say
// something, each after its tag, then the consent record and the outcomes. Texts carry their length; words of the record and of
// the outcomes that are well known or repeat (purposes, states, the name of a signal) are written as a number. The first
// version had no identifiers; the first two had sentences where outcomes have facts now; the first three did not keep what rules changed.
const (
	layoutVersion      = 4
	layoutUnchanged    = 3
	layoutSentences    = 2
	layoutUnidentified = 1
)

// identifierSize is the length of an identifier in the log: its kind and its hash.
const identifierSize = 1 + len(IdentifierHash{})

// mostIdentifiers is more than an event has: their number is one byte.
const mostIdentifiers = 255

// ErrLayout says that bytes are no Decision, or one of a newer version.
var ErrLayout = errors.New("unreadable decision")

// AppendLog appends d in the log's layout.
func (d *Decision) AppendLog(b []byte) []byte {
	b = append(b, layoutVersion, byte(min(len(d.Identifiers), mostIdentifiers)))
	for i := range d.Identifiers[:min(len(d.Identifiers), mostIdentifiers)] {
		b = append(b, byte(d.Identifiers[i].Kind))
		b = append(b, d.Identifiers[i].Hash[:]...)
	}
	b = appendFields(b, eventColumns, unsafe.Pointer(&d.Event))
	b = d.Consent.appendLog(b)
	w := words{known: outcomeVocabulary}
	b = binary.AppendUvarint(b, uint64(len(d.Outcomes)))
	for i := range d.Outcomes {
		b = d.Outcomes[i].appendLog(b, &w)
	}
	b = w.append(b, d.DroppedBy)
	return d.appendRules(w.append(b, d.Stored), &w)
}

// appendFields appends the fields of the struct at base that say something.
func appendFields(b []byte, columns []column, base unsafe.Pointer) []byte {
	for i := range columns {
		c := &columns[i]
		at := unsafe.Add(base, c.offset)
		if !c.empty(at) {
			b = c.appendLog(append(b, c.tag), at)
		}
	}
	return append(b, 0)
}

func (c *column) appendLog(b []byte, at unsafe.Pointer) []byte {
	switch c.kind {
	case textColumn:
		return appendText(b, *(*string)(at))
	case boolColumn:
		return appendBool(b, *(*bool)(at))
	case wholeColumn:
		return binary.AppendVarint(b, *(*int64)(at))
	case timeColumn:
		return appendInstant(b, *(*time.Time)(at))
	case numberColumn:
		return appendFloat(b, (*Number)(at).Float)
	case mapColumn:
		return appendMap(b, *(*Map)(at))
	}
	items := *(*[]Item)(at)
	b = binary.AppendUvarint(b, uint64(len(items)))
	for i := range items {
		b = appendFields(b, itemColumns, unsafe.Pointer(&items[i]))
	}
	return b
}

func appendMap(b []byte, m Map) []byte {
	b = binary.AppendUvarint(b, uint64(len(m)))
	for i := range m {
		b = appendText(b, m[i].Key)
		b = appendValue(b, m[i].Value)
	}
	return b
}

// writtenNumber marks, in the place of a kind, a number that keeps its writing.
const writtenNumber = 0x10

func appendValue(b []byte, v Value) []byte {
	if v.kind == Numeric && v.digits > 0 {
		return appendText(append(b, writtenNumber), v.text())
	}
	b = append(b, byte(v.kind))
	switch v.kind {
	case Bool:
		return appendBool(b, v.word == 1)
	case Numeric:
		return appendFloat(b, v.number())
	case Text:
		return appendText(b, v.text())
	case Object:
		return appendMap(b, v.object())
	case List:
		b = binary.AppendUvarint(b, uint64(len(v.list())))
		for _, e := range v.list() {
			b = appendValue(b, e)
		}
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendFloat(b []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// appendInstant writes nanoseconds since 1970; the zero time is written as the smallest number.
func appendInstant(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return binary.AppendVarint(b, math.MinInt64)
	}
	return binary.AppendVarint(b, t.UnixNano())
}

// words writes repeated texts once: 0 and the text the first time, later its number, from 1. The first numbers are those
// of the words that are known beforehand.
type words struct {
	known *vocabulary
	n     int
	seen  [48]string
}

// The words that are known beforehand, "" first: their places are part of the layout, so new ones go to the end.
var (
	recordWords = []string{"", "granted", "denied", "unknown", "choice", "signal", "default", "policy", "always",
		"necessary", "functional", "analytics", "ads", "personalized_ads", "sharing", "opt_in", "opt_out", "none",
		"google", "event", "gpc", "tcf", "gpp", "usp", "unknown region (none)", "unknown region (opt_in)", "unknown region (opt_out)"}
	outcomeWords = []string{"", string(Delivered), string(Redacted), string(PurposeDenied), string(NoChoice), string(NotWanted),
		string(EventNotMapped), string(DroppedByRule), string(SkippedByRule), string(SampledOut), string(BotDropped)}

	recordVocabulary, outcomeVocabulary = newVocabulary(recordWords), newVocabulary(outcomeWords)
)

// vocabulary finds the number of a word that is known beforehand. A map would cost a third of what a decision's form in the log
// takes to write.
type vocabulary struct {
	list  []string
	slots [256]byte // numbers, from 1, at the first free place from where the word belongs
}

func newVocabulary(list []string) *vocabulary {
	v := &vocabulary{list: list}
	for i, word := range list {
		at := slot(word)
		for v.slots[at] != 0 {
			at++
		}
		v.slots[at] = byte(i + 1)
	}
	return v
}

// number returns the number of a word, 0 when it is not known.
func (v *vocabulary) number(word string) byte {
	for at := slot(word); v.slots[at] != 0; at++ {
		if n := v.slots[at]; v.list[n-1] == word {
			return n
		}
	}
	return 0
}

// slot is where a word belongs: a byte, so that the last place is followed by the first.
func slot(word string) uint8 {
	if word == "" {
		return 0
	}
	return uint8(len(word))*37 + word[0]*11 + word[len(word)/2]*5 + word[len(word)-1]
}

func (w *words) append(b []byte, s string) []byte {
	if number := w.known.number(s); number != 0 {
		return append(b, number)
	}
	for i := range w.seen[:w.n] {
		if w.seen[i] == s {
			return binary.AppendUvarint(b, uint64(len(w.known.list)+i)+1)
		}
	}
	if w.n < len(w.seen) {
		w.seen[w.n] = s
		w.n++
	}
	return appendText(append(b, 0), s)
}
