package access

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Book is where the audit list is written down. Append returns when the line is on disk; Each calls fn with the lines, oldest
// first, until it says false.
type Book interface {
	Append(line []byte) error
	Each(fn func(line []byte) bool) error
	Damage() string // what was wrong with its files at the start, in words
}

// Line says who did what, or looked at whom. It holds no contact data and no event's content.
type Line struct {
	N      int            `json:"n"` // counts the lines, also those that were removed with age
	Time   time.Time      `json:"time"`
	Who    string         `json:"who"` // "" for nobody who is known
	Roles  []string       `json:"roles,omitempty"`
	From   string         `json:"from,omitempty"` // address
	Action string         `json:"action"`
	About  string         `json:"about,omitempty"` // a destination, file, event id, or a person as a keyed hash
	Why    string         `json:"why,omitempty"`
	Status int            `json:"status"` // of HTTP
	Detail map[string]any `json:"detail,omitempty"`
}

// Trail is the audit list.
type Trail struct {
	book Book
	now  func() time.Time

	mu   sync.Mutex
	last int // N of the last line
}

// NewTrail goes on with what a book says.
func NewTrail(book Book, now func() time.Time) (*Trail, error) {
	t := &Trail{book: book, now: now}
	err := book.Each(func(line []byte) bool {
		var l Line
		if json.Unmarshal(line, &l) == nil {
			t.last = max(t.last, l.N)
		}
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("read the audit list: %w", err)
	}
	return t, nil
}

// mostText bounds what one text of a line holds.
const mostText = 500

// Add writes a line and returns when it is on disk.
func (t *Trail) Add(l *Line) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	l.N, l.Time = t.last+1, t.now().UTC().Truncate(time.Millisecond)
	for _, text := range []*string{&l.Who, &l.About, &l.Why} {
		*text = strings.ToValidUTF8((*text)[:min(len(*text), mostText)], "")
	}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if err := t.book.Append(text); err != nil {
		return err
	}
	t.last = l.N
	return nil
}

// Filter picks lines; the zero value picks all.
type Filter struct {
	Since, Until time.Time
	Who          string
	Action       string // one, or all that begin with it and a dot
	About        string
	Before       int // N: only older ones
	Limit        int // the most lines, 0 for no limit
}

func (f *Filter) picks(l *Line) bool {
	switch {
	case f.Before > 0 && l.N >= f.Before,
		!f.Since.IsZero() && l.Time.Before(f.Since),
		!f.Until.IsZero() && !l.Time.Before(f.Until),
		f.Who != "" && l.Who != f.Who,
		f.Action != "" && l.Action != f.Action && !strings.HasPrefix(l.Action, f.Action+"."),
		f.About != "" && l.About != f.About:
		return false
	}
	return true
}

// Lines returns the newest lines that f picks, newest first, and whether there are more.
func (t *Trail) Lines(f Filter) (lines []Line, more bool, err error) {
	err = t.book.Each(func(text []byte) bool {
		var l Line
		if json.Unmarshal(text, &l) != nil || !f.picks(&l) {
			return true
		}
		if f.Limit > 0 && len(lines) == f.Limit {
			more = true
			copy(lines, lines[1:])
			lines = lines[:f.Limit-1]
		}
		lines = append(lines, l)
		return true
	})
	for i, k := 0, len(lines)-1; i < k; i, k = i+1, k-1 {
		lines[i], lines[k] = lines[k], lines[i]
	}
	return lines, more, err
}

// Damage is what was wrong with the list at the start, in words.
func (t *Trail) Damage() string { return t.book.Damage() }
