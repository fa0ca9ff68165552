// Package mark keeps the high-water marks of writers, by which a log that has lost its end is found out.
package mark

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"headgate/kernel"
	"headgate/queue/format"
	"headgate/queue/stream"
)

// Mark is the high-water mark of one writer: a small file outside the streams that says how far the log once was. It is
// written after each group without syncing, since it has to survive damage to the streams' files, not a power failure: it is
// never ahead of the log, and a log that is behind it has lost something.
type Mark struct {
	file *os.File
	slot int64
	buf  []byte
}

const (
	prefix   = "mark-"
	slotSize = 1 << 16 // bytes; there are two slots, written in turn, so that one is intact at any moment
)

// Open opens a writer's mark in a folder, created if necessary, and returns the sums that it holds: the zero Sums when it is new or
// damaged.
func Open(dir, writer string) (*Mark, format.Sums, error) {
	f, err := os.OpenFile(filepath.Join(dir, prefix+stream.EncodeName(writer)), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, format.Sums{}, fmt.Errorf("open the log's high-water mark: %w", err)
	}
	m := &Mark{file: f}
	var best format.Sums
	for slot := range int64(2) {
		b := make([]byte, slotSize)
		n, _ := f.ReadAt(b, slot*slotSize) // a short or unreadable slot is no mark
		if s, ok := format.DecodeSums(b[:n]); ok && s.Number >= best.Number {
			best, m.slot = s, 1-slot
		}
	}
	return m, best, nil
}

// Write stores the sums up to and including a group, whose number is given; names are the cursors by slot. A failure is ignored: the
// mark then is merely old.
func (m *Mark) Write(number uint64, names []string, t *format.Tally) {
	m.buf = format.AppendSums(m.buf[:0], number, names, t)
	if len(m.buf) > slotSize {
		return
	}
	_ = kernel.WriteAt(m.file, m.buf, m.slot*slotSize)
	m.slot = 1 - m.slot
}

// Close closes the file.
func (m *Mark) Close() {
	_ = m.file.Close() // nothing in it needs to reach the disk
}

// Writers returns the names of the writers that have a mark in a folder.
func Writers(dir string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	if err != nil {
		return nil, fmt.Errorf("look for high-water marks: %w", err)
	}
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = stream.DecodeName(strings.TrimPrefix(filepath.Base(path), prefix))
	}
	return names, nil
}
