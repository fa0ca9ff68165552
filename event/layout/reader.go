package layout

import (
	"encoding/binary"
	"math"
	"time"

	"headgate/event"
)

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

// identifiers reads how many there are, and then those; nil when there is none.
func (r *reader) identifiers() []event.Identifier {
	n := int(r.byte())
	if n*identifierSize > len(r.rest) {
		r.fail()
	}
	if n == 0 || r.bad {
		return nil
	}
	ids := make([]event.Identifier, n)
	for i := range ids {
		ids[i].Kind = event.IdentifierKind(r.byte())
		copy(ids[i].Hash[:], r.rest)
		r.rest = r.rest[len(ids[i].Hash):]
	}
	return ids
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

// fields reads fields of an event or item until the end mark.
func (r *reader) fields(columns *[256]*event.Column, f event.Cells) {
	for tag := r.byte(); tag != 0; tag = r.byte() {
		c := columns[tag]
		if c == nil {
			r.fail()
			return
		}
		r.column(c, f.At(c))
	}
}

func (r *reader) column(c *event.Column, at event.Cell) {
	switch c.Kind {
	case event.TextColumn:
		*at.Text() = r.text()
	case event.BoolColumn:
		*at.Bool() = r.bool()
	case event.WholeColumn:
		*at.Whole() = r.varint()
	case event.TimeColumn:
		*at.Time() = r.instant()
	case event.NumberColumn:
		*at.Number() = event.Number{Float: r.float(), Known: true}
	case event.MapColumn:
		*at.Map() = r.object()
	case event.ItemsColumn:
		*at.Items() = r.items()
	}
}

// items and object yield nil where nothing was said.
func (r *reader) items() []event.Item {
	n := r.count(1)
	if n == 0 {
		return nil
	}
	items := make([]event.Item, n)
	for i := range items {
		r.fields(&itemColumnByTag, items[i].Cells())
	}
	return items
}

func (r *reader) object() event.Map {
	n := r.count(2)
	if n == 0 {
		return nil
	}
	m := make(event.Map, n)
	for i := range m {
		m[i] = event.Pair{Key: r.text(), Value: r.value()}
	}
	return m
}

// maxDepth bounds the stack that reading back takes. What rules may build around a foreign value is far less deep.
const maxDepth = 100 * event.MaxDepth

func (r *reader) value() event.Value {
	if r.depth++; r.depth > maxDepth {
		r.fail()
	}
	defer func() { r.depth-- }()
	switch kind := r.byte(); event.Kind(kind) {
	case writtenNumber:
		v, ok := event.NumberText(r.text())
		if !ok {
			r.fail()
		}
		return v
	case event.Null:
		return event.Value{}
	case event.Bool:
		return event.Boolean(r.bool())
	case event.Numeric:
		return event.Float(r.float())
	case event.Text:
		return event.String(r.text())
	case event.Object:
		return event.ObjectOf(r.object())
	case event.List:
		vs := make([]event.Value, r.count(1))
		for i := range vs {
			vs[i] = r.value()
		}
		return event.ListOf(vs...)
	}
	r.fail()
	return event.Value{}
}

var eventColumnByTag, itemColumnByTag = byTag(event.EventColumns), byTag(event.ItemColumns)

func byTag(columns []event.Column) (t [256]*event.Column) {
	for i := range columns {
		t[columns[i].Tag] = &columns[i]
	}
	return t
}
