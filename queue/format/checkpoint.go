package format

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"strconv"
)

// Checkpoint is the truth about one writer's groups at a moment: how far each cursor has come, and its account. It is the
// last message of the writer's state subject. What was done since the last checkpoint does not count: after a crash,
// groups settled since are delivered again, and records written since are removed, so that every event is in exactly one
// place whenever a crash happens.
type Checkpoint struct {
	Writer   string        `json:"writer"`
	Number   uint64        `json:"number"` // the writer's last group
	Seq      uint64        `json:"seq"`    // its sequence
	Accepted uint64        `json:"accepted"`
	Cursors  []CursorState `json:"cursors"`
	Gone     []string      `json:"gone,omitempty"` // cursors that were forgotten; groups may still mention them
	// Records up to these sequences count, those of this writer beyond them do not.
	RetryMark uint64 `json:"retry_mark"`
	DeadMark  uint64 `json:"dead_mark"`
	// Records that are finished and about to be removed.
	RetryDone []uint64 `json:"retry_done,omitempty"`
	DeadDone  []uint64 `json:"dead_done,omitempty"`
}

// Finished is the sequence before which every cursor has finished everything; past the end when nothing is left.
func (c *Checkpoint) Finished() uint64 {
	below := uint64(math.MaxUint64)
	for _, s := range c.Cursors {
		if s.Floor < c.Number && s.Head[0] > s.FloorDue {
			below = min(below, s.FloorSeq+1)
		}
	}
	return below
}

// CursorState is how far a cursor has come, as a checkpoint stores it.
type CursorState struct {
	Name     string      `json:"name"`
	Head     [3]uint64   `json:"head"` // due, redacted, denied up to Number
	Base     [3]uint64   `json:"base"` // the same when the cursor began
	Floor    uint64      `json:"floor"`
	FloorSeq uint64      `json:"floor_seq"`
	FloorDue uint64      `json:"floor_due"`
	Ahead    [][4]uint64 `json:"ahead,omitempty"` // from, to, sequence, due
	Account  Account     `json:"account"`
}

// Account is what happened to a cursor's events after they were decided on.
type Account struct {
	Retrying   uint64 `json:"retrying,omitempty"`   // scheduled for another attempt
	Dead       uint64 `json:"dead,omitempty"`       // dead letters that are kept
	Dropped    uint64 `json:"dropped,omitempty"`    // dead letters that were thrown away
	Lost       uint64 `json:"lost,omitempty"`       // unreadable
	Filtered   uint64 `json:"filtered,omitempty"`   // left out when they were to be sent
	Denied     uint64 `json:"denied,omitempty"`     // consent was withdrawn before they were sent
	Unfiltered uint64 `json:"unfiltered,omitempty"` // filtered when accepted, then replayed
	Undenied   uint64 `json:"undenied,omitempty"`   // denied when accepted, then replayed
}

// Add counts the items of a record that was stored.
func (a *Account) Add(kind RecordKind, items uint64) {
	switch kind {
	case RetryRecord:
		a.Retrying += items
	case DeadLetterRecord:
		a.Dead += items
	case FilteredRecord, DuplicateRecord:
		a.Filtered += items
	case DeniedRecord:
		a.Denied += items
	}
}

// Array returns the counts as a Checkpoint stores them.
func (c Counts) Array() [3]uint64 { return [3]uint64{c.Due, c.Redacted, c.Denied} }

// CountsOf is the reverse of Array.
func CountsOf(a [3]uint64) Counts { return Counts{a[0], a[1], a[2]} }

const checksumDigits = 8

// Encode returns the checkpoint as it is stored.
func (c *Checkpoint) Encode() ([]byte, error) {
	body, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return append(fmt.Appendf(nil, "%0*x", checksumDigits, crc32.Checksum(body, castagnoli)), body...), nil
}

// ErrCheckpoint is for bytes that are not an undamaged checkpoint.
var ErrCheckpoint = errors.New("not a checkpoint of this log")

// DecodeCheckpoint reads a checkpoint. It fails with ErrCheckpoint on anything that Encode did not write.
func DecodeCheckpoint(b []byte) (*Checkpoint, error) {
	if len(b) < checksumDigits {
		return nil, ErrCheckpoint
	}
	want, err := strconv.ParseUint(string(b[:checksumDigits]), 16, 32)
	if err != nil || uint64(crc32.Checksum(b[checksumDigits:], castagnoli)) != want {
		return nil, fmt.Errorf("%w: the checksum does not match", ErrCheckpoint)
	}
	c := &Checkpoint{}
	if err := json.Unmarshal(b[checksumDigits:], c); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	return c, nil
}
