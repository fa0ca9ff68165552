package due

import (
	"testing"
	"time"
)

// thing is something that is due.
type thing struct {
	due time.Time
	seq uint64
}

func (t thing) At() time.Time { return t.due }

func TestRetriesGiveTheirMemoryBackAsTheyGo(t *testing.T) {
	var h Heap[thing]
	start := time.Unix(1_800_000_000, 0)
	const n = 100_000
	for i := range n {
		h.Add(thing{due: start.Add(time.Duration(i*7919%n) * time.Second), seq: uint64(i)})
	}
	last := start
	for i := range n {
		r, ok := h.Take(start.Add(n * time.Second))
		if !ok || r.due.Before(last) {
			t.Fatalf("item %d: %v after %v", i, r.due, last)
		}
		last = r.due
	}
	if cap(h) > 4*smallHeap {
		t.Errorf("room for %d items is kept for none", cap(h))
	}
}
