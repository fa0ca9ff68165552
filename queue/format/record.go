package format

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"
)

// A record is what happened to some events of one group that were not simply delivered: they are scheduled for another attempt,
// are dead letters, or were left out at the last moment. It is one message of the retry, dead or gone subject of its
// writer and cursor, framed like a group:
//
//	version   1 byte
//	checksum  4 bytes, CRC-32C of all that follows, little endian
//	kind      1 byte
//	when      the time the record was made, Unix nanoseconds
//	due       of retries: not before then
//	items     how many; of each its group's number, its place in the group, state, attempts, the time it failed first,
//	          why, and its bytes
const recordVersion = 1

const recordHead = 1 + 4 + 1

// RecordKind is what happened to the events of a record.
type RecordKind uint8

// The kinds. They are written to disk; their values never change.
const (
	RetryRecord RecordKind = iota + 1
	DeadLetterRecord
	FilteredRecord // without bytes: kept only so that a replay knows
	DeniedRecord
	ReplayedRecord  // without bytes too: these were filtered or denied when accepted, and have been replayed
	DuplicateRecord // without bytes too: the cursor has had the same event; it counts as filtered
)

// RecordKinds are the kinds that have a subject of their own; all others share that of FilteredRecord.
var RecordKinds = [...]RecordKind{RetryRecord, DeadLetterRecord, FilteredRecord}

// Origin is where an event was accepted: the writer's group number and the place in the group. With the writer's name it
// identifies an event for good.
type Origin struct {
	Number uint64
	Index  int
}

// Record is a decoded record. Its items' bytes share the memory it was decoded from.
type Record struct {
	Kind  RecordKind
	When  time.Time
	Due   time.Time
	Items []RecordItem
}

// RecordItem is one event of a Record.
type RecordItem struct {
	Origin
	State   State
	Attempt int
	Since   time.Time
	Why     string
	Bytes   []byte
}

// Encode returns the record as it is stored.
func (r *Record) Encode() []byte {
	size := recordHead + 20
	for i := range r.Items {
		size += 40 + len(r.Items[i].Why) + len(r.Items[i].Bytes)
	}
	b := make([]byte, recordHead, size)
	b[0], b[5] = recordVersion, byte(r.Kind)
	b = appendTime(b, r.When)
	b = appendTime(b, r.Due)
	b = binary.AppendUvarint(b, uint64(len(r.Items)))
	for i := range r.Items {
		it := &r.Items[i]
		b = binary.AppendUvarint(b, it.Number)
		b = binary.AppendUvarint(b, uint64(it.Index))
		b = append(b, byte(it.State))
		b = binary.AppendUvarint(b, uint64(it.Attempt))
		b = appendTime(b, it.Since)
		b = appendText(b, it.Why)
		b = appendText(b, it.Bytes)
	}
	binary.LittleEndian.PutUint32(b[1:], crc32.Checksum(b[5:], castagnoli))
	return b
}

// ErrRecord is for bytes that are not an undamaged record.
var ErrRecord = errors.New("not a record of this log")

const mostCount = 1 << 31 // of places and attempts; more is damage

// DecodeRecord reads a record. It fails with ErrRecord on anything that Encode did not write.
func DecodeRecord(b []byte) (*Record, error) {
	if len(b) < recordHead || b[0] != recordVersion {
		return nil, ErrRecord
	}
	if crc32.Checksum(b[5:], castagnoli) != binary.LittleEndian.Uint32(b[1:]) {
		return nil, fmt.Errorf("%w: the checksum does not match", ErrRecord)
	}
	r := decoder{rest: b[recordHead:]}
	rec := &Record{Kind: RecordKind(b[5]), When: r.time(), Due: r.time()}
	rec.Items = make([]RecordItem, r.count(7))
	for i := range rec.Items {
		it := &rec.Items[i]
		it.Number = r.uvarint()
		index := r.uvarint()
		if state := r.take(1); !r.bad {
			it.State = State(state[0])
		}
		attempt := r.uvarint()
		if index > mostCount || attempt > mostCount || it.State > Denied {
			r.fail()
		}
		it.Index, it.Attempt = int(index), int(attempt)
		it.Since = r.time()
		it.Why = string(r.text())
		it.Bytes = r.text()
	}
	if r.bad || len(r.rest) > 0 || rec.Kind < RetryRecord || rec.Kind > DuplicateRecord {
		return nil, fmt.Errorf("%w: its lengths do not fit", ErrRecord)
	}
	return rec, nil
}
