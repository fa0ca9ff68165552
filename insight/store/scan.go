package store

import (
	"context"
	"errors"
	"slices"

	"headgate/insight/count"
)

// Query says what is read.
type Query struct {
	Period  count.Period
	Columns []count.Column
	Value   bool
	Nobody  bool // rows of unmeasured events and bots, too; these are not in order, and not told apart from repeated ones
}

// source is a sorted list of rows: memory or a file.
type source interface {
	// visitor returns whose rows are next, false at the end.
	visitor() (uint64, bool)
	// take appends the rows of that visitor, at most a number of them where it is nobody, and goes on to the next.
	take(to []count.Row) ([]count.Row, error)
	close() error
}

// Scan calls fn with the rows of each visitor in turn, in the order of their times, each event once, until it returns false. The
// rows are valid until fn returns. Texts become symbols of s.
func (st *Store) Scan(ctx context.Context, q Query, s *count.Symbols, fn func(rows []count.Row) bool) error {
	period := q.Period
	q.Period = wholeDays(period) // within a day events are told apart
	sources, err := st.sources(&q, s)
	if err != nil {
		return err
	}
	err = merge(ctx, sources, q.Nobody, func(rows []count.Row) bool {
		rows = within(rows, period)
		return len(rows) == 0 || fn(rows)
	})
	for _, src := range sources {
		err = errors.Join(err, src.close())
	}
	return err
}

// wholeDays returns the period of the days in which a period lies.
func wholeDays(p count.Period) count.Period {
	if p.Until <= p.Since {
		return count.Period{}
	}
	return count.Period{Since: dayOf(p.Since) * count.Day, Until: (dayOf(p.Until-1) + 1) * count.Day}
}

// within returns the rows of a period. The list is used again; rows of one visitor are in the order of their times.
func within(rows []count.Row, p count.Period) []count.Row {
	if n := len(rows); n > 0 && rows[0].Visitor >= count.FirstVisitor {
		if p.Has(rows[0].Time) && p.Has(rows[n-1].Time) {
			return rows
		}
	}
	return slices.DeleteFunc(rows, func(r count.Row) bool { return !p.Has(r.Time) })
}

// sources opens all that may have rows of a period, in the order in which rows arrived.
func (st *Store) sources(q *Query, s *count.Symbols) (list []source, err error) {
	want := wanted{id: true, value: q.Value}
	want.add(append(slices.Clone(q.Columns), count.Event)...) // repeated events are told apart by their names, too
	st.opening.RLock()
	defer st.opening.RUnlock()
	parts, memories := st.snapshot()
	for i := range parts {
		if p := &parts[i]; p.Last >= q.Period.Since && p.First < q.Period.Until {
			src, err := newFileSource(st.folder, p, q, &want, s)
			if err != nil {
				for _, open := range list {
					err = errors.Join(err, open.close())
				}
				return nil, err
			}
			list = append(list, src)
		}
	}
	for _, m := range memories {
		for _, src := range m.sources(q, s) {
			list = append(list, src)
		}
	}
	return list, nil
}

// nobodyRows is how many rows about nobody are handed over at once.
const nobodyRows = 4096

// fileSource reads a part, one row group at a time.
type fileSource struct {
	part    *opened
	nobody  bool
	want    *wanted
	symbols *count.Symbols
	group   int // the next to be read
	block   block
	at      int
	failed  error
}

func newFileSource(folder string, p *part, q *Query, want *wanted, s *count.Symbols) (*fileSource, error) {
	o, err := p.open(folder)
	if err != nil {
		return nil, err
	}
	f := &fileSource{part: o, nobody: q.Nobody, want: want, symbols: s}
	if !f.advance() && f.failed != nil {
		return nil, errors.Join(f.failed, o.Close())
	}
	return f, nil
}

// advance makes sure that there is a row at hand.
func (f *fileSource) advance() bool {
	for f.failed == nil {
		if f.at < len(f.block.visitor) {
			if f.nobody || f.block.visitor[f.at] >= count.FirstVisitor {
				return true
			}
			f.at++
			continue
		}
		groups := f.part.RowGroups()
		if f.group == len(groups) {
			return false
		}
		g := groups[f.group]
		f.group++
		f.at = 0
		f.failed = f.block.read(g, 0, g.NumRows(), f.want, f.symbols)
	}
	return false
}

func (f *fileSource) visitor() (uint64, bool) {
	if !f.advance() {
		return 0, f.failed != nil // take returns the error
	}
	return f.block.visitor[f.at], true
}

// take needs no period: a file has rows of one day, and what is asked for is whole days.
func (f *fileSource) take(to []count.Row) ([]count.Row, error) {
	if f.failed != nil {
		return to, f.failed
	}
	visitor := f.block.visitor[f.at]
	for most := nobodyRows; f.advance() && f.block.visitor[f.at] == visitor; {
		end := f.at + 1
		for end < len(f.block.visitor) && f.block.visitor[end] == visitor && end-f.at < most {
			end++
		}
		n := len(to)
		to = slices.Grow(to, end-f.at)[:n+end-f.at]
		f.block.rows(to[n:], f.at, f.want)
		most -= end - f.at
		f.at = end
		if visitor < count.FirstVisitor && most <= 0 {
			break
		}
		most = max(most, 1)
	}
	return to, f.failed
}

func (f *fileSource) close() error { return f.part.Close() }

// rows fills rows with the columns that were read, from the one at a place on.
func (b *block) rows(to []count.Row, from int, want *wanted) {
	visitors, times := b.visitor[from:from+len(to)], b.time[from:from+len(to)]
	for i := range to {
		to[i] = count.Row{Visitor: visitors[i], Time: times[i]}
	}
	if want.id {
		for i, id := range b.id[from : from+len(to)] {
			to[i].ID = id
		}
	}
	if want.value {
		for i, value := range b.value[from : from+len(to)] {
			to[i].Value = value
		}
	}
	for _, c := range want.columns {
		texts := b.texts[c][from : from+len(to)]
		switch c { // by far the most are of these, and a row's At would be asked for each of them
		case count.Event:
			for i := range to {
				to[i].Event = texts[i]
			}
		case count.Page:
			for i := range to {
				to[i].Page = texts[i]
			}
		default:
			for i := range to {
				*to[i].At(c) = texts[i]
			}
		}
	}
}
