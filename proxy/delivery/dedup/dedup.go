// Package dedup remembers which events each destination was sent, so that none is sent twice. It is bounded by a time and by a
// number of events, the oldest forgotten first.
package dedup

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// Key is 64 bits of the SHA-256 of what an event is known by, and never 0. Among two million keys, one new event in 9 × 10¹² is taken for
// one of them.
type Key uint64

// KeyOf is what an event is known by: its id and its name, since tags give several events of one page view the same id.
func KeyOf(id, name string) Key {
	var room [160]byte
	text := append(append(append(room[:0], id...), 0), name...)
	sum := sha256.Sum256(text)
	return max(1, Key(binary.LittleEndian.Uint64(sum[:])))
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
