package disk

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"os"
)

// summary is what must be known of a segment at the start. It is the record behind the last message of a segment that is no longer
// written, followed by where it begins (8) and a checksum of that (4), so that the segment need not be read.
type summary struct {
	Next     uint64           `json:"next"`
	Bytes    int64            `json:"bytes"`
	Began    int64            `json:"began"`
	Last     int64            `json:"last"`
	Removed  bool             `json:"removed,omitempty"` // some were before it was written: without the ranges it is not true
	Places   []place          `json:"places"`
	Subjects []summarySubject `json:"subjects"`
}

type summarySubject struct {
	Name  string `json:"name"`
	Count uint64 `json:"count"`
	Last  uint64 `json:"last"`
}

const trailerBytes = 12

// finish writes the summary, behind which the file ends.
func (s *segment) finish(f *os.File) error {
	b, err := s.summarize()
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(b, s.size); err != nil {
		return err
	}
	return errors.Join(f.Truncate(s.size+int64(len(b))), f.Sync())
}

func (s *segment) summarize() ([]byte, error) {
	m := summary{Next: s.next, Bytes: s.bytes, Began: s.began, Last: s.last, Removed: s.removed != nil, Places: s.marks}
	for _, t := range s.held {
		m.Subjects = append(m.Subjects, summarySubject{t.of.name, t.n, t.of.last})
	}
	data, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	b := s.seal.append(nil, s.next, s.last, kindSummary, "", data)
	return s.appendTrailer(b), nil
}

func (s *segment) appendTrailer(b []byte) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.size)) // at least 0
	return binary.LittleEndian.AppendUint32(b, crc32.Update(s.seal.seed, castagnoli, b[at:]))
}

// loadSummary reads the summary at the end of a file of that size; ok is false where there is none that is whole.
func (s *segment) loadSummary(f *os.File, size int64) (m summary, ok bool) {
	b := make([]byte, trailerBytes)
	if _, err := f.ReadAt(b, size-trailerBytes); err != nil {
		return m, false
	}
	off := int64(binary.LittleEndian.Uint64(b)) // checked below
	if s.check(b[:8]) != binary.LittleEndian.Uint32(b[8:]) || off < firstRecord || off >= size-trailerBytes {
		return m, false
	}
	w := newWalk(f, &s.seal, off, size-trailerBytes, s.base)
	defer w.close()
	r, ok := w.at(off)
	if !ok || r.kind != kindSummary || json.Unmarshal(r.data, &m) != nil || m.Next != r.seq {
		return m, false
	}
	s.size = off
	return m, true
}

// use takes what a summary says.
func (s *segment) use(m summary, of func(name string) *subject) {
	s.next, s.bytes, s.began, s.last, s.marks = m.Next, m.Bytes, m.Began, m.Last, m.Places
	for _, x := range m.Subjects {
		sub := of(x.Name)
		sub.count += x.Count
		if x.Count > 0 && x.Last < s.next {
			sub.last = max(sub.last, x.Last)
		}
		s.held = append(s.held, tally{sub, x.Count})
	}
}
