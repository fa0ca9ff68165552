package search

import (
	"context"
	"slices"
	"time"
)

// Query says which events are looked for. Everything that it says must hold.
type Query struct {
	Keys         [][]Key // of each list one
	Names, Sites []string
	Since, Until time.Time
	// Outcome reports whether the decisions about an event may be those that are looked for; nil: any.
	Outcome func([]Outcome) bool
}

// Hit is an event that was found.
type Hit struct {
	Group
	Index    int
	Name     string
	Site     string
	Outcomes []Outcome
}

// Find calls fn with the events that a query finds, newest first, until fn returns false. A hit is valid until fn returns.
func (x *Index) Find(ctx context.Context, q *Query, fn func(*Hit) bool) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if more, err := x.findOpen(q, fn); !more || err != nil {
		return err
	}
	for i := len(x.sealed) - 1; i >= 0; i-- {
		s := x.sealed[i]
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.until.Before(q.Since) || !q.Until.IsZero() && !s.from.Before(q.Until) {
			continue
		}
		numbers, err := q.rowsOf(s.with)
		if err != nil {
			return err
		}
		if len(q.Keys) > 0 && len(numbers) == 0 {
			continue
		}
		r, err := s.load(false)
		if err != nil {
			return err
		}
		if !q.among(r, numbers, fn) {
			return nil
		}
	}
	return nil
}

func (x *Index) findOpen(q *Query, fn func(*Hit) bool) (more bool, err error) {
	numbers, err := q.rowsOf(func(k Key, to []uint16) ([]uint16, error) { return x.open.with(k, to), nil })
	if err != nil || len(q.Keys) > 0 && len(numbers) == 0 {
		return true, err
	}
	return q.among(x.open, numbers, fn), nil
}

// rowsOf are the rows that have a key of each list.
func (q *Query) rowsOf(with func(Key, []uint16) ([]uint16, error)) (numbers []uint16, err error) {
	for i, keys := range q.Keys {
		var some []uint16
		for _, k := range keys {
			if some, err = with(k, some); err != nil {
				return nil, err
			}
		}
		slices.Sort(some)
		some = slices.Compact(some)
		if i > 0 {
			some = slices.DeleteFunc(some, func(n uint16) bool { _, in := slices.BinarySearch(numbers, n); return !in })
		}
		if numbers = some; len(numbers) == 0 {
			return nil, nil
		}
	}
	return numbers, nil
}

// among calls fn with those of some rows, or of all when the query has no keys, that the query finds. It returns false once fn did.
func (q *Query) among(r *rows, numbers []uint16, fn func(*Hit) bool) bool {
	names, named := wanted(q.Names, r.names.words)
	sites, sited := wanted(q.Sites, r.sites.words)
	outcomes := make([]bool, len(r.outcomes))
	for i := range outcomes {
		outcomes[i] = q.Outcome == nil || q.Outcome(r.outcomes[i])
	}
	n := len(r.row)
	if len(q.Keys) > 0 {
		n = len(numbers)
	}
	var hit Hit
	for i := n - 1; i >= 0; i-- {
		at := i
		if len(q.Keys) > 0 {
			at = int(numbers[i])
		}
		one := &r.row[at]
		if one.name == goneName || named && !names[one.name] || sited && !sites[one.site] || !outcomes[one.outcomes] {
			continue
		}
		g := &r.groups[one.group]
		if g.Time.Before(q.Since) || !q.Until.IsZero() && !g.Time.Before(q.Until) {
			continue
		}
		hit = Hit{Group: *g, Index: int(one.index), Name: r.names.words[one.name], Site: r.sites.words[one.site], Outcomes: r.outcomes[one.outcomes]}
		if !fn(&hit) {
			return false
		}
	}
	return true
}

// wanted says by number which words of a list are asked for; asked is false when any is.
func wanted(words, all []string) (by []bool, asked bool) {
	if len(words) == 0 {
		return nil, false
	}
	by = make([]bool, len(all))
	for i, w := range all {
		by[i] = slices.Contains(words, w)
	}
	return by, true
}
