package proxy

import "sync/atomic"

// budget bounds how many bytes all hits hold together while they are read and written to the log: their bodies, and what
// becomes of them. Whoever finds it taken is told to come again.
type budget struct {
	limit int64
	held  atomic.Int64
}

// littleBytes is what a hit may hold of the last quarter of a budget, so that a few expensive hits do not turn away all others.
const littleBytes = 64 << 10

// budgetFor is an eighth of the process's memory, and always enough for the largest hit.
func budgetFor(memory int64, body int) int64 {
	const largest = 20 << 20 // of which the most values that a body may have take 13 while they are read
	return max(eighth(memory), largest+4*int64(body))
}

// eighth is a share of the process's memory, within bounds; memory is 0 when nobody said how much there is.
func eighth(memory int64) int64 {
	const usual, least = 24 << 20, 16 << 20
	if memory == 0 {
		return usual
	}
	return min(usual, max(least, memory/8))
}

// lease is what one hit holds of a budget. It belongs to one goroutine.
type lease struct {
	of   *budget
	held int64
}

// Take holds n more bytes, and reports whether it could.
func (l *lease) Take(n int) bool {
	if l.of == nil {
		return true
	}
	most := l.of.limit
	if l.held+int64(n) > littleBytes {
		most -= most / 4
	}
	if l.of.held.Add(int64(n)) > most {
		l.of.held.Add(int64(-n))
		return false
	}
	l.held += int64(n)
	return true
}

// settle holds n bytes from now on, and reports whether it could.
func (l *lease) settle(n int) bool {
	more := n - int(l.held)
	if more > 0 {
		return l.Take(more)
	}
	l.give(int64(-more))
	return true
}

// release gives back everything.
func (l *lease) release() { l.give(l.held) }

func (l *lease) give(n int64) {
	if l.of != nil {
		l.of.held.Add(-n)
		l.held -= n
	}
}
