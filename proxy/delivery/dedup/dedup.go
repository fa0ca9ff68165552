// Package dedup remembers which events each destination was sent, so that none is sent twice. It is exact, and bounded by a time and
// by a number of events, the oldest forgotten first.
package dedup

import (
	"crypto/sha256"
	"slices"
	"sync"
	"time"
)

// Key is 128 bits of the SHA-256 of what an event is known by: wide enough that no event is ever taken for another.
type Key [16]byte

// KeyOf is what an event is known by: its id and its name, since tags give several events of one page view the same id.
func KeyOf(id, name string) (k Key) {
	var room [160]byte
	text := append(append(append(room[:0], id...), 0), name...)
	sum := sha256.Sum256(text)
	copy(k[:], sum[:])
	return k
}

// Dedup keeps one destination from being sent an event twice when a browser sends it again or a crash leaves it in doubt.
// The first event with a key claims it, and holds it until its group is settled; from then on the key counts as sent, whether
// the destination took the event, rejected it or is to be tried again. All others with that key are duplicates.
type Dedup struct {
	sent *sentEvents
	bit  uint64 // the destination's, in sent

	mu       sync.Mutex
	window   time.Duration // 0: nothing is a duplicate
	inFlight map[Key]int
}

// Claim takes a key for an event that is about to be sent, and reports false when the event is a duplicate.
func (d *Dedup) Claim(k Key, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.window <= 0 {
		return true
	}
	if d.inFlight[k] > 0 || d.sent.has(k, d.bit, now.Add(-d.window)) {
		return false
	}
	d.inFlight[k]++
	return true
}

// Hold takes a key for an event that is sent whatever was sent before: a retry, or one that a person wants sent again.
func (d *Dedup) Hold(k Key) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.window > 0 {
		d.inFlight[k]++
	}
}

// Done ends the hold on a key whose event is settled: from now on it counts as sent.
func (d *Dedup) Done(k Key, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dropLocked(k)
	if d.window > 0 {
		d.sent.add(k, d.bit, now)
	}
}

// Release ends the hold on a key whose event goes back to the log untouched, to claim it again.
func (d *Dedup) Release(k Key) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dropLocked(k)
}

// dropLocked takes back one claim or hold, if there is one.
func (d *Dedup) dropLocked(k Key) {
	if n := d.inFlight[k]; n > 1 {
		d.inFlight[k] = n - 1
	} else {
		delete(d.inFlight, k)
	}
}

// Resize changes the window of a running destination.
func (d *Dedup) Resize(window time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.window = window
}

// sentEvents remembers which events were sent to which of up to 64 destinations, for all of them together: an event that all
// have had takes the memory of one. Keys are kept by generations of a quarter of the longest window, which are dropped as a
// whole: a key is known for at least its destination's window and at most a quarter of the longest one more.
type sentEvents struct {
	mu          sync.Mutex
	window      time.Duration // the longest of the destinations'
	max         int           // keys of all generations together
	generations []*generation // oldest first; new keys go into the last
	count       int           // keys of all generations
}

type generation struct {
	from, until time.Time // of its first and its last key
	by          map[Key]uint64
}

// generationsKept is into how many parts the window and the room are cut.
const generationsKept = 4

// has reports whether a destination was sent an event at that time or later.
func (s *sentEvents) has(k Key, bit uint64, since time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.generations) - 1; i >= 0; i-- {
		g := s.generations[i]
		if g.until.Before(since) {
			return false
		}
		if g.by[k]&bit != 0 {
			return true
		}
	}
	return false
}

// add notes that a destination was sent an event.
func (s *sentEvents) add(k Key, bit uint64, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.max <= 0 {
		return
	}
	g := s.currentLocked(now)
	before := len(g.by)
	g.by[k] |= bit
	if now.After(g.until) {
		g.until = now
	}
	if len(g.by) > before {
		s.count++
		s.forgetLocked(now, s.max)
	}
}

// currentLocked returns the generation that new keys go into: a new one when the last is full or old.
func (s *sentEvents) currentLocked(now time.Time) *generation {
	room := (s.max + generationsKept - 1) / generationsKept
	if n := len(s.generations); n > 0 {
		last := s.generations[n-1]
		if len(last.by) < room && now.Sub(last.from) < s.window/generationsKept {
			return last
		}
	}
	g := &generation{from: now, until: now, by: map[Key]uint64{}}
	s.generations = append(s.generations, g)
	return g
}

// forgetLocked drops the generations that are older than the window, and the oldest ones until no more than that many keys are left.
func (s *sentEvents) forgetLocked(now time.Time, most int) {
	limit := now.Add(-s.window)
	for len(s.generations) > 0 && (s.count > most || s.generations[0].until.Before(limit)) {
		s.count -= len(s.generations[0].by)
		s.generations = slices.Delete(s.generations, 0, 1)
	}
}

// resize changes the window and the room.
func (s *sentEvents) resize(window time.Duration, most int, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.window, s.max = window, most
	s.forgetLocked(now, most)
}

// Set gives each destination its dedup. A name keeps its bit for the life of the process, so that a destination that is
// taken out of the configuration and put back still knows what it was sent.
type Set struct {
	memories []*sentEvents // of 64 names each
	numbers  map[string]int
	window   time.Duration // the longest of the destinations'
}

const bitsOfMemory = 64

// New returns the dedups of no destination yet.
func New() *Set { return &Set{numbers: map[string]int{}} }

// Of returns the dedup of a destination, by its name. window is for how long an event counts as sent; 0: nothing is a duplicate.
func (ds *Set) Of(name string, window time.Duration) *Dedup {
	n, known := ds.numbers[name]
	if !known {
		n = len(ds.numbers)
		ds.numbers[name] = n
	}
	if n/bitsOfMemory == len(ds.memories) {
		ds.memories = append(ds.memories, &sentEvents{})
	}
	return &Dedup{sent: ds.memories[n/bitsOfMemory], bit: 1 << (n % bitsOfMemory), window: window, inFlight: map[Key]int{}}
}

// Resize gives the memories the longest window and the largest room, in keys, that any destination asks for. All destinations were
// asked for with Of.
func (ds *Set) Resize(window time.Duration, most int, now time.Time) {
	ds.window = window
	for _, m := range ds.memories {
		m.resize(window, most, now)
	}
}

// Window is the longest window that a destination asks for.
func (ds *Set) Window() time.Duration { return ds.window }
