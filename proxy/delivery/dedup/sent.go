package dedup

import (
	"math"
	"slices"
	"sync"
	"time"
)

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

// generation is some of them. The sets of destinations that events were sent to are few, and kept once: a key has the place of its own.
type generation struct {
	from, until time.Time // of its first and its last key
	by          table
	sets        []uint64 // of destinations; by has their places
	places      map[uint64]uint16
}

func newGeneration(now time.Time, room int) *generation {
	return &generation{from: now, until: now, by: table{room: room}, places: map[uint64]uint16{}}
}

// has reports whether a destination was sent an event.
func (g *generation) has(k Key, bit uint64) bool {
	place, known := g.by.get(k)
	return known && g.sets[place]&bit != 0
}

// add notes that a destination was sent an event. It returns false when the generation has as many different sets as it can take.
func (g *generation) add(k Key, bit uint64) bool {
	set := bit
	if place, known := g.by.get(k); known {
		set |= g.sets[place]
	}
	place, known := g.places[set]
	if !known {
		if len(g.sets) > math.MaxUint16 {
			return false
		}
		place = uint16(len(g.sets))
		g.sets, g.places[set] = append(g.sets, set), place
	}
	g.by.set(k, place)
	return true
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
		if g.has(k, bit) {
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
	before := g.by.count
	if !g.add(k, bit) {
		g, before = s.beginLocked(now), 0
		g.add(k, bit)
	}
	if now.After(g.until) {
		g.until = now
	}
	if g.by.count > before {
		s.count++
		s.forgetLocked(now, s.max)
	}
}

// currentLocked returns the generation that new keys go into: a new one when the last is full or old.
func (s *sentEvents) currentLocked(now time.Time) *generation {
	if n := len(s.generations); n > 0 {
		last := s.generations[n-1]
		if last.by.count < s.roomOfOne() && now.Sub(last.from) < s.window/generationsKept {
			return last
		}
	}
	return s.beginLocked(now)
}

// roomOfOne is how many keys a generation takes.
func (s *sentEvents) roomOfOne() int { return (s.max + generationsKept - 1) / generationsKept }

func (s *sentEvents) beginLocked(now time.Time) *generation {
	g := newGeneration(now, s.roomOfOne())
	s.generations = append(s.generations, g)
	return g
}

// forgetLocked drops the generations that are older than the window, and the oldest ones until no more than that many keys are left.
func (s *sentEvents) forgetLocked(now time.Time, most int) {
	limit := now.Add(-s.window)
	for len(s.generations) > 0 && (s.count > most || s.generations[0].until.Before(limit)) {
		s.count -= s.generations[0].by.count
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
