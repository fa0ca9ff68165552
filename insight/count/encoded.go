package count

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// encoded is what of a stretch is not a list of visitors.
type encoded struct {
	All    Figures            `json:"all"`
	Series map[int64]*Figures `json:"series"`
}

// Append appends a stretch without what it was counted by: Period, Gap and Conversions. Symbols are those of the stretch.
func (s *Stretch) Append(to []byte) ([]byte, error) {
	text, err := json.Marshal(encoded{s.All, s.Series})
	if err != nil {
		return to, fmt.Errorf("encode what a stretch came to: %w", err)
	}
	to = append(binary.AppendUvarint(to, uint64(len(text))), text...)
	to = binary.AppendUvarint(to, uint64(len(s.Visitors)))
	before := uint64(0)
	for _, v := range s.Visitors { // in the order of their numbers, so that the differences are shorter
		to = binary.AppendUvarint(to, v-before)
		before = v
	}
	for _, list := range [][]glimpse{s.heads, s.tails} {
		to, before = binary.AppendUvarint(to, uint64(len(list))), 0
		for _, g := range list {
			to = binary.AppendVarint(binary.AppendUvarint(to, g.visitor-before), g.at-s.Period.Since)
			before = g.visitor
		}
	}
	return to, nil
}

var errEncoded = errors.New("what a stretch came to is not complete")

// Restore takes over what Append has written of a stretch of the same period.
func (s *Stretch) Restore(from []byte) error {
	r := reading{rest: from}
	var e encoded
	if err := json.Unmarshal(r.bytes(), &e); r.failed || err != nil {
		return errEncoded
	}
	s.All, s.Series = e.All, e.Series
	s.Visitors = make([]uint64, 0, r.length())
	for v := uint64(0); len(s.Visitors) < cap(s.Visitors); {
		v += r.uvarint()
		s.Visitors = append(s.Visitors, v)
	}
	for _, list := range []*[]glimpse{&s.heads, &s.tails} {
		n, v := r.length(), uint64(0)
		for range n {
			v += r.uvarint()
			*list = append(*list, glimpse{v, s.Period.Since + r.varint()})
		}
	}
	if r.failed || len(r.rest) > 0 {
		return errEncoded
	}
	return nil
}

// reading reads what is left; once something is missing it has failed, and everything is 0.
type reading struct {
	rest   []byte
	failed bool
}

func (r *reading) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	r.skip(n)
	return v
}

func (r *reading) varint() int64 {
	v, n := binary.Varint(r.rest)
	r.skip(n)
	return v
}

func (r *reading) skip(n int) {
	if n <= 0 {
		r.failed, r.rest = true, nil
		return
	}
	r.rest = r.rest[n:]
}

// length is how many there are, each of which takes a byte at least.
func (r *reading) length() int {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.failed, r.rest, n = true, nil, 0
	}
	return int(n)
}

func (r *reading) bytes() []byte {
	n := r.length()
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}
