package history

import (
	"cmp"
	"slices"
	"time"
)

// Span is the counters that one process tells another about: those of some kinds, from a time on and before another, added up by
// steps.
type Span struct {
	Since time.Time     `json:"since"`
	Until time.Time     `json:"until"`
	Step  time.Duration `json:"step"`
	Kinds []Kind        `json:"kinds"`
}

// Extract returns what was counted, for Together of another process. It is not kept.
func (b *Book) Extract(s Span) ([]byte, error) {
	all := map[Key][]counted{}
	err := b.Read(s.Since, s.Until, func(k *Key) bool { return slices.Contains(s.Kinds, k.Kind) }, func(at time.Time, k *Key, count, value int64) {
		if at = at.Truncate(max(s.Step, time.Minute)); at.Before(s.Since) {
			at = s.Since
		}
		minute := minuteOf(at)
		list := all[*k]
		i, found := slices.BinarySearchFunc(list, minute, func(c counted, m int64) int { return cmp.Compare(c.minute, m) })
		if !found {
			list = slices.Insert(list, i, counted{minute: minute})
		}
		list[i].count += count
		list[i].value += value
		all[*k] = list
	})
	if err != nil {
		return nil, err
	}
	return pack(hourOf(s.Since), all), nil
}

// Counts are counters that can be read: those of one Book, or of several Together.
type Counts interface {
	Read(since, until time.Time, wanted func(*Key) bool, fn func(at time.Time, k *Key, count, value int64)) error
	Began() time.Time
	Damage() string
}

// Together is a Book with what other processes have counted in the same span.
type Together struct {
	*Book
	others [][]byte
	began  time.Time // zero: nobody else
}

// NewTogether is this process's own counts, without others.
func NewTogether(b *Book) *Together { return &Together{Book: b} }

// Add adds an Extract of a process that has counted since began. It reports whether it could be read.
func (t *Together) Add(extract []byte, began time.Time) bool {
	payload := frameAt(extract)
	if payload == nil || !unpack(payload, func(int64, Key, int64, int64) {}) {
		return false
	}
	t.others = append(t.others, payload)
	if t.began.IsZero() || began.Before(t.began) {
		t.began = began
	}
	return true
}

// Read is Book's, with what the others have counted: all of a span, which has to be the one that they were asked about.
func (t *Together) Read(since, until time.Time, wanted func(*Key) bool, fn func(at time.Time, k *Key, count, value int64)) error {
	if err := t.Book.Read(since, until, wanted, fn); err != nil {
		return err
	}
	for _, payload := range t.others {
		unpack(payload, func(minute int64, k Key, count, value int64) {
			if wanted(&k) {
				fn(time.Unix(minute*60, 0).UTC(), &k, count, value)
			}
		})
	}
	return nil
}

// Began is since when anybody has counted.
func (t *Together) Began() time.Time {
	own := t.Book.Began()
	if !t.began.IsZero() && t.began.Before(own) {
		return t.began
	}
	return own
}
