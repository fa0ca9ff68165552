package store

import (
	"context"
	"errors"
	"slices"
	"sort"

	"github.com/parquet-go/parquet-go"

	"headgate/insight/count"
)

// Visitor returns one visitor's rows of a period, in the order of their times. Only the pages that may hold them are read.
func (st *Store) Visitor(ctx context.Context, visitor uint64, period count.Period, s *count.Symbols) ([]count.Row, error) {
	if visitor < count.FirstVisitor {
		return nil, nil
	}
	exactly := period
	period = wholeDays(period)
	want := everything()
	st.opening.RLock()
	defer st.opening.RUnlock()
	parts, memories := st.snapshot()
	var rows []count.Row
	for i := range parts {
		if p := &parts[i]; p.Last >= period.Since && p.First < period.Until {
			var err error
			if rows, err = st.find(p, visitor, want, s, rows); err != nil || ctx.Err() != nil {
				return nil, errors.Join(err, ctx.Err())
			}
		}
	}
	for _, m := range memories {
		for _, src := range m.sources(&Query{Period: period}, s) {
			src.at = sort.Search(len(src.rows), func(i int) bool { return src.rows[i].Visitor >= visitor })
			if v, ok := src.visitor(); ok && v == visitor {
				rows, _ = src.take(rows) // memory does not fail
			}
		}
	}
	kept := rows[:0]
	for _, r := range rows {
		if period.Has(r.Time) {
			kept = append(kept, r)
		}
	}
	return within(once(kept), exactly), nil
}

// find appends a visitor's rows of a file.
func (st *Store) find(p *part, visitor uint64, want *wanted, s *count.Symbols, to []count.Row) (_ []count.Row, err error) {
	x, err := st.indexOf(p)
	if err != nil {
		return to, err
	}
	from, end, may := x.span(visitor)
	if !may {
		return to, nil
	}
	o, err := p.open(st.folder)
	if err != nil {
		return to, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	first := int64(0)
	for _, g := range o.RowGroups() {
		n := g.NumRows()
		if lo, hi := max(from-first, 0), min(end-first, n); lo < hi {
			if to, err = findIn(g, lo, hi, visitor, want, s, to); err != nil {
				return to, err
			}
		}
		first += n
	}
	return to, nil
}

// findIn appends a visitor's rows of a stretch of a row group. All columns but that of the visitors are read only where they are.
func findIn(g parquet.RowGroup, lo, hi int64, visitor uint64, want *wanted, s *count.Symbols, to []count.Row) ([]count.Row, error) {
	visitors, err := numbers(nil, g.ColumnChunks()[0], lo, hi, uint64s)
	if err != nil {
		return to, err
	}
	from, found := slices.BinarySearch(visitors, visitor)
	if !found {
		return to, nil
	}
	n := 1
	for from+n < len(visitors) && visitors[from+n] == visitor {
		n++
	}
	var b block
	if err := b.read(g, lo+int64(from), lo+int64(from+n), want, s); err != nil {
		return to, err
	}
	at := len(to)
	to = append(to, make([]count.Row, n)...)
	b.rows(to[at:], 0, want)
	return to, nil
}

// index tells where in a file a visitor may be.
type index struct {
	bloom []uint64
	every []uint64 // the visitor of every so many rows
	rows  int64
}

const (
	indexEvery  = 1024
	bloomBits   = 10 // a visitor
	bloomHashes = 5
)

// indexOf returns a file's index, made when it is asked for first.
func (st *Store) indexOf(p *part) (*index, error) {
	st.mu.Lock()
	x := st.indexes[p.File]
	st.mu.Unlock()
	if x != nil {
		return x, nil
	}
	x, err := p.index(st.folder)
	if err != nil {
		return nil, err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.indexes[p.File] = x
	return x, nil
}

func (p *part) index(folder string) (_ *index, err error) {
	o, err := p.open(folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	x := &index{}
	var visitors, all []uint64
	for _, g := range o.RowGroups() {
		if all, err = numbers(all[:0], g.ColumnChunks()[0], 0, g.NumRows(), uint64s); err != nil {
			return nil, err
		}
		for _, v := range all {
			if x.rows%indexEvery == 0 {
				x.every = append(x.every, v)
			}
			x.rows++
			if n := len(visitors); n == 0 || visitors[n-1] != v {
				visitors = append(visitors, v)
			}
		}
	}
	x.bloom = make([]uint64, len(visitors)*bloomBits/64+1)
	for _, v := range visitors {
		for k := range uint64(bloomHashes) {
			bit := x.bit(v, k)
			x.bloom[bit/64] |= 1 << (bit % 64)
		}
	}
	return x, nil
}

// bit is the place of a visitor's mark. Visitors are hashes already.
func (x *index) bit(visitor, k uint64) uint64 {
	return (visitor + k*(visitor>>32|1)) % uint64(len(x.bloom)*64)
}

// span returns between which rows a visitor may be, and whether at all.
func (x *index) span(visitor uint64) (from, end int64, may bool) {
	for k := range uint64(bloomHashes) {
		if bit := x.bit(visitor, k); x.bloom[bit/64]&(1<<(bit%64)) == 0 {
			return 0, 0, false
		}
	}
	lo := sort.Search(len(x.every), func(i int) bool { return x.every[i] >= visitor })
	hi := sort.Search(len(x.every), func(i int) bool { return x.every[i] > visitor })
	return int64(max(lo-1, 0)) * indexEvery, min(int64(hi)*indexEvery, x.rows), true
}
