package ledger

import (
	"context"
	"fmt"
	"slices"

	"headgate/queue/format"
	"headgate/queue/stream"
)

// A process keeps its own ledger, and those of writers that are gone: it opens them, delivers them, and closes them.

// OpenAll opens the ledgers of all writers there have been. Without a cluster, none of them can be running.
func (s *Ledgers) OpenAll(ctx context.Context) error {
	names, err := s.Writers(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if s.ledgerOf(name) == nil {
			if _, err := s.Open(ctx, name, format.Sums{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Open opens a writer's ledger and gives its positions to the cursors. high is the high-water mark kept outside, zero when there
// is none. Start has it written.
func (s *Ledgers) Open(ctx context.Context, writer string, high format.Sums) (*Ledger, error) {
	led := newLedger(s, writer)
	if err := led.open(ctx, high); err != nil {
		return nil, fmt.Errorf("open the ledger of %s: %w", writer, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(slices.Clone(s.kept), led)
	for _, pos := range led.positions {
		if pos != nil {
			pos.cursor.positions = append(slices.Clone(pos.cursor.positions), pos)
			pos.cursor.wakeLocked()
		}
	}
	return led, nil
}

// Start has a ledger's checkpoints and records written from now on.
func (s *Ledgers) Start(led *Ledger) { go led.run() }

// StartAll is Start for all ledgers.
func (s *Ledgers) StartAll() {
	for _, led := range s.list() {
		go led.run()
	}
}

// list returns the ledgers of this process.
func (s *Ledgers) list() []*Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept
}

// Keeps reports whether this process keeps a writer's ledger.
func (s *Ledgers) Keeps(writer string) bool { return s.ledgerOf(writer) != nil }

// Pending reports whether anything of a ledger that nobody keeps is pending.
func (s *Ledgers) Pending(ctx context.Context, writer string) (bool, error) {
	led, err := s.peek(ctx, writer)
	return err == nil && !led.emptyLocked(), err
}

// CloseEmpty closes the ledgers of other writers of which nothing is pending any more, and returns those.
func (s *Ledgers) CloseEmpty() (writers []string) {
	s.mu.Lock()
	var empty []*Ledger
	for _, led := range s.kept {
		if led != s.own && led.emptyLocked() {
			empty = append(empty, led)
		}
	}
	for _, led := range empty {
		s.detachLocked(led, false)
	}
	s.mu.Unlock()
	for _, led := range empty {
		led.end()
		writers = append(writers, led.writer)
	}
	return writers
}

// Lose stops keeping a ledger that another process has now: settling its groups changes nothing from now on. This process's own
// stays until Replace; own reports that it is that one, and old returns it.
func (s *Ledgers) Lose(writer string) (old *Ledger, own bool) {
	led := s.ledgerOf(writer)
	if led == nil {
		return nil, false
	}
	s.mu.Lock()
	own = led == s.own
	led.lost = true
	if !own {
		s.detachLocked(led, true)
	}
	s.mu.Unlock()
	if !own {
		led.end()
	}
	return led, own
}

// Replace drops the ledger that was this process's own before Write was called with another, and has all cursors begin in that.
func (s *Ledgers) Replace(old *Ledger) {
	s.mu.Lock()
	s.detachLocked(old, true)
	for name := range s.cursors {
		s.openCursorLocked(name)
	}
	s.mu.Unlock()
	old.end()
}

// BeginClose ends Next and refuses further changes but those under way; first is false when it was called before.
func (s *Ledgers) BeginClose() (first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.closing = true
	for _, c := range s.cursors {
		c.wakeLocked()
	}
	return true
}

// Close makes the last checkpoints and returns when nothing works any more.
func (s *Ledgers) Close() {
	ledgers := s.list()
	for _, led := range ledgers {
		close(led.stop)
	}
	for _, led := range ledgers {
		<-led.done
	}
}

// end makes the last checkpoint of a ledger that was started.
func (led *Ledger) end() {
	close(led.stop)
	<-led.done
}

// peek reads another process's ledger as of its last checkpoint, without opening it.
func (s *Ledgers) peek(ctx context.Context, writer string) (*Ledger, error) {
	led := newLedger(s, writer)
	c, _, err := led.lastCheckpoint(ctx)
	if err != nil {
		return nil, err
	}
	if c != nil {
		led.load(c)
	}
	f, seq, err := led.lastGroup(ctx)
	if err != nil {
		return nil, err
	}
	led.addLastGroup(f, seq)
	return led, nil
}

// otherLedgers reads the ledgers that this process does not keep.
func (s *Ledgers) otherLedgers(ctx context.Context) ([]*Ledger, error) {
	if !s.clustered {
		return nil, nil
	}
	names, err := s.Writers(ctx)
	if err != nil {
		return nil, err
	}
	var out []*Ledger
	for _, name := range names {
		if s.ledgerOf(name) != nil {
			continue
		}
		led, err := s.peek(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, led)
	}
	return out, nil
}

// Writers returns the names of all that have written to the log.
func (s *Ledgers) Writers(ctx context.Context) ([]string, error) {
	found := map[string]bool{}
	for _, at := range [...]struct{ stream, subjects string }{{stream.Checkpoints, stream.StateSubject(stream.Any)}, {stream.Log, stream.LogSubject(stream.Any)}} {
		info, err := s.store.Info(ctx, at.stream, at.subjects)
		if err != nil {
			return nil, fmt.Errorf("list who writes to the log: %w", err)
		}
		for subject := range info.Subjects {
			found[stream.LastName(subject)] = true
		}
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}
