package disk

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// A segment's file begins with its head, twice in case one is damaged: magic (8), the sequence of its first record (8), a salt (16), and
// their CRC32C (4), which begins with something of the key when they are encrypted. The records follow; from the end of the last on there
// are zeros while the segment is written, and its summary later.
const (
	magic       = "HGSEGM1\n"
	headBytes   = 36
	headCopy    = 2048 // where the second one is
	firstRecord = 4096

	markEvery = 64 << 10 // bytes between places of records that are remembered

	segmentEnding = ".seg"
	removedEnding = ".removed"
	newEnding     = ".new" // of a file that is being made
)

// segment is one file of records. Its fields are guarded by its journal's state, but for those that never change.
type segment struct {
	path string
	base uint64 // the lowest sequence it may have
	seal seal

	next    uint64 // the sequence after its last
	size    int64  // where the last record ends
	last    int64  // when the last record was stored
	began   int64  // when the first was
	marks   []place
	held    []tally // what is there and not removed, by subject
	bytes   int64   // of that
	removed spans   // of sequences, less base
}

// place is where a record is.
type place struct {
	Nth uint32 `json:"nth"` // its sequence, less base
	Off uint32 `json:"off"`
}

// tally is how many messages of a subject a segment has.
type tally struct {
	of *subject
	n  uint64
}

// subject is what a journal knows of a subject.
type subject struct {
	name  string
	count uint64
	last  uint64 // sequence of its last message; 0 when it has to be looked for
}

func segmentPath(dir string, base uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%020d%s", base, segmentEnding))
}

// baseOf is the first sequence in a file's name.
func baseOf(name string) (base uint64, ok bool) {
	digits, ok := strings.CutSuffix(name, segmentEnding)
	if !ok {
		return 0, false
	}
	base, err := strconv.ParseUint(digits, 10, 64)
	return base, err == nil && base > 0
}

func (s *segment) removedPath() string {
	return strings.TrimSuffix(s.path, segmentEnding) + removedEnding
}

// newHead is the head of a new segment.
func newHead(base uint64, secret []byte) []byte {
	b := binary.LittleEndian.AppendUint64([]byte(magic), base)
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // it never fails
	b = append(b, salt...)
	return binary.LittleEndian.AppendUint32(b, headSum(b, secret))
}

// headSum is the checksum of a head. With another secret it is another: then the file is left alone.
func headSum(b, secret []byte) uint32 {
	seed := uint32(0)
	if secret != nil {
		mac := hmac.New(sha256.New, secret)
		_, _ = mac.Write([]byte("head of a segment")) // it never fails
		seed = binary.LittleEndian.Uint32(mac.Sum(nil))
	}
	return crc32.Update(seed, castagnoli, b)
}

var errHead = errors.New("its beginning is damaged")

// readHead reads either copy of the head and makes the seal of its records.
func (s *segment) readHead(f *os.File, secret []byte) error {
	for _, off := range []int64{0, headCopy} {
		b := make([]byte, headBytes)
		if _, err := f.ReadAt(b, off); err != nil {
			continue // too short a file is a damaged one
		}
		sum := headSum(b[:headBytes-4], secret)
		if string(b[:8]) == magic && binary.LittleEndian.Uint64(b[8:]) == s.base && binary.LittleEndian.Uint32(b[headBytes-4:]) == sum {
			return s.useHead(b, secret)
		}
	}
	return errHead
}

func (s *segment) useHead(head, secret []byte) error {
	salt := head[16:32]
	s.seal.seed = binary.LittleEndian.Uint32(salt)
	if secret == nil {
		return nil
	}
	key, err := hkdf.Key(sha256.New, secret, salt, "records of a segment", 32)
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	s.seal.aead, err = cipher.NewGCM(block)
	return err
}

// add notes that a record is there.
func (s *segment) add(of *subject, seq uint64, time, off, size int64) {
	if n := len(s.marks); n == 0 || off-int64(s.marks[n-1].Off) >= markEvery {
		s.marks = append(s.marks, place{uint32(seq - s.base), uint32(off)})
	}
	if s.next == s.base {
		s.began = time
	}
	s.next, s.size, s.last = seq+1, off+size, time
	if s.removed.has(uint32(seq - s.base)) {
		return
	}
	s.bytes += size
	of.count++
	of.last = max(of.last, seq)
	for i := range s.held {
		if s.held[i].of == of {
			s.held[i].n++
			return
		}
	}
	s.held = append(s.held, tally{of, 1})
}

// without notes that a record is no longer there.
func (s *segment) without(of *subject, seq uint64, size int64) {
	s.removed = s.removed.with(uint32(seq-s.base), uint32(seq-s.base)+1)
	s.bytes -= size
	for i := range s.held {
		if s.held[i].of == of {
			s.held[i].n--
		}
	}
	of.count--
	if of.last == seq {
		of.last = 0
	}
}

// count is how many messages it has.
func (s *segment) count() (n uint64) {
	for _, t := range s.held {
		n += t.n
	}
	return n
}

// before is where to begin to look for a sequence, and the lowest sequence that may be there.
func (s *segment) before(seq uint64) (off int64, least uint64) {
	i := sort.Search(len(s.marks), func(i int) bool { return s.base+uint64(s.marks[i].Nth) > seq })
	if i == 0 {
		return firstRecord, s.base
	}
	return int64(s.marks[i-1].Off), s.base + uint64(s.marks[i-1].Nth)
}

// spans are ranges of numbers, ascending and apart.
type spans [][2]uint32 // from, and the first that is not in it

func (s spans) has(n uint32) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i][1] > n })
	return i < len(s) && s[i][0] <= n
}

// with returns s with another range.
func (s spans) with(from, to uint32) spans {
	i := sort.Search(len(s), func(i int) bool { return s[i][1] >= from })
	j := i
	for j < len(s) && s[j][0] <= to {
		from, to = min(from, s[j][0]), max(to, s[j][1])
		j++
	}
	return slices.Replace(slices.Clone(s), i, j, [2]uint32{from, to}) // s may be read meanwhile
}

// first is the lowest sequence that it may still have.
func (s *segment) first() uint64 {
	nth := uint32(0)
	if len(s.marks) > 0 {
		nth = s.marks[0].Nth
	}
	for _, r := range s.removed {
		if r[0] <= nth && nth < r[1] {
			nth = r[1]
		}
	}
	return s.base + uint64(nth)
}
