package store

import (
	"cmp"
	"slices"
	"time"

	"headgate/insight/count"
)

// memory is rows that are in no file yet: a few runs, each sorted as a file is, older ones first. A run that is there does not change, so
// that readers need no copy.
type memory struct {
	symbols  *count.Symbols
	runs     [][]count.Row
	size     int       // rows in all runs
	position uint64    // how far in the log they reach
	since    time.Time // when the first was added
	days     map[int64]bool
}

func newMemory(position uint64) *memory {
	return &memory{symbols: count.NewSymbols(), position: position, days: map[int64]bool{}}
}

// add adds a run, and merges runs until each is more than twice as long as the next: so there are few, and a row is copied a few times.
func (m *memory) add(records []Record, now time.Time) {
	if m.size == 0 {
		m.since = now
	}
	run := make([]count.Row, len(records))
	for i := range records {
		run[i] = records[i].row(m.symbols)
		m.days[dayOf(run[i].Time)] = true
	}
	inOrder(run)
	m.runs, m.size = append(m.runs, run), m.size+len(run)
	for n := len(m.runs); n > 1 && len(m.runs[n-2]) <= 2*len(m.runs[n-1]); n-- {
		m.runs = append(slices.Clone(m.runs[:n-2]), mergeRuns(m.runs[n-2], m.runs[n-1]))
	}
}

// whole returns all rows, sorted.
func (m *memory) whole() []count.Row {
	var all []count.Row
	for _, run := range slices.Backward(m.runs) {
		all = mergeRuns(run, all)
	}
	return all
}

// remove removes the rows that drop names.
func (m *memory) remove(drop func(r *count.Row) bool) {
	runs := make([][]count.Row, len(m.runs))
	m.size = 0
	for i, run := range m.runs {
		runs[i] = slices.DeleteFunc(slices.Clone(run), func(r count.Row) bool { return drop(&r) })
		m.size += len(runs[i])
	}
	m.runs = runs
}

// mergeRuns merges two sorted runs; of equal rows those of the older one come first.
func mergeRuns(older, newer []count.Row) []count.Row {
	out := make([]count.Row, 0, len(older)+len(newer))
	for len(older) > 0 && len(newer) > 0 {
		from := &older
		if before(&newer[0], &older[0]) {
			from = &newer
		}
		out, *from = append(out, (*from)[0]), (*from)[1:]
	}
	return append(append(out, older...), newer...)
}

func before(a, b *count.Row) bool {
	return a.Visitor < b.Visitor || a.Visitor == b.Visitor && a.Time < b.Time
}

// inOrder sorts rows by visitor and time; those of equal times stay as they are.
func inOrder(rows []count.Row) {
	slices.SortStableFunc(rows, func(a, b count.Row) int {
		return cmp.Or(cmp.Compare(a.Visitor, b.Visitor), cmp.Compare(a.Time, b.Time))
	})
}

// view is what a reader sees of memory; it does not change.
type view struct {
	runs  [][]count.Row
	texts []string
}

func (m *memory) view() view { return view{m.runs, m.symbols.Texts()} }

// sources reads the runs.
func (v view) sources(q *Query, s *count.Symbols) (list []*memorySource) {
	known := make([]uint32, len(v.texts))
	for _, run := range v.runs {
		if len(run) > 0 {
			list = append(list, &memorySource{rows: run, texts: v.texts, period: q.Period, nobody: q.Nobody, symbols: s, known: known})
		}
	}
	return list
}

// memorySource reads rows in memory.
type memorySource struct {
	rows    []count.Row // sorted
	texts   []string
	period  count.Period
	nobody  bool
	symbols *count.Symbols
	known   []uint32 // symbol there → symbol here + 1
	at      int
}

func (m *memorySource) visitor() (uint64, bool) {
	for m.at < len(m.rows) && !m.nobody && m.rows[m.at].Visitor < count.FirstVisitor {
		m.at++
	}
	if m.at == len(m.rows) {
		return 0, false
	}
	return m.rows[m.at].Visitor, true
}

func (m *memorySource) take(to []count.Row) ([]count.Row, error) {
	visitor := m.rows[m.at].Visitor
	for n := 0; m.at < len(m.rows) && m.rows[m.at].Visitor == visitor; n++ {
		if visitor < count.FirstVisitor && n == nobodyRows {
			break
		}
		r := m.rows[m.at]
		m.at++
		if !m.period.Has(r.Time) {
			continue
		}
		for c := range count.Columns {
			at := r.At(c)
			*at = m.symbol(*at)
		}
		to = append(to, r)
	}
	return to, nil
}

func (m *memorySource) symbol(theirs uint32) uint32 {
	if m.known[theirs] == 0 {
		m.known[theirs] = m.symbols.ID(m.texts[theirs]) + 1
	}
	return m.known[theirs] - 1
}

func (m *memorySource) close() error { return nil }
