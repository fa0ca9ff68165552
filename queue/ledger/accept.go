package ledger

import (
	"slices"
	"time"

	"headgate/queue/format"
	"headgate/queue/recent"
)

// Write makes a ledger that was opened the one that this process writes, and returns its writer's last group in the log.
func (s *Ledgers) Write(led *Ledger) (seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.own = led
	s.recent.Clear()
	return led.seq
}

// Own returns the name that this process writes under, and the number of its last group.
func (s *Ledgers) Own() (writer string, number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.own.writer, s.own.number
}

// Begin returns when the group is accepted that is written next, and the cursors there are, by slot. It is followed by End.
func (s *Ledgers) Begin() (time.Time, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing = s.now()
	return s.writing, s.names
}

// End notes that the group is durable, or was given up.
func (s *Ledgers) End() {
	s.mu.Lock()
	s.writing = time.Time{}
	s.mu.Unlock()
}

// Seal makes the frame of the next group. It is valid until the builder's next use.
func (s *Ledgers) Seal(w *format.FrameBuilder, at time.Time, names []string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return w.Seal(s.own.number+1, at, names, s.own.head)
}

// Accept adds a durable group to this process's own ledger, where the cursors find it. It sets the group's Number and Decoded.
func (s *Ledgers) Accept(g *recent.Group) {
	g.Decoded = true
	for i := range g.Entries {
		e := &g.Entries[i]
		g.Decoded = g.Decoded && (e.Live != nil || !slices.ContainsFunc(e.States, format.State.Due))
	}
	if !g.Decoded {
		g.Entries, g.Held = nil, 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.own
	own.number++
	own.seq = g.Seq
	own.head.Add(g.Within)
	own.growLocked()
	g.Number = own.number
	s.recent.Add(g)
	s.full = nil
}

// Mark stores the sums of this process's own ledger in its high-water mark. Only the caller of Accept may call it.
func (s *Ledgers) Mark(m interface {
	Write(number uint64, names []string, t *format.Tally)
}) {
	s.mu.Lock()
	names := s.names
	s.mu.Unlock()
	m.Write(s.own.number, names, &s.own.head)
}

// farBehind is how many groups with nothing due may be appended before a sleeping cursor is woken to skip them.
const farBehind = 256

// Wake wakes the cursors that have something due in a group just stored.
func (s *Ledgers) Wake(within format.Tally) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for slot, pos := range s.own.positions {
		if pos != nil && (within.Slot(slot).Due > 0 || s.own.number-pos.w.Read > farBehind) {
			pos.cursor.wakeLocked()
		}
	}
	s.passRecentLocked()
}

// Recovered notes that groups can be written again: cursors look again, and checkpoints are written.
func (s *Ledgers) Recovered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = nil
	for _, led := range s.kept {
		led.touchLocked()
	}
	for _, c := range s.cursors {
		c.wakeLocked()
	}
}
