package signals

import (
	"strings"

	"headgate/consent/cmp"
	"headgate/consent/google"
	"headgate/event"
)

// pageFormat is what the page itself states with an event, per purpose. It is a person's answer unless it states a basis
// other than choice, such as `basis: default`.
var pageFormat = Format{source: FamilyEvent, family: FamilyEvent, read: readPage}

// readPage reads one statement; the several of one event become one reading.
func readPage(r *reader, s Reading) {
	key, value := s.Name, s.Value
	if strings.EqualFold(key, "basis") {
		return
	}
	var page *Reading
	for i := range r.readings {
		if r.readings[i].Source == FamilyEvent {
			page = &r.readings[i]
		}
	}
	if page == nil {
		s.Name, s.Value = "consent of the event", ""
		if r.byDefault() {
			s.Presets, s.Value = ^PurposeSet(0), "basis="+event.ByDefault
		}
		r.add(s)
		page = &r.readings[len(r.readings)-1]
	}
	if page.Value != "" {
		page.Value += " "
	}
	page.Value += key + "=" + value
	yes, ok := cmp.Truth(value)
	purposes := r.words.purposesOf(r.words.Maps[FamilyEvent], key, key)
	if of, _, nested := strings.Cut(key, "."); nested && purposes == 0 {
		// A part of a statement, such as ads.granted, is one about ads that cannot be understood.
		purposes, yes, ok = r.words.purposesOf(r.words.Maps[FamilyEvent], of, of), false, false
	}
	tail := ""
	if !ok {
		// A statement that cannot be understood is no grant; its author wanted to restrict something.
		tail = ", which is neither true nor false"
	}
	switch t := google.TypeOf(key); {
	case t != 0:
		page.setType(r.words, t, yes, key+"="+value, tail)
	case purposes == 0:
		page.says = joined(page.says, key+" is no purpose of this site")
	default:
		page.set(purposes, yes, key+"="+value, tail)
	}
}

// byDefault reports whether the page says that its statement rests on anything but a person's choice.
func (r *reader) byDefault() bool {
	for _, one := range r.in.All() {
		if one.Format.source == FamilyEvent && strings.EqualFold(one.Name, "basis") && !strings.EqualFold(one.Value, event.ByChoice) {
			return true
		}
	}
	return false
}
