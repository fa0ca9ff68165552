package disk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"testing"

	"headgate/queue/stream"
)

// FuzzWalk reads any bytes as the records of a segment.
func FuzzWalk(f *testing.F) {
	const seed = 7
	s := seal{seed: seed}
	var whole []byte
	for i, size := range []int{0, 1, 100, 300} {
		whole = s.append(whole, uint64(i)+5, int64(i), kindMessage, stream.LogSubject("w"), bytes.Repeat([]byte("x"), size))
	}
	f.Add(whole, int64(5))
	f.Add(whole[10:], int64(5))
	f.Add(append(append([]byte("something"), whole...), make([]byte, 1000)...), int64(1))
	f.Add(append(append(bytes.Clone(whole), make([]byte, 700)...), 'x'), int64(1))
	f.Add(append(whole[:50:50], whole...), int64(7))
	f.Add([]byte{28, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0}, int64(1))
	f.Fuzz(func(t *testing.T, b []byte, least int64) {
		if least < 0 {
			return
		}
		w := newWalk(bytes.NewReader(b), &s, 0, int64(len(b)), uint64(least))
		defer w.close()
		at, seq, covered := int64(0), uint64(least), int64(0)
		for r, ok := w.next(); ok; r, ok = w.next() {
			if r.off < at || r.size < recordHead || r.off+r.size > int64(len(b)) || r.seq < seq || r.seq >= w.most {
				t.Fatalf("record %d of %d bytes at %d, behind %d at %d", r.seq, r.size, r.off, seq, at)
			}
			raw := b[r.off : r.off+r.size]
			if crc32.Update(seed, castagnoli, raw[8:]) != binary.LittleEndian.Uint32(raw[4:]) {
				t.Fatalf("the checksum at %d is wrong", r.off)
			}
			if !bytes.Equal(raw[recordHead:], append(bytes.Clone(r.subject), r.data...)) {
				t.Fatalf("the record at %d says something else", r.off)
			}
			covered += r.size
			at, seq = r.off+r.size, r.seq+1
		}
		if covered+w.lost != at {
			t.Fatalf("%d bytes of records and %d of damage up to %d", covered, w.lost, at)
		}
		if tail := w.tail(at); tail != int64(len(bytes.TrimLeft(b[at:], "\x00"))) {
			t.Fatalf("a tail of %d bytes behind %d of %d", tail, at, len(b))
		}
	})
}

// failing is a file of which a part cannot be read.
type failing struct {
	io.ReaderAt
	from, to int64
}

var errSector = errors.New("bad sector")

func (f failing) ReadAt(b []byte, off int64) (int, error) {
	if off < f.to && off+int64(len(b)) > f.from {
		return 0, errSector
	}
	return f.ReaderAt.ReadAt(b, off)
}

func TestAWalkEndsWhereNothingCanBeRead(t *testing.T) {
	s := seal{seed: 7}
	var b []byte
	for seq := range uint64(20) {
		b = s.append(b, seq+1, 0, kindMessage, "s", make([]byte, 50_000))
	}
	w := newWalk(failing{bytes.NewReader(b), 600_000, 604_096}, &s, 0, int64(len(b)), 1)
	defer w.close()
	n := 0
	for _, ok := w.next(); ok; _, ok = w.next() {
		n++
	}
	if !errors.Is(w.err, errSector) || n == 0 || n > 12 {
		t.Errorf("%d records, then %v", n, w.err)
	}
}
