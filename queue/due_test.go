package queue

import (
	"testing"
	"time"
)

func TestRetriesGiveTheirMemoryBackAsTheyGo(t *testing.T) {
	var h dueHeap[retryRef]
	start := time.Unix(1_800_000_000, 0)
	const n = 100_000
	for i := range n {
		h.push(retryRef{due: start.Add(time.Duration(i*7919%n) * time.Second), seq: uint64(i)})
	}
	last := start
	for i := range n {
		r, ok := h.pop(start.Add(n * time.Second))
		if !ok || r.due.Before(last) {
			t.Fatalf("item %d: %v after %v", i, r.due, last)
		}
		last = r.due
	}
	if cap(h) > 4*smallHeap {
		t.Errorf("room for %d items is kept for none", cap(h))
	}
}
