package history

import (
	"strings"

	"headgate/event"
)

// Marks are what else is counted of a visitor's signals.
type Marks uint8

// The marks.
const (
	GPC      Marks = 1 << iota // Global Privacy Control was sent
	Conflict                   // two signals disagreed
)

// MarksOf returns those of a record.
func MarksOf(r *event.Record) (m Marks) {
	for i := range r.Signals {
		if r.Signals[i].Source == event.FromGPC {
			m |= GPC
		}
	}
	if r.Conflict != (event.Conflict{}) {
		m |= Conflict
	}
	return m
}

// ConsentKey counts an event by what its visitor chose: Of is the country, Why the consent tool, What the state of each of the first
// purposes as "ads=granted analytics=denied", Detail "gpc", "conflict" or both.
func ConsentKey(site, tool string, r *event.Record, purposes int) Key {
	var what strings.Builder
	for i := range r.States[:min(purposes, len(r.States))] {
		if i > 0 {
			what.WriteByte(' ')
		}
		what.WriteString(r.States[i].Purpose + "=" + r.States[i].State)
	}
	var detail []string
	marks := MarksOf(r)
	if marks&GPC != 0 {
		detail = append(detail, "gpc")
	}
	if marks&Conflict != 0 {
		detail = append(detail, "conflict")
	}
	return Key{Kind: Consent, Site: site, Of: r.Country, Why: tool, What: what.String(), Detail: strings.Join(detail, " ")}
}

// EachPurpose calls fn with the purposes of a ConsentKey.
func EachPurpose(k *Key, fn func(purpose, state string)) {
	for word := range strings.FieldsSeq(k.What) {
		if purpose, state, ok := strings.Cut(word, "="); ok {
			fn(purpose, state)
		}
	}
}
