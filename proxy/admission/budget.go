// Package admission bounds what clients can take of the process: connections, the memory that hits hold while they are read
// and written to the log, and the requests and bytes of one address. It never looks at what a hit says.
package admission

import "sync/atomic"

// Budget bounds how many bytes all hits hold together while they are read and written to the log: their bodies, and what
// becomes of them. Hits that find it taken are answered with 503 and Retry-After.
type Budget struct {
	Limit int64
	held  atomic.Int64
}

// Lease returns one that holds nothing yet.
func (b *Budget) Lease() Lease { return Lease{of: b} }

// Held is how many bytes all hits hold now.
func (b *Budget) Held() int64 { return b.held.Load() }

// littleBytes is what a hit may hold of the last quarter of a budget, so that a few expensive hits do not turn away all others.
const littleBytes = 64 << 10

// BudgetFor is an eighth of the process's memory, and always enough for the largest hit.
func BudgetFor(memory int64, body int) int64 {
	const largest = 20 << 20 // of which the most values that a body may have take 13 while they are read
	return max(Eighth(memory), largest+4*int64(body))
}

// Eighth is a share of the process's memory, within bounds; memory is 0 when it is unknown.
func Eighth(memory int64) int64 {
	const usual, least = 24 << 20, 16 << 20
	if memory == 0 {
		return usual
	}
	return min(usual, max(least, memory/8))
}

// Lease is what one hit holds of a budget. It belongs to one goroutine. The zero value is of no budget and
// bounds nothing.
type Lease struct {
	of   *Budget
	held int64
}

// Little reports whether it holds so little that even a budget nearly spent has it.
func (l *Lease) Little() bool { return l.held <= littleBytes }

// Take holds n more bytes, and reports whether it could.
func (l *Lease) Take(n int) bool {
	if l.of == nil {
		return true
	}
	most := l.of.Limit
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

// Hold holds n bytes from now on, and reports whether it could.
func (l *Lease) Hold(n int) bool {
	more := n - int(l.held)
	if more > 0 {
		return l.Take(more)
	}
	l.give(int64(-more))
	return true
}

// Release gives back everything.
func (l *Lease) Release() { l.give(l.held) }

func (l *Lease) give(n int64) {
	if l.of != nil {
		l.of.held.Add(-n)
		l.held -= n
	}
}
