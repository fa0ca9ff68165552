package destinations

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

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
