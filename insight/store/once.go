package store

import (
	"cmp"
	"slices"

	"headgate/insight/count"
)

// once puts a visitor's rows in the order of their times, and leaves out those that say an event again: of one id, name and day
// the first stays.
func once(rows []count.Row) []count.Row {
	for i := 1; i < len(rows); i++ {
		if rows[i].Time < rows[i-1].Time {
			slices.SortStableFunc(rows, func(a, b count.Row) int { return cmp.Compare(a.Time, b.Time) })
			break
		}
	}
	if len(rows) > 64 {
		return onceOfMany(rows)
	}
	kept := 0
	for i := range rows {
		if saidBefore(rows[:kept], &rows[i]) {
			continue
		}
		if kept != i {
			rows[kept] = rows[i]
		}
		kept++
	}
	return rows[:kept]
}

// saidBefore reports whether an event is among some rows.
func saidBefore(rows []count.Row, r *count.Row) bool {
	if r.ID == 0 {
		return false
	}
	for k := range rows {
		if rows[k].ID == r.ID && keyOf(&rows[k]) == keyOf(r) {
			return true
		}
	}
	return false
}

type key struct {
	id, event uint32
	day       int64
}

func keyOf(r *count.Row) key { return key{r.ID, r.Event, dayOf(r.Time)} }

func onceOfMany(rows []count.Row) []count.Row {
	seen := make(map[key]bool, len(rows))
	kept := rows[:0]
	for _, r := range rows {
		if k := keyOf(&r); r.ID == 0 || !seen[k] {
			seen[k] = true
			kept = append(kept, r)
		}
	}
	return kept
}
