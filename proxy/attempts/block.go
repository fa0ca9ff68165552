package attempts

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"time"
)

// A file is a sequence of blocks, each of answers about events of one writer:
//
//	length    4 bytes, of what follows the four fields of the head, little endian
//	checksum  4 bytes, CRC-32C of that
//	from, to  8 bytes each, the lowest and the highest number of a group in it
//	body      the writer, and the time it begins with in nanoseconds; then the answers: milliseconds since that time, verdict, status,
//	          milliseconds that it took, the words (0 and the text, or the number of those that were seen before), how many runs of
//	          events there are, and of each its group, its first place and how many places
//
// Whole numbers are unsigned varints; groups are the difference to the one before, signed.
type block struct {
	writer   string
	base     time.Time
	from, to uint64
	body     []byte
	words    []string
	last     uint64 // group
}

const (
	blockHead    = 24
	fullBlock    = 32 << 10
	largestBlock = 16 << 20
	longestWhy   = 300
	mostWords    = 200
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	verdicts   = [...]string{"", "delivered", "reject", "retry", "halt"} // their places are written to disk
)

func newBlock(writer string, base time.Time) *block {
	b := &block{writer: writer, base: base, from: ^uint64(0)}
	b.body = append(binary.AppendUvarint(make([]byte, blockHead, 256), uint64(len(writer))), writer...)
	b.body = binary.LittleEndian.AppendUint64(b.body, uint64(base.UnixNano()))
	return b
}

func (b *block) add(a *Attempt, places []Place) {
	b.body = binary.AppendUvarint(b.body, uint64(max(0, a.Time.Sub(b.base).Milliseconds())))
	b.body = append(b.body, byte(max(0, slices.Index(verdicts[:], a.Verdict))))
	b.body = binary.AppendUvarint(b.body, uint64(max(0, a.Status)))
	b.body = binary.AppendUvarint(b.body, uint64(max(0, a.Took.Milliseconds())))
	b.addWords(a.Why[:min(len(a.Why), longestWhy)])
	runs := 0
	for i := range places {
		if i == 0 || !follows(places[i-1], places[i]) { //nolint:gosec // i is at least 1 there
			runs++
		}
	}
	b.body = binary.AppendUvarint(b.body, uint64(runs))
	for i := 0; i < len(places); {
		first := places[i]
		n := 1
		for i+n < len(places) && follows(places[i+n-1], places[i+n]) {
			n++
		}
		b.body = binary.AppendVarint(b.body, int64(first.Group-b.last))
		b.body = binary.AppendUvarint(b.body, uint64(first.Index))
		b.body = binary.AppendUvarint(b.body, uint64(n))
		b.last = first.Group
		b.from, b.to = min(b.from, first.Group), max(b.to, first.Group)
		i += n
	}
}

func follows(a, b Place) bool { return a.Group == b.Group && a.Index+1 == b.Index }

func (b *block) addWords(why string) {
	if at := slices.Index(b.words, why); at >= 0 {
		b.body = binary.AppendUvarint(b.body, uint64(at)+1)
		return
	}
	if len(b.words) < mostWords {
		b.words = append(b.words, why)
	}
	b.body = append(binary.AppendUvarint(append(b.body, 0), uint64(len(why))), why...)
}

// seal returns the block as it is written.
func (b *block) seal() []byte {
	head := b.body[:blockHead]
	binary.LittleEndian.PutUint32(head, uint32(len(b.body)-blockHead))
	binary.LittleEndian.PutUint32(head[4:], crc32.Checksum(b.body[blockHead:], castagnoli))
	binary.LittleEndian.PutUint64(head[8:], b.from)
	binary.LittleEndian.PutUint64(head[16:], b.to)
	return b.body
}

// trim cuts off a block that was being written when the process ended.
func trim(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	at, whole := int64(0), int64(0)
	for err == nil {
		var head [blockHead]byte
		if _, readErr := f.ReadAt(head[:], at); readErr != nil {
			break
		}
		if at += blockHead + int64(binary.LittleEndian.Uint32(head[:])); at > info.Size() {
			break
		}
		whole = at
	}
	if err == nil && whole < info.Size() {
		err = f.Truncate(whole)
	}
	return errors.Join(err, f.Close())
}

// readFile appends the attempts at one event. Blocks that are not whole are passed over.
func readFile(path, writer string, place Place, found []Attempt) ([]Attempt, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) { // it has just become too old
		return found, nil
	}
	if err != nil {
		return found, err
	}
	defer func() { _ = f.Close() }()
	for at := int64(0); ; {
		var head [blockHead]byte
		if _, err := f.ReadAt(head[:], at); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return found, err
		}
		n := int64(binary.LittleEndian.Uint32(head[:]))
		if n > largestBlock {
			return found, nil // what follows cannot be found
		}
		if place.Group >= binary.LittleEndian.Uint64(head[8:]) && place.Group <= binary.LittleEndian.Uint64(head[16:]) {
			body := make([]byte, n)
			if _, err := f.ReadAt(body, at+blockHead); err != nil {
				return found, nil // torn
			}
			if crc32.Checksum(body, castagnoli) == binary.LittleEndian.Uint32(head[4:]) {
				found = readBlock(body, writer, place, found)
			}
		}
		at += blockHead + n
	}
}

// readBlock appends the attempts at one event.
func readBlock(body []byte, writer string, place Place, found []Attempt) []Attempt {
	r := reader{rest: body}
	if string(r.take(r.uvarint())) != writer {
		return found
	}
	base := time.Unix(0, int64(binary.LittleEndian.Uint64(append(r.take(8), make([]byte, 8)...)))).UTC()
	var words []string
	for len(r.rest) > 0 && !r.bad {
		var a Attempt
		a.Time = base.Add(time.Duration(r.uvarint()) * time.Millisecond)
		if verdict := r.take(1); !r.bad && int(verdict[0]) < len(verdicts) {
			a.Verdict = verdicts[verdict[0]]
		}
		a.Status, a.Took = int(r.uvarint()), time.Duration(r.uvarint())*time.Millisecond
		switch number := r.uvarint(); {
		case number == 0:
			if a.Why = string(r.take(r.uvarint())); len(words) < mostWords {
				words = append(words, a.Why)
			}
		case number <= uint64(len(words)):
			a.Why = words[number-1]
		}
		if r.runs(place) {
			found = append(found, a)
		}
	}
	return found
}

// reader takes values off the front of bytes. After anything unreadable it is bad and yields zero values.
type reader struct {
	rest []byte
	bad  bool
	last uint64 // group
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

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// runs reports whether the runs of an answer hold a place.
func (r *reader) runs(place Place) (held bool) {
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		x := r.uvarint()
		group := r.last + uint64(int64(x>>1)^-int64(x&1))
		first, count := r.uvarint(), r.uvarint()
		r.last = group
		if !r.bad && group == place.Group && uint64(place.Index) >= first && uint64(place.Index)-first < count {
			held = true
		}
	}
	return held
}
