package format

import (
	"encoding/binary"
	"math"
	"time"
)

// decoder takes values off the front of some bytes. Once something does not fit, it is bad and returns zeros.
type decoder struct {
	rest []byte
	bad  bool
}

func (r *decoder) fail() { r.rest, r.bad = nil, true }

func (r *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count reads how many values follow, each of at least that many bytes, so that no length can demand absurd memory.
func (r *decoder) count(least int) int {
	n := r.uvarint()
	if n > uint64(len(r.rest)/least) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *decoder) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail()
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *decoder) text() []byte { return r.take(r.uvarint()) }

func (r *decoder) time() time.Time {
	if n := r.uvarint(); n != 0 && n <= math.MaxInt64 {
		return time.Unix(0, int64(n))
	}
	return time.Time{}
}

func appendText[T string | []byte](b []byte, s T) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	return binary.AppendUvarint(b, uint64(t.UnixNano()))
}
