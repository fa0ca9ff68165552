package format

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"
)

// A frame is one group as it is stored in the log:
//
//	version      1 byte
//	checksum     4 bytes, CRC-32C of all that follows, little endian
//	time         8 bytes, when the group was made, Unix nanoseconds, little endian
//	number       the writer's count of groups, from 1
//	before       how many events the writer had accepted before this group
//	accepted     how many are accepted with it, including those that are due to no cursor
//	cursors      how many; of each its name, then due, redacted and denied before this group, then the same within it
//	rosters      how many; of each its length, then the cursors by their place in the list above
//	entries      how many; of each its roster, its states packed four to a byte, its length and its bytes
//
// Whole numbers are unsigned varints. Because every frame carries the sums before it, what a missing stretch of the log
// contained can be computed from its neighbours.
const frameVersion = 1

const frameHead = 1 + 4 + 8

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrFrame is for bytes that are not an undamaged frame.
var ErrFrame = errors.New("not a group of this log")

// CursorTally is a line of a frame's cursor list.
type CursorTally struct {
	Name           string
	Before, Within Counts
}

// Frame is a decoded group. Its entries' bytes share the memory it was decoded from.
type Frame struct {
	Number   uint64
	Time     time.Time
	Before   uint64
	Accepted uint64
	Cursors  []CursorTally
	Rosters  [][]string
	Entries  []FrameEntry
}

// FrameEntry is one event of a Frame.
type FrameEntry struct {
	Roster int // in Rosters
	States []State
	Bytes  []byte
}

// Cursor returns the sums for a cursor; one that did not exist yet has none.
func (f *Frame) Cursor(name string) CursorTally {
	for i := range f.Cursors {
		if f.Cursors[i].Name == name {
			return f.Cursors[i]
		}
	}
	return CursorTally{Name: name}
}

// State returns what was decided about an entry for a cursor; one that is not in the entry's roster did not exist yet.
func (f *Frame) State(entry int, cursor string) State {
	e := &f.Entries[entry]
	for i, name := range f.Rosters[e.Roster] {
		if name == cursor {
			return e.States[i]
		}
	}
	return Filtered
}

// FrameBuilder builds frames. Entries are added as they arrive; everything else when the frame is sealed.
type FrameBuilder struct {
	Within  Tally // counts the entries
	entries []byte
	kept    int
	rosters []*Roster
	out     []byte
}

// Size is how many bytes the entries take so far.
func (w *FrameBuilder) Size() int { return len(w.entries) }

// Cap is how many bytes of memory are kept for entries.
func (w *FrameBuilder) Cap() int { return cap(w.entries) }

// Reset prepares for the next frame, and keeps the memory.
func (w *FrameBuilder) Reset() {
	w.entries = w.entries[:0]
	w.kept = 0
	w.rosters = w.rosters[:0]
	w.Within.Accepted = 0
	clear(w.Within.Of)
}

// Add counts an entry and, unless body is nil, keeps it. states are one per name of the roster, which may be nil without a body.
func (w *FrameBuilder) Add(body []byte, r *Roster, states []State) {
	w.Within.count(r, states)
	if body == nil {
		return
	}
	w.kept++
	b := binary.AppendUvarint(w.entries, uint64(w.roster(r)))
	var packed byte
	for i, s := range states {
		packed |= byte(s&3) << (i % 4 * 2)
		if i%4 == 3 || i == len(states)-1 {
			b = append(b, packed)
			packed = 0
		}
	}
	b = binary.AppendUvarint(b, uint64(len(body)))
	w.entries = append(b, body...)
}

func (w *FrameBuilder) roster(r *Roster) int {
	for i := len(w.rosters) - 1; i >= 0; i-- {
		if w.rosters[i] == r {
			return i
		}
	}
	w.rosters = append(w.rosters, r)
	return len(w.rosters) - 1
}

