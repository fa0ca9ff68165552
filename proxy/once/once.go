// Package once remembers what webhooks have sent, so that a delivery which is sent again, and an order which is reported
// again, count once. It knows marks and times, no events.
//
// It promises that its memory is bounded, that a mark is kept only once its events are on disk, that of two equal deliveries
// which arrive at the same moment one waits for what becomes of the other, and that a restart forgets nothing that had reached
// the file.
package once

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"slices"
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
	settled sync.Cond                 // a claim has ended; its L is mu
	claimed map[sources.Mark]struct{} // marks of what is being written to the log
	marks   map[sources.Mark]int64    // unix seconds
	order   []sources.Mark            // as they came, the oldest first
	file    *os.File                  // nil until there is something to write
	records int                       // of the file
	broken  bool                      // the file could not be written, and that was said
}

// Open reads what was remembered before. A file that is damaged gives what can be read of it.
func Open(path string, logger *slog.Logger, now time.Time) (*Memory, error) {
	m := &Memory{path: path, logger: logger, marks: map[sources.Mark]int64{}, claimed: map[sources.Mark]struct{}{}}
	m.settled.L = &m.mu
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

// Claim takes out of a reading what was taken before, counts it in Once.Repeated, and claims the rest, which is to be written to
// the log now. While any of it is claimed by another reading, Claim waits: what that one wrote is then a repetition, and what it
// could not write is this one's to write. Each claim ends with Release, which is all that is needed when nothing was written.
func (m *Memory) Claim(r *sources.Reading) Claim {
	o := r.Once
	if o == nil || len(r.Events)+len(r.Requests) == 0 {
		return Claim{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.contended(o) {
		m.settled.Wait() // holding no claim: nobody waits for whoever waits here
	}
	c := Claim{of: m}
	if m.free(o.Delivery) {
		c.add(o.Delivery)
		m.sift(r, &c)
	} else {
		o.Repeated += len(r.Events) + len(r.Requests)
		r.Events, o.Events, r.Requests = r.Events[:0], o.Events[:0], nil
	}
	if len(r.Events)+len(r.Requests) == 0 {
		c.end()
	}
	return c
}

// contended reports whether any of what a delivery brings is claimed by another.
func (m *Memory) contended(o *sources.Once) bool {
	if _, claimed := m.claimed[o.Delivery]; claimed {
		return true
	}
	return slices.ContainsFunc(o.Events, func(mark sources.Mark) bool {
		_, claimed := m.claimed[mark]
		return claimed
	})
}

// sift claims the events that are free; of those that a delivery has twice, the first.
func (m *Memory) sift(r *sources.Reading, c *Claim) {
	o, kept := r.Once, 0
	for i := range r.Events {
		if !m.free(o.Events[i]) {
			o.Repeated++
			continue
		}
		c.add(o.Events[i])
		r.Events[kept], o.Events[kept] = r.Events[i], o.Events[i]
		kept++
	}
	r.Events, o.Events = r.Events[:kept], o.Events[:kept]
}

// free reports whether nothing of a mark was taken or is claimed. The zero mark tells nothing from anything.
func (m *Memory) free(mark sources.Mark) bool {
	_, claimed := m.claimed[mark]
	return !claimed && !m.has(mark)
}

// Claim is what one reading has in hand. It belongs to one goroutine. The zero Claim is of nothing.
type Claim struct {
	of    *Memory
	marks []sources.Mark
}

// add claims a mark. The memory is locked.
func (c *Claim) add(mark sources.Mark) {
	if mark != (sources.Mark{}) {
		c.marks = append(c.marks, mark)
		c.of.claimed[mark] = struct{}{}
	}
}

// Keep remembers what was claimed, and ends the claim. The events have to be on disk.
func (c *Claim) Keep(now time.Time) {
	if len(c.marks) == 0 {
		return
	}
	m := c.of
	m.mu.Lock()
	defer m.mu.Unlock()
	text := make([]byte, 0, len(c.marks)*record)
	for _, mark := range c.marks {
		m.note(mark, now.Unix())
		text = appendRecord(text, mark, now.Unix())
	}
	c.end()
	m.forget(now)
	if err := m.write(text); err != nil && !m.broken {
		m.broken = true
		m.logger.Error("what webhooks have sent cannot be written down: after a restart a delivery that is sent again counts again; make room for, or access to, the file", "file", m.path, "error", err)
	}
}

// Release ends a claim whose events were not written, so that they are taken when they are sent again. After Keep it does
// nothing.
func (c *Claim) Release() {
	if len(c.marks) == 0 {
		return
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.end()
}

// end lets whoever waits look again. The memory is locked.
func (c *Claim) end() {
	for _, mark := range c.marks {
		delete(c.of.claimed, mark)
	}
	c.marks = nil
	c.of.settled.Broadcast()
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
