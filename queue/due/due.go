// Package due keeps what is to be done later, by when it is due.
package due

import (
	"container/heap"
	"slices"
	"time"
)

// Heap is a heap whose first element is the one due first. At is when an element is due.
type Heap[T interface{ At() time.Time }] []T

// Len is heap.Interface's.
func (h Heap[T]) Len() int { return len(h) }

// Less is heap.Interface's.
func (h Heap[T]) Less(i, j int) bool { return h[i].At().Before(h[j].At()) }

// Swap is heap.Interface's.
func (h Heap[T]) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is heap.Interface's; use Add.
func (h *Heap[T]) Push(x any) { *h = append(*h, x.(T)) }

// Pop is heap.Interface's; use Take. It returns memory that an outage has filled.
func (h *Heap[T]) Pop() any {
	rest, x := (*h)[:len(*h)-1], (*h)[len(*h)-1]
	if cap(rest) > smallHeap && len(rest) < cap(rest)/4 {
		rest = slices.Clone(rest)
	}
	*h = rest
	return x
}

const smallHeap = 1 << 10 // elements, below which that is not worthwhile

// Add adds an element.
func (h *Heap[T]) Add(x T) { heap.Push(h, x) }

// Take removes and returns the first element if it is due.
func (h *Heap[T]) Take(now time.Time) (x T, ok bool) {
	if len(*h) == 0 || (*h)[0].At().After(now) {
		return x, false
	}
	return heap.Pop(h).(T), true
}

// Sooner returns the earlier of t and the time of the first element; the zero time is never.
func (h Heap[T]) Sooner(t time.Time) time.Time {
	if len(h) == 0 || !t.IsZero() && t.Before(h[0].At()) {
		return t
	}
	return h[0].At()
}
