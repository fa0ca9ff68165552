// Package once remembers what webhooks have sent, so that a delivery which is sent again, and an order which is reported
// again, count once. It knows marks and times, no events.
//
// It promises that its memory is bounded, that a mark is kept only once its events are on disk, and that a restart forgets
// nothing that had reached the file. Of two equal deliveries that arrive at the same moment it may let both pass: their events
// have the same id, by which destinations tell them apart.
package once

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"headgate/document"
	"headgate/sources"
)

// How much is remembered: more than senders repeat. Shops report an order again for weeks after it was paid.
const (
	most   = 100_000
	keep   = 30 * 24 * time.Hour
	record = len(sources.Mark{}) + 8 // of the file: a mark, and unix seconds
)

// Memory holds the marks of what was taken. It is safe for concurrent use.
type Memory struct {
	path   string
	logger *slog.Logger

	mu      sync.Mutex
	marks   map[sources.Mark]int64 // unix seconds
	order   []sources.Mark         // as they came, the oldest first
	file    *os.File               // nil until there is something to write
	records int                    // of the file
	broken  bool                   // the file could not be written, and that was said
}

// Open reads what was remembered before. A file that is damaged gives what can be read of it.
func Open(path string, logger *slog.Logger, now time.Time) (*Memory, error) {
	m := &Memory{path: path, logger: logger, marks: map[sources.Mark]int64{}}
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for ; len(data) >= record; data = data[record:] {
		var mark sources.Mark
		copy(mark[:], data)
		m.note(mark, int64(binary.BigEndian.Uint64(data[len(mark):])))
		m.records++
	}
	m.forget(now)
	if m.records > len(m.order) || len(data) > 0 {
		return m, m.rewrite()
	}
	return m, nil
}

// Sift takes out of a reading what was taken before, and counts it in Once.Repeated.
func (m *Memory) Sift(r *sources.Reading) {
	o := r.Once
	if o == nil || len(r.Events) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := 0
	for i := range r.Events {
		if m.has(o.Delivery) || m.has(o.Events[i]) {
			o.Repeated++
			continue
		}
		r.Events[kept], o.Events[kept] = r.Events[i], o.Events[i]
		kept++
	}
	r.Events, o.Events = r.Events[:kept], o.Events[:kept]
}

// Keep remembers what was taken. Its events have to be on disk.
func (m *Memory) Keep(o *sources.Once, now time.Time) {
	if o == nil || len(o.Events) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	text := make([]byte, 0, (1+len(o.Events))*record)
	for _, mark := range append([]sources.Mark{o.Delivery}, o.Events...) {
		if mark == (sources.Mark{}) || m.has(mark) {
			continue
		}
		m.note(mark, now.Unix())
		text = appendRecord(text, mark, now.Unix())
	}
	m.forget(now)
	if err := m.write(text); err != nil && !m.broken {
		m.broken = true
		m.logger.Error("what webhooks have sent cannot be written down: after a restart a delivery that is sent again counts again; make room for, or access to, the file", "file", m.path, "error", err)
	}
}

// Close closes the file.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.file == nil {
		return nil
	}
	f := m.file
	m.file = nil
	return errors.Join(f.Sync(), f.Close())
}

func (m *Memory) has(mark sources.Mark) bool {
	_, known := m.marks[mark]
	return known && mark != sources.Mark{}
}

func (m *Memory) note(mark sources.Mark, at int64) {
	if !m.has(mark) {
		m.order = append(m.order, mark)
	}
	m.marks[mark] = at
}

// forget drops what is too old or too much.
func (m *Memory) forget(now time.Time) {
	oldest, drop := now.Add(-keep).Unix(), 0
	for drop < len(m.order) && (len(m.order)-drop > most || m.marks[m.order[drop]] < oldest) {
		delete(m.marks, m.order[drop])
		drop++
	}
	if m.order = m.order[drop:]; cap(m.order) > 2*most {
		m.order = append(make([]sources.Mark, 0, most), m.order...)
	}
}

// write appends to the file, and writes it anew when more than half of it is forgotten.
func (m *Memory) write(text []byte) (err error) {
	if m.records += len(text) / record; m.records > 2*most {
		return m.rewrite()
	}
	if m.file == nil {
		if m.file, err = os.OpenFile(m.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return err
		}
	}
	_, err = m.file.Write(text)
	return err
}

func (m *Memory) rewrite() error {
	text := make([]byte, 0, len(m.order)*record)
	for _, mark := range m.order {
		text = appendRecord(text, mark, m.marks[mark])
	}
	if m.file != nil {
		_ = m.file.Close() // it is replaced
		m.file = nil
	}
	m.records = len(m.order)
	return document.Replace(m.path, text)
}

func appendRecord(b []byte, mark sources.Mark, at int64) []byte {
	b = append(b, mark[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(at))
}
