package queue

import (
	"fmt"
	"os"
	"path/filepath"

	"headgate/queue/format"
	"headgate/queue/stream"
)

// mark is the high-water mark of this writer: a small file outside the streams that says how far the log once was. It is
// written after each group without syncing, since it has to survive damage to the streams' files, not a power failure: it is
// never ahead of the log, and a log that is behind it has lost something.
type mark struct {
	file *os.File
	slot int64
	buf  []byte
}

const (
	markPrefix = "mark-"
	markSlot   = 1 << 16 // bytes; there are two slots, written in turn, so that one is intact at any moment
)

func openMark(dir, writer string) (*mark, format.Sums, error) {
	f, err := os.OpenFile(filepath.Join(dir, markPrefix+stream.EncodeName(writer)), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, format.Sums{}, fmt.Errorf("open the log's high-water mark: %w", err)
	}
	m := &mark{file: f}
	var best format.Sums
	for slot := range int64(2) {
		b := make([]byte, markSlot)
		n, _ := f.ReadAt(b, slot*markSlot) // a short or unreadable slot is no mark
		if s, ok := format.DecodeSums(b[:n]); ok && s.Number >= best.Number {
			best, m.slot = s, 1-slot
		}
	}
	return m, best, nil
}

// write stores the sums. A failure is ignored: the mark then is merely old.
func (m *mark) write(number uint64, names []string, t *format.Tally) {
	m.buf = format.AppendSums(m.buf[:0], number, names, t)
	if len(m.buf) > markSlot {
		return
	}
	_, _ = m.file.WriteAt(m.buf, m.slot*markSlot)
	m.slot = 1 - m.slot
}

func (m *mark) close() {
	_ = m.file.Close() // nothing in it needs to reach the disk
}
