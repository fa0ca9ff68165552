package count

import "math/bits"

// Stretch is the overview of a stretch of time, with what it takes to add up stretches that follow each other without their rows:
// who was there, and who may have been in the middle of a session at its borders.
type Stretch struct {
	Overview
	Period   Period
	Visitors []uint64 // in the order in which they were added

	heads, tails []glimpse
}

// glimpse is a visitor near a border.
type glimpse struct {
	visitor uint64
	at      int64
}

// Add counts a visitor.
func (s *Stretch) Add(rows []Row) {
	if len(rows) == 0 {
		return
	}
	s.Overview.Add(rows)
	first, last := &rows[0], &rows[len(rows)-1]
	s.Visitors = append(s.Visitors, first.Visitor)
	if first.Time-s.Period.Since <= s.Gap {
		s.heads = append(s.heads, glimpse{first.Visitor, first.Time})
	}
	if s.Period.Until-last.Time <= s.Gap {
		s.tails = append(s.tails, glimpse{last.Visitor, last.Time})
	}
}

// Joined adds up stretches that follow each other, of which each has its visitors in the order of their numbers: the figures of all
// rows together, and the series. A session that crosses a border is one.
func Joined(list []*Stretch, gap int64) *Overview {
	out := &Overview{Gap: gap, Series: map[int64]*Figures{}}
	seen := map[uint64]int64{}
	visitors := make([][]uint64, len(list))
	for i, s := range list {
		visitors[i] = s.Visitors
		out.All.Sessions += s.All.Sessions
		out.All.add(&s.All)
		for at, f := range s.Series {
			into := figures(out.Series, at)
			into.add(f)
			into.Visitors += f.Visitors // a point lies in one stretch, or its visitors are counted by the caller
		}
		for _, h := range s.heads {
			if last, there := seen[h.visitor]; there && h.at-last <= gap {
				out.All.Sessions--
			}
		}
		for _, t := range s.tails {
			seen[t.visitor] = t.at
		}
	}
	out.All.Visitors = distinct(visitors)
	return out
}

// add adds what can be added without knowing who it was.
func (f *Figures) add(other *Figures) {
	f.Events += other.Events
	f.Conversions += other.Conversions
	f.Value.Merge(other.Value)
}

// distinct counts the visitors of several lists, each in the order of their numbers. It goes through all of them at once, a
// stretch of numbers at a time, so that the table of those it has seen stays small.
func distinct(lists [][]uint64) (n int) {
	const windows = 256
	rest := make([][]uint64, len(lists))
	copy(rest, lists)
	var some, table []uint64
	for w := uint64(1); w <= windows; w++ {
		some = some[:0]
		for i, list := range rest {
			k := len(list)
			if w < windows {
				for k = 0; k < len(list) && list[k] < w<<56; k++ {
				}
			}
			some, rest[i] = append(some, list[:k]...), list[k:]
		}
		n, table = countDistinct(n, some, table)
	}
	return n
}

// countDistinct adds to n how many different numbers a list has. None of them is 0. table is memory that is used again.
func countDistinct(n int, list, table []uint64) (int, []uint64) {
	size := 1 << bits.Len(uint(2*len(list)))
	if cap(table) < size {
		table = make([]uint64, size)
	}
	table = table[:size]
	clear(table)
	mask := uint64(size - 1)
	for _, v := range list {
		at := (v ^ v>>32) & mask
		for table[at] != 0 && table[at] != v {
			at = (at + 1) & mask
		}
		if table[at] == 0 {
			table[at] = v
			n++
		}
	}
	return n, table
}
