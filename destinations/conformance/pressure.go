package conformance

import (
	"context"
	"encoding/hex"
	"math/rand/v2"
	"runtime"
	"testing"

	"headgate/destinations"
	"headgate/event"
)

// stalled is a store that takes nothing for a while. What waits for it is in the log: the driver says of nothing that it was delivered,
// ends a delivery that is broken off, keeps nothing of it, and delivers when the store takes events again.
func stalled(t *testing.T, s Store) {
	if s.Behind == nil {
		return
	}
	d, l := s.Behind(t)
	first, large := Batch(1, 10), Batch(2, 50)
	size := 0
	text := rand.NewChaCha8([32]byte{}) // which no compression makes smaller
	for i := range large {
		note := make([]byte, 20<<10)
		_, _ = text.Read(note) // it never fails
		large[i].Event.Params.Set("note", event.String(hex.EncodeToString(note)))
		size += 2 * len(note)
	}
	deliver(t, d, first)
	l.Shut()
	before := heap()
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		verdicts, waits := make(chan []destinations.Verdict, 1), l.Waits()
		go func() { verdicts <- d.Deliver(ctx, large) }()
		l.Await(waits)
		cancel()
		for i, v := range <-verdicts {
			if v.Kind != destinations.Retry || v.Why == "" {
				t.Fatalf("event %d, of which the store has seen nothing: %s %q", i, v.Kind, v.Why)
			}
		}
	}
	if grown := heap() - before; grown > 2*size {
		t.Errorf("%d bytes are kept of deliveries that were broken off, each of %d bytes", grown, size)
	}
	l.Open()
	deliver(t, d, large)
	once(t, s, first, large)
}

// down is a store that is not running for a while, as at its restart.
func down(t *testing.T, s Store) {
	if s.Behind == nil {
		return
	}
	d, l := s.Behind(t)
	first, second := Batch(1, 10), Batch(2, 10)
	deliver(t, d, first)
	l.Down()
	for range 2 {
		for i, v := range d.Deliver(t.Context(), second) {
			if v.Kind != destinations.Retry || v.Why == "" {
				t.Fatalf("event %d, while the store is down: %s %q", i, v.Kind, v.Why)
			}
		}
	}
	l.Open()
	deliver(t, d, second)
	once(t, s, first, second)
}

// heap is how many bytes are in use.
func heap() int {
	runtime.GC()
	runtime.GC() // what pools had is gone with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
