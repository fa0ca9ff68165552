package store

import (
	"context"
	"slices"

	"headgate/insight/count"
)

// Erase removes the rows of visitors, of each those before a time in Unix milliseconds. The files that hold them are written anew.
// It returns how many rows of each were removed; they are gone from the disk then.
func (st *Store) Erase(ctx context.Context, before map[uint64]int64) (removed map[uint64]int, err error) {
	if len(before) == 0 {
		return nil, nil
	}
	removed = map[uint64]int{}
	drop := func(r *count.Row) bool {
		until, named := before[r.Visitor]
		if named && r.Time < until {
			removed[r.Visitor]++
			return true
		}
		return false
	}
	st.writing.Lock()
	defer st.writing.Unlock()
	st.mu.Lock()
	for _, m := range []*memory{st.flushing, st.memory} {
		if m != nil {
			m.remove(drop)
		}
	}
	parts := st.manifest.Parts
	st.mu.Unlock()
	for i := range parts {
		has, err := st.mayHold(&parts[i], before)
		if err == nil && has {
			err = st.replace(ctx, parts[i:i+1:i+1], drop, parts[i].Sealed)
		}
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// mayHold reports whether a file holds rows of one of some visitors that are to be erased.
func (st *Store) mayHold(p *part, before map[uint64]int64) (bool, error) {
	x, err := st.indexOf(p)
	if err != nil {
		return false, err
	}
	want := wanted{}
	for visitor, until := range before {
		if p.First >= until {
			continue
		}
		if _, _, may := x.span(visitor); !may {
			continue
		}
		rows, err := st.find(p, visitor, &want, count.NewSymbols(), nil)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(rows, func(r count.Row) bool { return r.Time < until }) {
			return true, nil
		}
	}
	return false, nil
}
