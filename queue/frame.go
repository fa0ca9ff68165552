package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"
)

// A frame is one group as it lies in the log:
//
//	version      1 byte
//	checksum     4 bytes, CRC-32C of all that follows, little endian
//	time         8 bytes, when the group was made, Unix nanoseconds, little endian
//	number       the writer's count of groups, from 1
//	before       how many events the writer had accepted before this group
//	accepted     how many are accepted with it, with those that nobody may have
//	cursors      how many; of each its name, then due, redacted and denied before this group, then the same within it
//	rosters      how many; of each its length, then the cursors by their place in the list above
//	entries      how many; of each its roster, its states packed four to a byte, its length and its bytes
//
// Whole numbers are unsigned varints. Because every frame carries the sums before it, what a missing stretch of the log
// held is known from its two ends.
const frameVersion = 1

const frameHead = 1 + 4 + 8

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errFrame = errors.New("not a group of this log")

// cursorTally is a line of a frame's cursor list.
type cursorTally struct {
	name           string
	before, within counts
}

// frame is a decoded group. Its entries' bytes share the memory it was decoded from.
type frame struct {
	number   uint64
	time     time.Time
	before   uint64
	accepted uint64
	cursors  []cursorTally
	rosters  [][]string
	entries  []frameEntry
}

type frameEntry struct {
	roster int
	states []State
	bytes  []byte
}

// cursor returns the sums for a cursor; one that did not exist yet has none.
func (f *frame) cursor(name string) cursorTally {
	for i := range f.cursors {
		if f.cursors[i].name == name {
			return f.cursors[i]
		}
	}
	return cursorTally{name: name}
}

// state returns what was decided about an entry for a cursor; one that is not in the entry's roster did not exist yet.
func (f *frame) state(entry int, cursor string) State {
	e := &f.entries[entry]
	for i, name := range f.rosters[e.roster] {
		if name == cursor {
			return e.states[i]
		}
	}
	return Filtered
}

// frameWriter builds frames. Entries are added as they come, by whoever brings them; the rest when the frame is sealed.
type frameWriter struct {
	entries []byte
	kept    int
	rosters []*Roster
	within  tally
	out     []byte
}

func (w *frameWriter) reset() {
	w.entries = w.entries[:0]
	w.kept = 0
	w.rosters = w.rosters[:0]
	w.within.accepted = 0
	clear(w.within.of)
}

// add counts an entry and, when it has bytes, keeps them.
func (w *frameWriter) add(e *Entry) {
	w.within.note(e)
	if e.Bytes == nil {
		return
	}
	w.kept++
	b := binary.AppendUvarint(w.entries, uint64(w.roster(e.Roster)))
	var packed byte
	for i, s := range e.States {
		packed |= byte(s&3) << (i % 4 * 2)
		if i%4 == 3 || i == len(e.States)-1 {
			b = append(b, packed)
			packed = 0
		}
	}
	b = binary.AppendUvarint(b, uint64(len(e.Bytes)))
	w.entries = append(b, e.Bytes...)
}

func (w *frameWriter) roster(r *Roster) int {
	for i := len(w.rosters) - 1; i >= 0; i-- {
		if w.rosters[i] == r {
			return i
		}
	}
	w.rosters = append(w.rosters, r)
	return len(w.rosters) - 1
}

// seal returns the frame; it is valid until the next seal. names are the cursors by slot, "" where there is none.
func (w *frameWriter) seal(number uint64, at time.Time, names []string, before tally) []byte {
	b := append(w.out[:0], frameVersion, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, uint64(at.UnixNano()))
	b = binary.AppendUvarint(b, number)
	b = binary.AppendUvarint(b, before.accepted)
	b = binary.AppendUvarint(b, w.within.accepted)
	b = w.appendCursors(b, names, before)
	b = w.appendRosters(b, names)
	b = binary.AppendUvarint(b, uint64(w.kept))
	b = append(b, w.entries...)
	binary.LittleEndian.PutUint32(b[1:], crc32.Checksum(b[5:], castagnoli))
	w.out = b
	return b
}

