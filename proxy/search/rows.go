package search

import (
	"cmp"
	"slices"
	"strings"
)

const (
	mostRows     = 1 << 16 // of a segment: a row's number has 16 bits
	largestGroup = 256     // events of a group of the log
	goneName     = 0xffff  // the name of a row that was taken out
)

// row is an event, by numbers in the lists of its rows.
type row struct{ group, index, name, site, outcomes uint16 }

// posting is a key and the row that has it.
type posting struct {
	key Key
	row uint16
}

// rows are the events of a stretch of the log.
type rows struct {
	groups   []Group
	row      []row
	postings []posting // sorted once sealed

	writers, names, sites list
	outcomes              [][]Outcome
	byOutcomes            map[string]uint16
}

// list is words by their numbers.
type list struct {
	words []string
	by    map[string]uint16
}

func (l *list) number(word string) uint16 {
	if n, known := l.by[word]; known {
		return n
	}
	if len(l.words) == goneName-1 {
		return l.number("") // there cannot be as many names
	}
	if l.by == nil {
		l.by = map[string]uint16{}
		for i, w := range l.words {
			l.by[w] = uint16(i)
		}
		return l.number(word)
	}
	word = string([]byte(word)) // it may be a part of something large
	l.by[word] = uint16(len(l.words))
	l.words = append(l.words, word)
	return uint16(len(l.words) - 1)
}

func newRows() *rows {
	r := &rows{byOutcomes: map[string]uint16{}}
	r.names.number("") // the first, also of what has no room
	return r
}

func (r *rows) add(g Group, entries []Entry) {
	g.Writer = r.writers.kept(g.Writer)
	r.groups = append(r.groups, g)
	for i := range entries[:min(len(entries), mostRows-len(r.row))] {
		e := &entries[i]
		for _, k := range e.Keys {
			r.postings = append(r.postings, posting{k, uint16(len(r.row))})
		}
		r.row = append(r.row, row{uint16(len(r.groups) - 1), uint16(e.Index), r.names.number(e.Name), r.sites.number(e.Site), r.outcomesNumber(e.Outcomes)})
	}
}

// kept returns the word as the list holds it.
func (l *list) kept(word string) string { return l.words[l.number(word)] }

func (r *rows) outcomesNumber(outcomes []Outcome) uint16 {
	var room [512]byte
	b := room[:0]
	for i := range outcomes {
		o := &outcomes[i]
		b = append(append(append(append(append(append(b, o.Destination...), 0), o.State...), 0), o.Reason...), 0)
	}
	if n, known := r.byOutcomes[string(b)]; known {
		return n
	}
	kept := slices.Clone(outcomes)
	for i := range kept {
		kept[i] = Outcome{strings.Clone(kept[i].Destination), strings.Clone(kept[i].State), strings.Clone(kept[i].Reason)}
	}
	n := uint16(min(len(r.outcomes), mostRows-1))
	if len(r.outcomes) < mostRows {
		r.outcomes = append(r.outcomes, kept)
	}
	r.byOutcomes[string(b)] = n
	return n
}

// with appends the rows that have a key, in order.
func (r *rows) with(key Key, to []uint16) []uint16 {
	for i := range r.postings {
		if r.postings[i].key == key {
			to = append(to, r.postings[i].row)
		}
	}
	return to
}

// withAny are the rows that have one of the keys.
func (r *rows) withAny(keys []Key) (found []uint16) {
	for _, k := range keys {
		found = r.with(k, found)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// remove takes rows out: no key leads to them, and they have no name.
func (r *rows) remove(gone []uint16) {
	if len(gone) == 0 {
		return
	}
	out := map[uint16]bool{}
	for _, n := range gone {
		out[n] = true
		r.row[n].name = goneName
	}
	r.postings = slices.DeleteFunc(r.postings, func(p posting) bool { return out[p.row] })
}

func (r *rows) sortPostings() {
	slices.SortFunc(r.postings, func(a, b posting) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.row, b.row)) })
}
