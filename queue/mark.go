package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"

	"headgate/queue/stream"
)

// mark is the high-water mark of this writer: a small file outside the streams that says how far the log once was. It is
// written after each group without syncing, since it only has to survive what damages the streams' files, not a power
// failure: it is never ahead of the log, and a log that is behind it has lost something.
type mark struct {
	file *os.File
	slot int64
	buf  []byte
}

// sums are a writer's counts up to and with one of its groups.
type sums struct {
	number   uint64 // of that group
	accepted uint64
	of       map[string]counts
}

const (
	markPrefix = "mark-"
	markSlot   = 1 << 16 // two of them, written in turn, so that one is whole at any moment
)

func openMark(dir, writer string) (*mark, sums, error) {
	f, err := os.OpenFile(filepath.Join(dir, markPrefix+stream.EncodeName(writer)), os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(dir, 0o700); err == nil {
			return openMark(dir, writer)
		}
	}
	if err != nil {
		return nil, sums{}, fmt.Errorf("open the log's high-water mark: %w", err)
	}
	m := &mark{file: f}
	var best sums
	for slot := range int64(2) {
		b := make([]byte, markSlot)
		n, _ := f.ReadAt(b, slot*markSlot) // a short or unreadable slot is no mark
		if s, ok := decodeMark(b[:n]); ok && s.number >= best.number {
			best, m.slot = s, 1-slot
		}
	}
	return m, best, nil
}

// write notes the sums; a failure is not worth stopping for, the mark then is merely old.
func (m *mark) write(number uint64, names []string, t *tally) {
	if m == nil {
		return
	}
	b := append(m.buf[:0], 0, 0, 0, 0, 0, 0, 0, 0)
	b = binary.AppendUvarint(b, number)
	b = binary.AppendUvarint(b, t.accepted)
	for slot, name := range names {
		if name == "" {
			continue
		}
		c := t.slot(slot)
		b = appendText(b, name)
		b = binary.AppendUvarint(b, c.due)
		b = binary.AppendUvarint(b, c.redacted)
		b = binary.AppendUvarint(b, c.denied)
	}
	m.buf = b
	if len(b) > markSlot {
		return
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)))
	binary.LittleEndian.PutUint32(b, crc32.Checksum(b[4:], castagnoli))
	_, _ = m.file.WriteAt(b, m.slot*markSlot)
	m.slot = 1 - m.slot
}

func decodeMark(b []byte) (sums, bool) {
	if len(b) < 8 {
		return sums{}, false
	}
	size := binary.LittleEndian.Uint32(b[4:])
	if size < 8 || uint64(size) > uint64(len(b)) || crc32.Checksum(b[4:size], castagnoli) != binary.LittleEndian.Uint32(b) {
		return sums{}, false
	}
	r := reader{rest: b[8:size]}
	s := sums{number: r.uvarint(), accepted: r.uvarint(), of: map[string]counts{}}
	for len(r.rest) > 0 {
		name := string(r.text())
		s.of[name] = counts{r.uvarint(), r.uvarint(), r.uvarint()}
	}
	return s, !r.bad
}

func (m *mark) close() {
	if m != nil {
		_ = m.file.Close() // nothing in it needs to reach the disk
	}
}
