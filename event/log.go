package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
	"unsafe"
)

// The log's layout of a Decision: a version byte, then the event's fields that say something, each after its tag, then
// the consent record and the outcomes. Texts carry their length; words of the record and of the outcomes that are well known
// or repeat (purposes, states, the name of a signal) are written as a number.
const layoutVersion = 1

// ErrLayout says that bytes are no Decision, or one of a newer version.
var ErrLayout = errors.New("unreadable decision")

// AppendLog appends d in the log's layout.
func (d *Decision) AppendLog(b []byte) []byte {
	b = append(b, layoutVersion)
	b = appendFields(b, eventColumns, unsafe.Pointer(&d.Event))
	b = d.Consent.appendLog(b)
	w := words{known: outcomeNumbers}
	b = binary.AppendUvarint(b, uint64(len(d.Outcomes)))
	for i := range d.Outcomes {
		o := &d.Outcomes[i]
		b = w.append(b, o.Destination)
		b = append(b, byte(o.Action))
		b = w.append(b, string(o.Reason))
		b = w.append(b, o.Because)
		b = w.append(b, o.Profile)
	}
	b = w.append(b, d.DroppedBy)
	return w.append(b, d.Stored)
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
	if v.kind == Numeric && v.text != "" {
		return appendText(append(b, writtenNumber), v.text)
	}
	b = append(b, byte(v.kind))
	switch v.kind {
	case Bool:
		return appendBool(b, v.number == 1)
	case Numeric:
		return appendFloat(b, v.number)
	case Text:
		return appendText(b, v.text)
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

// DecodeLog reads what AppendLog wrote. The texts of the result share the memory of s.
func DecodeLog(s string) (*Decision, error) {
	r := reader{rest: s}
	if v := r.byte(); v != layoutVersion {
		return nil, fmt.Errorf("%w: layout version %d", ErrLayout, v)
	}
	d := new(Decision)
	r.fields(&eventColumnByTag, unsafe.Pointer(&d.Event))
	r.words = append(r.words, recordWords...)
	c := &d.Consent
	c.Country, c.Region, c.Rule, c.Model = r.word(), r.word(), r.word(), r.word()
	c.Monitor, c.Conflict = r.bool(), r.word()
	c.States = make([]State, r.count(4))
	for i := range c.States {
		c.States[i] = State{r.word(), r.word(), r.word(), r.word()}
	}
	c.Signals = make([]Signal, r.count(6))
	for i := range c.Signals {
		c.Signals[i] = Signal{r.word(), r.word(), r.word(), r.word(), r.word(), r.instant()}
	}
	r.words = append(r.words[:0], outcomeWords...)
	r.fresh = 0
	d.Outcomes = make([]Outcome, r.count(5))
	for i := range d.Outcomes {
		o := &d.Outcomes[i]
		o.Destination = r.word()
		if o.Action = Action(r.byte()); o.Action > Filter {
			r.bad = true
			o.Action = Filter
		}
		o.Reason, o.Because, o.Profile = Reason(r.word()), r.word(), r.word()
	}
	d.DroppedBy, d.Stored = r.word(), r.word()
	if r.bad || r.rest != "" {
		return nil, ErrLayout
	}
	return d, nil
}

// Peek reads only the event's id and name out of what AppendLog wrote, which begins with them; ok is false when there is
// no id.
func Peek(b []byte) (id, name string, ok bool) {
	const idTag, nameTag = 1, 2
	if len(b) < 3 || b[0] != layoutVersion || b[1] != idTag {
		return "", "", false
	}
	id, b, ok = peekText(b[2:])
	if ok && len(b) > 1 && b[0] == nameTag {
		name, _, ok = peekText(b[1:])
	}
	return id, name, ok
}

func peekText(b []byte) (s string, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", nil, false
	}
	return string(b[size : size+int(n)]), b[size+int(n):], true
}

// reader takes values off the front of a text. After anything unreadable it is bad and yields zero values.
type reader struct {
	rest  string
	bad   bool
	depth int
	words []string // those known beforehand, then those read
	fresh int      // of the latter
}

func (r *reader) fail() {
	r.bad, r.rest = true, ""
}

func (r *reader) byte() byte {
	if r.rest == "" {
		r.fail()
		return 0
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	return c
}

func (r *reader) bool() bool { return r.byte() != 0 }

func (r *reader) uvarint() (x uint64) {
	for shift := uint(0); shift < 64; shift += 7 {
		c := r.byte()
		x |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return x
		}
	}
	r.fail()
	return 0
}

func (r *reader) varint() int64 {
	x := r.uvarint()
	return int64(x>>1) ^ -int64(x&1)
}

// count reads how many things follow, each at least size bytes long: a count that cannot be true is refused before
// anything is allocated for it.
func (r *reader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.rest)/size) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.count(1)
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) word() string {
	n := r.uvarint()
	switch {
	case n == 0:
		s := r.text()
		if r.fresh < len(words{}.seen) {
			r.words = append(r.words, s)
			r.fresh++
		}
		return s
	case n <= uint64(len(r.words)):
		return r.words[n-1]
	}
	r.fail()
	return ""
}

