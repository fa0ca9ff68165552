package format

import (
	"encoding/binary"
	"hash/crc32"
)

// Sums are a writer's counts up to and including one of its groups.
type Sums struct {
	Number   uint64 // of that group
	Accepted uint64
	Of       map[string]Counts
}

// AppendSums appends the sums as a high-water mark stores them: checksum and length 4 bytes each, then the rest as in a frame.
// names are the cursors by slot, "" where there is none.
func AppendSums(b []byte, number uint64, names []string, t *Tally) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	b = binary.AppendUvarint(b, number)
	b = binary.AppendUvarint(b, t.Accepted)
	for slot, name := range names {
		if name == "" {
			continue
		}
		c := t.Slot(slot)
		b = appendText(b, name)
		b = binary.AppendUvarint(b, c.Due)
		b = binary.AppendUvarint(b, c.Redacted)
		b = binary.AppendUvarint(b, c.Denied)
	}
	sums := b[start:]
	binary.LittleEndian.PutUint32(sums[4:], uint32(len(sums)))
	binary.LittleEndian.PutUint32(sums, crc32.Checksum(sums[4:], castagnoli))
	return b
}

// DecodeSums reads sums from the beginning of b, and reports whether there are any.
func DecodeSums(b []byte) (Sums, bool) {
	if len(b) < 8 {
		return Sums{}, false
	}
	size := binary.LittleEndian.Uint32(b[4:])
	if size < 8 || uint64(size) > uint64(len(b)) || crc32.Checksum(b[4:size], castagnoli) != binary.LittleEndian.Uint32(b) {
		return Sums{}, false
	}
	r := decoder{rest: b[8:size]}
	s := Sums{Number: r.uvarint(), Accepted: r.uvarint(), Of: map[string]Counts{}}
	for len(r.rest) > 0 {
		name := string(r.text())
		s.Of[name] = Counts{r.uvarint(), r.uvarint(), r.uvarint()}
	}
	return s, !r.bad
}

// Difference is a-b, or 0 when damage made the sums disagree.
func Difference(a, b uint64) uint64 { return max(a, b) - b }
