package destinations

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

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
	if len(batch) == 0 || batch[0].Place == (Place{}) {
		return ""
	}
	hash := sha256.New()
	var room [128]byte
	writer := ""
	for i := range batch {
		p := &batch[i].Place
		b := binary.AppendUvarint(room[:0], p.Again)
		b = binary.AppendUvarint(b, p.Group)
		b = binary.AppendUvarint(b, uint64(p.Index))
		if p.Writer != writer {
			writer = p.Writer
			b = append(append(b, writer...), 0)
		}
		hash.Write(b)
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}