func (r *reader) float() float64 {
	if len(r.rest) < 8 {
		r.fail()
		return 0
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64([]byte(r.rest[:8])))
	if math.IsNaN(f) || math.IsInf(f, 0) { // JSON could not say it
		r.fail()
		return 0
	}
	r.rest = r.rest[8:]
	return f
}

func (r *reader) instant() time.Time {
	n := r.varint()
	if n == math.MinInt64 || r.bad {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// fields reads fields of the struct at base until the end mark.
func (r *reader) fields(columns *[256]*column, base unsafe.Pointer) {
	for tag := r.byte(); tag != 0; tag = r.byte() {
		c := columns[tag]
		if c == nil {
			r.fail()
			return
		}
		r.column(c, unsafe.Add(base, c.offset))
	}
}

func (r *reader) column(c *column, at unsafe.Pointer) {
	switch c.kind {
	case textColumn:
		*(*string)(at) = r.text()
	case boolColumn:
		*(*bool)(at) = r.bool()
	case wholeColumn:
		*(*int64)(at) = r.varint()
	case timeColumn:
		*(*time.Time)(at) = r.instant()
	case numberColumn:
		*(*Number)(at) = Number{r.float(), true}
	case mapColumn:
		*(*Map)(at) = r.object()
	case itemsColumn:
		items := make([]Item, r.count(1))
		for i := range items {
			r.fields(&itemColumnByTag, unsafe.Pointer(&items[i]))
		}
		*(*[]Item)(at) = items
	}
}

func (r *reader) object() Map {
	m := make(Map, r.count(2))
	for i := range m {
		m[i] = Pair{r.text(), r.value()}
	}
	return m
}

// maxDepth bounds how deep lists and objects nest in what is read back.
const maxDepth = 100

func (r *reader) value() Value {
	if r.depth++; r.depth > maxDepth {
		r.fail()
	}
	defer func() { r.depth-- }()
	switch kind := r.byte(); Kind(kind) {
	case writtenNumber:
		v, ok := NumberText(r.text())
		if !ok {
			r.fail()
		}
		return v
	case Null:
		return Value{}
	case Bool:
		return Boolean(r.bool())
	case Numeric:
		return Float(r.float())
	case Text:
		return String(r.text())
	case Object:
		return ObjectOf(r.object())
	case List:
		vs := make([]Value, r.count(1))
		for i := range vs {
			vs[i] = r.value()
		}
		return ListOf(vs...)
	}
	r.fail()
	return Value{}
}

var eventColumnByTag, itemColumnByTag = byTag(eventColumns), byTag(itemColumns)

func byTag(columns []column) (t [256]*column) {
	for i := range columns {
		t[columns[i].tag] = &columns[i]
	}
	return t
}