func (w *frameWriter) appendCursors(b []byte, names []string, before tally) []byte {
	n := 0
	for _, name := range names {
		if name != "" {
			n++
		}
	}
	b = binary.AppendUvarint(b, uint64(n))
	for slot, name := range names {
		if name == "" {
			continue
		}
		b = appendText(b, name)
		for _, c := range [...]counts{before.slot(slot), w.within.slot(slot)} {
			b = binary.AppendUvarint(b, c.due)
			b = binary.AppendUvarint(b, c.redacted)
			b = binary.AppendUvarint(b, c.denied)
		}
	}
	return b
}

func (w *frameWriter) appendRosters(b []byte, names []string) []byte {
	place := make([]int, len(names)) // from slot to the place in the cursor list
	n := 0
	for slot, name := range names {
		place[slot] = n
		if name != "" {
			n++
		}
	}
	b = binary.AppendUvarint(b, uint64(len(w.rosters)))
	for _, r := range w.rosters {
		b = binary.AppendUvarint(b, uint64(len(r.slots)))
		for _, slot := range r.slots {
			b = binary.AppendUvarint(b, uint64(place[slot]))
		}
	}
	return b
}

// decodeFrame reads a frame; it fails on anything that seal did not write.
func decodeFrame(b []byte) (*frame, error) {
	if len(b) < frameHead {
		return nil, fmt.Errorf("%w: %d bytes", errFrame, len(b))
	}
	if b[0] != frameVersion {
		return nil, fmt.Errorf("%w: format %d", errFrame, b[0])
	}
	if crc32.Checksum(b[5:], castagnoli) != binary.LittleEndian.Uint32(b[1:]) {
		return nil, fmt.Errorf("%w: the checksum does not match", errFrame)
	}
	r := reader{rest: b[frameHead:]}
	f := &frame{time: time.Unix(0, int64(binary.LittleEndian.Uint64(b[5:])))}
	f.number, f.before, f.accepted = r.uvarint(), r.uvarint(), r.uvarint()
	f.readCursors(&r)
	f.readRosters(&r)
	f.readEntries(&r)
	if r.bad || len(r.rest) > 0 {
		return nil, fmt.Errorf("%w: its lengths do not fit", errFrame)
	}
	return f, nil
}

func (f *frame) readCursors(r *reader) {
	f.cursors = make([]cursorTally, r.count(7))
	for i := range f.cursors {
		c := &f.cursors[i]
		c.name = string(r.text())
		for _, into := range [...]*counts{&c.before, &c.within} {
			into.due, into.redacted, into.denied = r.uvarint(), r.uvarint(), r.uvarint()
		}
	}
}

func (f *frame) readRosters(r *reader) {
	f.rosters = make([][]string, r.count(1))
	for i := range f.rosters {
		names := make([]string, r.count(1))
		for k := range names {
			c := r.uvarint()
			if c >= uint64(len(f.cursors)) {
				r.fail()
				return
			}
			names[k] = f.cursors[c].name
		}
		f.rosters[i] = names
	}
}

func (f *frame) readEntries(r *reader) {
	f.entries = make([]frameEntry, r.count(2))
	for i := range f.entries {
		which := r.uvarint()
		if which >= uint64(len(f.rosters)) {
			r.fail()
			return
		}
		names := f.rosters[which]
		packed := r.take(uint64(len(names)+3) / 4)
		if r.bad {
			return
		}
		states := make([]State, len(names))
		for k := range states {
			states[k] = State(packed[k/4] >> (k % 4 * 2) & 3)
		}
		f.entries[i] = frameEntry{int(which), states, r.text()}
	}
	if uint64(len(f.entries)) > f.accepted {
		r.fail()
	}
}

// reader takes values off the front of some bytes; once something does not fit, it is bad and gives zeros.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) fail() { r.rest, r.bad = nil, true }

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count reads how many things follow, each of at least that many bytes, so that no length can ask for absurd memory.
func (r *reader) count(least int) int {
	n := r.uvarint()
	if n > uint64(len(r.rest)/least) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail()
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) text() []byte { return r.take(r.uvarint()) }

func (r *reader) time() time.Time {
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
