package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"headgate/queue/stream"
)

// A record is what became of some events of one group that were not simply delivered: they wait for another try, they are
// dead letters, or they were left out at the last moment. It is one message of the retry, dead or gone subject of its
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

type recordKind uint8

const (
	retryRecord recordKind = iota + 1
	deadRecord
	filteredRecord // without bytes: kept only so that a replay knows
	deniedRecord
	replayedRecord  // without bytes too: these were filtered or denied when accepted, and have been replayed
	duplicateRecord // without bytes too: the cursor has had the same event; it counts as filtered
)

// stream is where records of that kind lie.
func (k recordKind) stream() string {
	if k == retryRecord {
		return stream.Retries
	}
	return stream.DeadLetters
}

// subject is where a writer's records of that kind for a cursor lie.
func (k recordKind) subject(writer, cursor string) string {
	switch k {
	case retryRecord:
		return stream.RetrySubject(writer, cursor)
	case deadRecord:
		return stream.DeadSubject(writer, cursor)
	}
	return stream.GoneSubject(writer, cursor)
}

// origin is where an event was accepted: the writer's group number and the place in the group. With the writer's name it
// names an event for good.
type origin struct {
	number uint64
	index  int
}

type record struct {
	kind  recordKind
	when  time.Time
	due   time.Time
	items []recordItem
}

type recordItem struct {
	origin
	state   State
	attempt int
	since   time.Time
	why     string
	bytes   []byte
}

func (r *record) encode() []byte {
	size := recordHead + 20
	for i := range r.items {
		size += 40 + len(r.items[i].why) + len(r.items[i].bytes)
	}
	b := make([]byte, recordHead, size)
	b[0], b[5] = recordVersion, byte(r.kind)
	b = appendTime(b, r.when)
	b = appendTime(b, r.due)
	b = binary.AppendUvarint(b, uint64(len(r.items)))
	for i := range r.items {
		it := &r.items[i]
		b = binary.AppendUvarint(b, it.number)
		b = binary.AppendUvarint(b, uint64(it.index))
		b = append(b, byte(it.state))
		b = binary.AppendUvarint(b, uint64(it.attempt))
		b = appendTime(b, it.since)
		b = appendText(b, it.why)
		b = appendText(b, it.bytes)
	}
	binary.LittleEndian.PutUint32(b[1:], crc32.Checksum(b[5:], castagnoli))
	return b
}

var errRecord = errors.New("not a record of this log")

const mostCount = 1 << 31 // of places and attempts; more is damage

func decodeRecord(b []byte) (*record, error) {
	if len(b) < recordHead || b[0] != recordVersion {
		return nil, errRecord
	}
	if crc32.Checksum(b[5:], castagnoli) != binary.LittleEndian.Uint32(b[1:]) {
		return nil, fmt.Errorf("%w: the checksum does not match", errRecord)
	}
	r := reader{rest: b[recordHead:]}
	rec := &record{kind: recordKind(b[5]), when: r.time(), due: r.time()}
	rec.items = make([]recordItem, r.count(7))
	for i := range rec.items {
		it := &rec.items[i]
		it.number = r.uvarint()
		index := r.uvarint()
		if state := r.take(1); !r.bad {
			it.state = State(state[0])
		}
		attempt := r.uvarint()
		if index > mostCount || attempt > mostCount || it.state > Denied {
			r.fail()
		}
		it.index, it.attempt = int(index), int(attempt)
		it.since = r.time()
		it.why = string(r.text())
		it.bytes = r.text()
	}
	if r.bad || len(r.rest) > 0 || rec.kind < retryRecord || rec.kind > duplicateRecord {
		return nil, fmt.Errorf("%w: its lengths do not fit", errRecord)
	}
	return rec, nil
}
