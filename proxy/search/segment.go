package search

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A segment is a file of events that is written once:
//
//	head      numbers, 8 bytes each, little endian: the version, how many rows and postings there are, the length of the lists, the first
//	          and the last sequence of a group, the first and the last time, and a CRC-32C of all that follows
//	keys      8 bytes each, sorted
//	rows      of the keys, 2 bytes each
//	rows      10 bytes each
//	lists     the groups, then the words
type segment struct {
	path                  string
	file                  *os.File
	size                  int64
	rows, postings, lists int64
	first, last           uint64
	from, until           time.Time
	fence                 []Key // every fenceStep-th key
}

const (
	suffix    = ".events"
	version   = 1
	headSize  = 9 * 8
	rowSize   = 10
	fenceStep = 256
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (s *segment) name() string { return filepath.Base(s.path) }

// writeSegment writes rows to a file that is named after their first group, and opens it.
func writeSegment(folder string, r *rows) (*segment, error) {
	r.sortPostings()
	body := make([]byte, headSize, headSize+10*len(r.postings)+rowSize*len(r.row)+16*len(r.groups))
	for i := range r.postings {
		body = binary.LittleEndian.AppendUint64(body, uint64(r.postings[i].key))
	}
	for i := range r.postings {
		body = binary.LittleEndian.AppendUint16(body, r.postings[i].row)
	}
	for i := range r.row {
		for _, n := range [...]uint16{r.row[i].group, r.row[i].index, r.row[i].name, r.row[i].site, r.row[i].outcomes} {
			body = binary.LittleEndian.AppendUint16(body, n)
		}
	}
	before := len(body)
	body = r.appendLists(body)
	first, last := r.groups[0], r.groups[len(r.groups)-1]
	from, until := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range r.groups {
		from, until = min(from, r.groups[i].Time.UnixNano()), max(until, r.groups[i].Time.UnixNano())
	}
	for i, n := range [...]uint64{version, uint64(len(r.row)), uint64(len(r.postings)), uint64(len(body) - before), first.Seq, last.Seq, uint64(from), uint64(until),
		uint64(crc32.Checksum(body[headSize:], castagnoli))} {
		binary.LittleEndian.PutUint64(body[8*i:], n)
	}
	path := filepath.Join(folder, fmt.Sprintf("%020d%s", first.Seq, suffix))
	if err := os.WriteFile(path+".new", body, 0o600); err != nil {
		return nil, err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, err
	}
	return openSegment(path)
}

func (r *rows) appendLists(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(r.groups)))
	var last Group
	for i := range r.groups {
		g := &r.groups[i]
		b = binary.AppendUvarint(b, g.Seq-last.Seq)
		b = binary.AppendVarint(b, int64(g.Number-last.Number))
		nano := int64(0)
		if i > 0 {
			nano = last.Time.UnixNano()
		}
		b = binary.AppendVarint(b, g.Time.UnixNano()-nano)
		b = binary.AppendUvarint(b, uint64(r.writers.number(g.Writer)))
		last = *g
	}
	for _, words := range [...][]string{r.writers.words, r.names.words, r.sites.words} {
		b = binary.AppendUvarint(b, uint64(len(words)))
		for _, w := range words {
			b = appendText(b, w)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(r.outcomes)))
	for _, outcomes := range r.outcomes {
		b = binary.AppendUvarint(b, uint64(len(outcomes)))
		for i := range outcomes {
			b = appendText(appendText(appendText(b, outcomes[i].Destination), outcomes[i].State), outcomes[i].Reason)
		}
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errDamaged = errors.New("it is not whole")

// openSegment opens a segment and checks all of it.
func openSegment(path string) (*segment, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := &segment{path: path, size: int64(len(data))}
	if len(data) < headSize || binary.LittleEndian.Uint64(data) != version {
		return nil, fmt.Errorf("%s: %w", s.name(), errDamaged)
	}
	number := func(i int) uint64 { return binary.LittleEndian.Uint64(data[8*i:]) }
	s.rows, s.postings, s.lists = int64(number(1)), int64(number(2)), int64(number(3))
	s.first, s.last, s.from, s.until = number(4), number(5), time.Unix(0, int64(number(6))), time.Unix(0, int64(number(7)))
	if number(8) != uint64(crc32.Checksum(data[headSize:], castagnoli)) || s.listsAt()+s.lists != s.size {
		return nil, fmt.Errorf("%s: %w", s.name(), errDamaged)
	}
	for i := int64(0); i < s.postings; i += fenceStep {
		s.fence = append(s.fence, Key(binary.LittleEndian.Uint64(data[headSize+8*i:])))
	}
	if s.file, err = os.Open(path); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *segment) rowsOfKeysAt() int64 { return headSize + 8*s.postings }
func (s *segment) rowsAt() int64       { return s.rowsOfKeysAt() + 2*s.postings }
func (s *segment) listsAt() int64      { return s.rowsAt() + rowSize*s.rows }

func (s *segment) remove() error {
	_ = s.file.Close() // it was only read
	return os.Remove(s.path)
}

func (s *segment) read(at, n int64) ([]byte, error) {
	b := make([]byte, n)
	if _, err := s.file.ReadAt(b, at); err != nil {
		return nil, fmt.Errorf("read the search index: %w", err)
	}
	return b, nil
}

// with appends the rows that have a key, in order.
func (s *segment) with(key Key, to []uint16) ([]uint16, error) {
	at, _ := slices.BinarySearch(s.fence, key) // the first fence that is not lower
	for at = max(0, at-1); at < len(s.fence); at++ {
		from := int64(at) * fenceStep
		n := min(fenceStep, s.postings-from)
		keys, err := s.read(headSize+8*from, 8*n)
		if err != nil {
			return to, err
		}
		for i := range n {
			switch got := Key(binary.LittleEndian.Uint64(keys[8*i:])); {
			case got > key:
				return to, nil
			case got == key:
				number, err := s.read(s.rowsOfKeysAt()+2*(from+i), 2)
				if err != nil {
					return to, err
				}
				to = append(to, binary.LittleEndian.Uint16(number))
			}
		}
	}
	return to, nil
}

// withAny are the rows that have one of the keys.
func (s *segment) withAny(keys []Key) (found []uint16, err error) {
	for _, k := range keys {
		if found, err = s.with(k, found); err != nil {
			return nil, err
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// load reads the rows and lists, and the postings when they are wanted.
func (s *segment) load(postings bool) (*rows, error) {
	data, err := s.read(s.rowsAt(), s.size-s.rowsAt())
	if err != nil {
		return nil, err
	}
	r := &rows{row: make([]row, s.rows), byOutcomes: map[string]uint16{}}
	for i := range r.row {
		one := data[rowSize*i:]
		r.row[i] = row{binary.LittleEndian.Uint16(one), binary.LittleEndian.Uint16(one[2:]), binary.LittleEndian.Uint16(one[4:]), binary.LittleEndian.Uint16(one[6:]), binary.LittleEndian.Uint16(one[8:])}
	}
	in := reader{rest: data[rowSize*s.rows:]}
	in.lists(r)
	if in.bad {
		return nil, fmt.Errorf("%s: %w", s.name(), errDamaged)
	}
	if !postings {
		return r, nil
	}
	if data, err = s.read(headSize, 10*s.postings); err != nil {
		return nil, err
	}
	r.postings = make([]posting, s.postings)
	for i := range r.postings {
		r.postings[i] = posting{Key(binary.LittleEndian.Uint64(data[8*i:])), binary.LittleEndian.Uint16(data[8*s.postings+2*int64(i):])}
	}
	return r, nil
}

// reader takes values off the front of bytes. After anything unreadable it is bad and yields zero values.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uvarint() uint64 {
	x, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return x
}

func (r *reader) varint() int64 {
	x := r.uvarint()
	return int64(x>>1) ^ -int64(x&1)
}

func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.count()
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func (r *reader) lists(to *rows) {
	to.groups = make([]Group, r.count())
	writers := make([]uint64, len(to.groups))
	var seq, number uint64
	var nano int64
	for i := range to.groups {
		seq += r.uvarint()
		number += uint64(r.varint())
		nano += r.varint()
		writers[i] = r.uvarint()
		to.groups[i] = Group{Seq: seq, Number: number, Time: time.Unix(0, nano)}
	}
	for _, l := range [...]*list{&to.writers, &to.names, &to.sites} {
		l.words = make([]string, r.count())
		for i := range l.words {
			l.words[i] = r.text()
		}
	}
	for i, w := range writers {
		if w >= uint64(len(to.writers.words)) {
			r.bad = true
			return
		}
		to.groups[i].Writer = to.writers.words[w]
	}
	to.outcomes = make([][]Outcome, r.count())
	for i := range to.outcomes {
		to.outcomes[i] = make([]Outcome, r.count())
		for k := range to.outcomes[i] {
			to.outcomes[i][k] = Outcome{r.text(), r.text(), r.text()}
		}
	}
}
