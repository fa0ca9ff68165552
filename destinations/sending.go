package destinations

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"

	"headgate/event"
)

// Sending is one event to be delivered to a destination.
type Sending struct {
	Event   *event.Event  // never changed by the destination
	Consent *event.Record // what was decided about it; nil when it is not known
	Attempt int           // 1 is the first
	// Outcomes are what was decided for all destinations, for those that keep the decisions; nil when it is not known.
	Outcomes []event.Outcome
	Place    Place         // in the log; see BatchName
	Own      []event.Value // the columns of a person's own, in the order of DriverOptions.Columns; null where nothing is said
}

// Place is where the log has an event: it stays the same after a restart, and no other event has it. The zero Place is that of an
// event that is in no log.
type Place struct {
	Writer string // the instance that accepted it
	Group  uint64 // the group of that writer, from 1
	Index  int    // its place in the group, from 0
	// Again is 0 at first. An event that is retried, or that a person sends again, comes from a record of its own, whose number
	// this is: so it is told from the same event as it was sent before.
	Again uint64
}

// BatchName names a batch by its events' places in order: 32 hexadecimal digits. The same events have the same name, also after a
// crash; a part of a batch has another one. For destinations whose store recognizes a batch that it has already. "" when
// the events are in no log.
//
// The core cuts the batches of drivers at places that depend on the log alone, so a batch that is sent again after a crash is
// the same, unless an event of it was withheld meanwhile (its visitor withdrew consent), or `delivery: wait` or `batch` changed.
func BatchName(batch []Sending) string {
	var n BatchNamer
	for i := range batch {
		n.Add(&batch[i].Place)
	}
	return n.Name()
}

// BatchNamer makes the BatchName of events that are added one by one. The zero value is ready.
type BatchNamer struct {
	hash   hash.Hash // nil: there is no event yet
	writer string
	noLog  bool
}

// Add adds the place of the next event.
func (n *BatchNamer) Add(p *Place) {
	if n.hash == nil {
		n.hash, n.noLog = sha256.New(), *p == Place{}
	}
	var room [128]byte
	b := binary.AppendUvarint(room[:0], p.Again)
	b = binary.AppendUvarint(b, p.Group)
	b = binary.AppendUvarint(b, uint64(p.Index))
	if p.Writer != n.writer {
		n.writer = p.Writer
		b = append(append(b, n.writer...), 0)
	}
	n.hash.Write(b)
}

// Name is the name of what was added.
func (n *BatchNamer) Name() string {
	if n.hash == nil || n.noLog {
		return ""
	}
	return hex.EncodeToString(n.hash.Sum(nil)[:16])
}
