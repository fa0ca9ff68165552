// Package count answers questions about what visitors did, as pure functions over their rows: sessions, funnels, paths, carts,
// campaigns, retention, searches and what is rising. docs/insight.md has the rules of counting, and its words are those used here.
//
// Each question is a counter: Add is called once per visitor with that visitor's rows in the order of their times, each event once,
// and then the counter has the answer. It promises to keep no rows. It never reads a clock, a file or a configuration.
package count

import (
	"encoding/binary"
	"strings"
)

// Row is one event of a visitor. Texts are symbols of one Symbols.
type Row struct {
	Visitor uint64 // a keyed hash of the client id; Unmeasured and Bot are nobody
	Time    int64  // when it happened, Unix milliseconds
	Value   int64  // in the smallest unit of its currency
	ID      uint32 // tells repeated events apart; 0 is not known

	Site, Event, Page, Referrer, Source, Medium, Campaign, Country, Device, Currency, Order, Term, Items uint32
}

// Rows that are about nobody.
const (
	Unmeasured uint64 = iota // consent to analytics was refused
	Bot
	FirstVisitor // the least number that is a visitor's
)

// VisitorOf shortens a keyed hash to a visitor's number.
func VisitorOf(hash []byte) uint64 { return max(binary.BigEndian.Uint64(hash), FirstVisitor) }

// Symbols are texts by number; "" is 0.
type Symbols struct {
	ids   map[string]uint32
	texts []string
}

// NewSymbols returns a table with no text but "".
func NewSymbols() *Symbols {
	return &Symbols{ids: map[string]uint32{"": 0}, texts: []string{""}}
}

// ID returns the number of a text, given one if necessary.
func (s *Symbols) ID(text string) uint32 {
	if id, ok := s.ids[text]; ok {
		return id
	}
	text = strings.Clone(text) // it may be a part of something large
	id := uint32(len(s.texts))
	s.ids[text] = id
	s.texts = append(s.texts, text)
	return id
}

// Find returns the number of a text, and false when no row can have it.
func (s *Symbols) Find(text string) (uint32, bool) {
	id, ok := s.ids[text]
	return id, ok
}

// Text returns the text of a number.
func (s *Symbols) Text(id uint32) string { return s.texts[id] }

// Texts returns all texts so far by their numbers. The list must not be changed; texts that come later are not in it.
func (s *Symbols) Texts() []string { return s.texts[:len(s.texts):len(s.texts)] }

// Column is one column of texts.
type Column uint8

// The columns of texts.
const (
	Site Column = iota
	Event
	Page
	Referrer
	Source
	Medium
	Campaign
	Country
	Device
	Currency
	Order
	Term
	Items
	Columns // how many there are
)

// At returns where a row keeps a column.
func (r *Row) At(c Column) *uint32 {
	switch c {
	case Site:
		return &r.Site
	case Event:
		return &r.Event
	case Page:
		return &r.Page
	case Referrer:
		return &r.Referrer
	case Source:
		return &r.Source
	case Medium:
		return &r.Medium
	case Campaign:
		return &r.Campaign
	case Country:
		return &r.Country
	case Device:
		return &r.Device
	case Currency:
		return &r.Currency
	case Order:
		return &r.Order
	case Term:
		return &r.Term
	case Items:
		return &r.Items
	}
	panic("BUG: no such column")
}

// Hour and Day are lengths of time in milliseconds.
const (
	Hour int64 = 60 * 60 * 1000
	Day        = 24 * Hour
)

// Period is a span of time in Unix milliseconds: Since belongs to it, Until does not.
type Period struct{ Since, Until int64 }

// Has reports whether a time is within the period.
func (p Period) Has(t int64) bool { return t >= p.Since && t < p.Until }

// Set is a set of symbols.
type Set map[uint32]bool
