package queue

import (
	"container/heap"
	"slices"
	"time"
)

// retryRef is a retry record that is not due yet.
type retryRef struct {
	due   time.Time
	seq   uint64
	items int
}

// releasedGroup is a group that Release gave back.
type releasedGroup struct {
	due         time.Time
	number, seq uint64    // of a fresh group
	retry       *retryRef // of a retry record
}

func (r retryRef) at() time.Time      { return r.due }
func (g releasedGroup) at() time.Time { return g.due }

// dueHeap is a heap whose first element is the one due first.
type dueHeap[T interface{ at() time.Time }] []T

// Len is heap.Interface's.
func (h dueHeap[T]) Len() int { return len(h) }

// Less is heap.Interface's.
func (h dueHeap[T]) Less(i, j int) bool { return h[i].at().Before(h[j].at()) }

// Swap is heap.Interface's.
func (h dueHeap[T]) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is heap.Interface's; use push.
func (h *dueHeap[T]) Push(x any) { *h = append(*h, x.(T)) }

// Pop is heap.Interface's; use pop. It returns memory that an outage has filled.
func (h *dueHeap[T]) Pop() any {
	rest, x := (*h)[:len(*h)-1], (*h)[len(*h)-1]
	if cap(rest) > smallHeap && len(rest) < cap(rest)/4 {
		rest = slices.Clone(rest)
	}
	*h = rest
	return x
}

const smallHeap = 1 << 10 // elements, below which that is not worthwhile

func (h *dueHeap[T]) push(x T) { heap.Push(h, x) }

// pop removes and returns the first element if it is due.
func (h *dueHeap[T]) pop(now time.Time) (x T, ok bool) {
	if len(*h) == 0 || (*h)[0].at().After(now) {
		return x, false
	}
	return heap.Pop(h).(T), true
}

// sooner returns the earlier of t and the time of the first element; the zero time is never.
func (h dueHeap[T]) sooner(t time.Time) time.Time {
	if len(h) == 0 || !t.IsZero() && t.Before(h[0].at()) {
		return t
	}
	return h[0].at()
}
