package event

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"time"
	"unsafe"
)

// The log's layout of a Decision: a version byte, the identifiers after their number, then the event's fields that say
// something, each after its tag, then the consent record and the outcomes. Texts carry their length; words of the record and of
// the outcomes that are well known or repeat (purposes, states, the name of a signal) are written as a number. The first
// version had no identifiers; the first two had sentences where outcomes have facts now.
const (
	layoutVersion      = 3
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
	w := words{known: outcomeNumbers}
	b = binary.AppendUvarint(b, uint64(len(d.Outcomes)))
	for i := range d.Outcomes {
		b = d.Outcomes[i].appendLog(b, &w)
	}
	b = w.append(b, d.DroppedBy)
	return w.append(b, d.Stored)
}

// Marks beside the action of an outcome: what follows the profile, in this order.
const (
	actionMask  = 0x03
	ownRule     = 0x04
	hasText     = 0x08
	hasBecause  = 0x10
	hasInstead  = 0x20
	hasFlags    = 0x40
	hasCitation = 0x80
)

func (o *Outcome) appendLog(b []byte, w *words) []byte {
	b = w.append(b, o.Destination)
	at := len(b)
	b = append(b, byte(o.Action))
	b = w.append(b, string(o.Reason))
	b = w.append(b, o.Profile)
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
		n := o.Cites.count()
		b = append(append(b, byte(n)), o.Cites[:n]...)
	}
	if o.Own {
		b[at] |= ownRule
	}
	return b
}

func (r *Record) appendLog(b []byte) []byte {
	if r.sealed != nil && r.sealed.of(r) {
		return append(b, r.sealed.bytes...)
	}
	w := words{known: recordNumbers}
	b = w.append(b, r.Country)
	b = w.append(b, r.Region)
	b = w.append(b, r.Rule)
	b = w.append(b, r.Model)
	b = appendBool(b, r.Monitor)
	b = w.append(b, r.Conflict)
	b = binary.AppendUvarint(b, uint64(len(r.States)))
	for i := range r.States {
		s := &r.States[i]
		b = w.append(b, s.Purpose)
		b = w.append(b, s.State)
		b = w.append(b, s.Basis)
		b = w.append(b, s.Source)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Signals)))
	for i := range r.Signals {
		s := &r.Signals[i]
		b = w.append(b, s.Source)
		b = w.append(b, s.Name)
		b = w.append(b, s.Value)
		b = w.append(b, s.Says)
		b = w.append(b, s.Aside)
		b = appendInstant(b, s.When)
	}
	return b
}

// Seal keeps the record's place in the log ready, for one that many events share: AppendLog then copies it. What its
// slices hold must not change any more. A copy of the record that is given other slices or texts is written as it is.
func (r *Record) Seal() {
	r.sealed = nil
	var room [1 << 10]byte
	r.sealed = &seal{record: *r, bytes: slices.Clone(r.appendLog(room[:0]))}
}

// seal is the log's form of a record.
type seal struct {
	record Record
	bytes  []byte
}

// of reports whether r is the record that was sealed, down to the memory of its slices.
func (s *seal) of(r *Record) bool {
	k := &s.record
	return k.Country == r.Country && k.Region == r.Region && k.Rule == r.Rule && k.Model == r.Model && k.Monitor == r.Monitor &&
		k.Conflict == r.Conflict && sameSlice(k.States, r.States) && sameSlice(k.Signals, r.Signals)
}

func sameSlice[T any](a, b []T) bool {
	return len(a) == len(b) && unsafe.SliceData(a) == unsafe.SliceData(b)
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
	known map[string]byte
	n     int
	seen  [48]string
}

// numbered maps words to their numbers.
func numbered(list []string) map[string]byte {
	numbers := make(map[string]byte, len(list))
	for i, word := range list {
		numbers[word] = byte(i) + 1
	}
	return numbers
}

// The words that are known beforehand, the usual ones first: their places are part of the layout, so new ones go to the end.
var (
	recordWords = []string{"", "granted", "denied", "unknown", "choice", "signal", "default", "policy", "always",
		"necessary", "functional", "analytics", "ads", "personalized_ads", "sharing", "opt_in", "opt_out", "none",
		"google", "event", "gpc", "tcf", "gpp", "usp", "unknown region (none)", "unknown region (opt_in)", "unknown region (opt_out)"}
	outcomeWords = []string{"", string(Delivered), string(Redacted), string(PurposeDenied), string(NoChoice), string(NotWanted),
		string(EventNotMapped), string(DroppedByRule), string(SkippedByRule), string(SampledOut), string(BotDropped)}

	recordNumbers, outcomeNumbers = numbered(recordWords), numbered(outcomeWords)
)

func (w *words) append(b []byte, s string) []byte {
	if number, known := w.known[s]; known {
		return append(b, number)
	}
	for i := range w.seen[:w.n] {
		if w.seen[i] == s {
			return binary.AppendUvarint(b, uint64(len(w.known)+i)+1)
		}
	}
	if w.n < len(w.seen) {
		w.seen[w.n] = s
		w.n++
	}
	return appendText(append(b, 0), s)
}