// Seal returns the frame, which is valid until the next Seal. names are the cursors by slot, "" where there is none.
func (w *FrameBuilder) Seal(number uint64, at time.Time, names []string, before Tally) []byte {
	b := append(w.out[:0], frameVersion, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, uint64(at.UnixNano()))
	b = binary.AppendUvarint(b, number)
	b = binary.AppendUvarint(b, before.Accepted)
	b = binary.AppendUvarint(b, w.Within.Accepted)
	b = w.appendCursors(b, names, before)
	b = w.appendRosters(b, names)
	b = binary.AppendUvarint(b, uint64(w.kept))
	b = append(b, w.entries...)
	binary.LittleEndian.PutUint32(b[1:], crc32.Checksum(b[5:], castagnoli))
	w.out = b
	return b
}

func (w *FrameBuilder) appendCursors(b []byte, names []string, before Tally) []byte {
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
		for _, c := range [...]Counts{before.Slot(slot), w.Within.Slot(slot)} {
			b = binary.AppendUvarint(b, c.Due)
			b = binary.AppendUvarint(b, c.Redacted)
			b = binary.AppendUvarint(b, c.Denied)
		}
	}
	return b
}

func (w *FrameBuilder) appendRosters(b []byte, names []string) []byte {
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

// DecodeFrame reads a frame. It fails with ErrFrame on anything that Seal did not write.
func DecodeFrame(b []byte) (*Frame, error) {
	if len(b) < frameHead {
		return nil, fmt.Errorf("%w: %d bytes", ErrFrame, len(b))
	}
	if b[0] != frameVersion {
		return nil, fmt.Errorf("%w: format %d", ErrFrame, b[0])
	}
	if crc32.Checksum(b[5:], castagnoli) != binary.LittleEndian.Uint32(b[1:]) {
		return nil, fmt.Errorf("%w: the checksum does not match", ErrFrame)
	}
	r := decoder{rest: b[frameHead:]}
	f := &Frame{Time: time.Unix(0, int64(binary.LittleEndian.Uint64(b[5:])))}
	f.Number, f.Before, f.Accepted = r.uvarint(), r.uvarint(), r.uvarint()
	f.readCursors(&r)
	f.readRosters(&r)
	f.readEntries(&r)
	if r.bad || len(r.rest) > 0 {
		return nil, fmt.Errorf("%w: its lengths do not fit", ErrFrame)
	}
	return f, nil
}

func (f *Frame) readCursors(r *decoder) {
	f.Cursors = make([]CursorTally, r.count(7))
	for i := range f.Cursors {
		c := &f.Cursors[i]
		c.Name = string(r.text())
		for _, into := range [...]*Counts{&c.Before, &c.Within} {
			into.Due, into.Redacted, into.Denied = r.uvarint(), r.uvarint(), r.uvarint()
		}
	}
}

func (f *Frame) readRosters(r *decoder) {
	f.Rosters = make([][]string, r.count(1))
	for i := range f.Rosters {
		names := make([]string, r.count(1))
		for k := range names {
			c := r.uvarint()
			if c >= uint64(len(f.Cursors)) {
				r.fail()
				return
			}
			names[k] = f.Cursors[c].Name
		}
		f.Rosters[i] = names
	}
}

func (f *Frame) readEntries(r *decoder) {
	f.Entries = make([]FrameEntry, r.count(2))
	for i := range f.Entries {
		which := r.uvarint()
		if which >= uint64(len(f.Rosters)) {
			r.fail()
			return
		}
		names := f.Rosters[which]
		packed := r.take(uint64(len(names)+3) / 4)
		if r.bad {
			return
		}
		states := make([]State, len(names))
		for k := range states {
			states[k] = State(packed[k/4] >> (k % 4 * 2) & 3)
		}
		f.Entries[i] = FrameEntry{int(which), states, r.text()}
	}
	if uint64(len(f.Entries)) > f.Accepted {
		r.fail()
	}
}
