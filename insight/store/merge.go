package store

import (
	"context"

	"headgate/insight/count"
)

// merge brings the rows of each visitor together.
func merge(ctx context.Context, list []source, nobody bool, fn func([]count.Row) bool) error {
	h := newSourceHeap(list)
	var rows []count.Row
	var err error
	for turn := 0; len(h) > 0; turn++ {
		if turn%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		visitor := h[0].visitor
		rows = rows[:0]
		for len(h) > 0 && h[0].visitor == visitor {
			if rows, err = h[0].take(rows); err != nil {
				return err
			}
			h = h.next()
			if visitor < count.FirstVisitor {
				break
			}
		}
		if visitor >= count.FirstVisitor {
			rows = once(rows)
		} else if !nobody {
			continue
		}
		if len(rows) > 0 && !fn(rows) {
			return nil
		}
	}
	return nil
}

// queued is a source by whose turn it is.
type queued struct {
	visitor uint64
	order   int
	source
}

func (q *queued) before(other *queued) bool {
	return q.visitor < other.visitor || q.visitor == other.visitor && q.order < other.order
}

// sourceHeap has the source first whose turn it is. It is not container/heap's, which takes a tenth of a scan.
type sourceHeap []queued

func newSourceHeap(list []source) sourceHeap {
	var h sourceHeap
	for i, src := range list {
		if v, ok := src.visitor(); ok {
			h = append(h, queued{v, i, src})
		}
	}
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
	return h
}

// next puts the first source where it belongs now, and leaves it out once it has no more rows.
func (h sourceHeap) next() sourceHeap {
	if v, more := h[0].source.visitor(); more {
		h[0].visitor = v
	} else {
		last := len(h) - 1
		h[0] = h[last]
		h = h[:last]
	}
	h.down(0)
	return h
}

// down moves a source down to its place.
func (h sourceHeap) down(i int) {
	for {
		least := 2*i + 1
		if least >= len(h) {
			return
		}
		if right := least + 1; right < len(h) && h[right].before(&h[least]) {
			least = right
		}
		if !h[least].before(&h[i]) {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
