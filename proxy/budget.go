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

// budgetFor is an eighth of the process's memory, and room for two of the largest hits.
func budgetFor(memory int64, body int) int64 {
	const usual, least = 64 << 20, 32 << 20
	limit := int64(usual)
	if memory > 0 {
		limit = min(usual, max(least, memory/8))
	}
	return max(limit, int64(4*body))
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
