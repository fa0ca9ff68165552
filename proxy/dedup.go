package proxy

import (
	"crypto/sha256"
	"time"
)

// dedup remembers which events a destination has had, so that a browser's resend or a crash does not double a purchase.
// It is exact: ids are compared by 128 bits of their SHA-256, so no event is ever taken for another. It forgets the oldest
// first, after window or when max are known. It is for one goroutine at a time.
type dedup struct {
	window time.Duration
	max    int
	known  map[eventKey]struct{}
	ring   []seen // in the order of arrival, from first on, wrapping around
	first  int
	count  int
}

type eventKey [16]byte

type seen struct {
	key eventKey
	at  int64 // unix seconds
}

func newDedup(window time.Duration, room int) *dedup {
	return &dedup{window: window, max: room, known: map[eventKey]struct{}{}}
}

// keyOf is what an event is known by: its id and its name, since tags give several events of one page view the same id.
func keyOf(id, name string) (k eventKey) {
	var room [160]byte
	text := append(append(append(room[:0], id...), 0), name...)
	sum := sha256.Sum256(text)
	copy(k[:], sum[:])
	return k
}

// has reports whether an event was had within the window.
func (d *dedup) has(k eventKey, now time.Time) bool {
	d.forget(now)
	_, had := d.known[k]
	return had
}

// add notes that an event was had at a time.
func (d *dedup) add(k eventKey, at time.Time) {
	if d.max <= 0 || d.window <= 0 {
		return
	}
	if _, had := d.known[k]; had {
		return
	}
	if d.count == d.max {
		d.pop()
	}
	if d.count == len(d.ring) {
		d.grow()
	}
	d.ring[(d.first+d.count)%len(d.ring)] = seen{k, at.Unix()}
	d.count++
	d.known[k] = struct{}{}
}

// resize changes the window and the room of a running memory.
func (d *dedup) resize(window time.Duration, room int) {
	d.window, d.max = window, room
	for d.count > room {
		d.pop()
	}
}

func (d *dedup) forget(now time.Time) {
	limit := now.Add(-d.window).Unix()
	for d.count > 0 && d.ring[d.first].at < limit {
		d.pop()
	}
}

func (d *dedup) pop() {
	delete(d.known, d.ring[d.first].key)
	d.first = (d.first + 1) % len(d.ring)
	d.count--
}

func (d *dedup) grow() {
	larger := make([]seen, min(max(2*len(d.ring), 1024), max(d.max, 1)))
	n := copy(larger, d.ring[d.first:])
	copy(larger[n:], d.ring[:d.first])
	d.ring, d.first = larger, 0
}
