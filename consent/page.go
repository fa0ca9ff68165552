package consent

import (
	"strings"

	"headgate/consent/cmp"
	"headgate/consent/google"
)

// pageFormat is what the page itself states with an event, per purpose. It is a person's answer unless it states a basis
// other than choice, such as `basis: default`.
var pageFormat = format{source: familyEvent, family: familyEvent, read: readPage}

// readPage reads one statement; the several of one event become one reading.
func readPage(r *reader, s reading) {
	key, value := s.name, s.value
	if strings.EqualFold(key, "basis") {
		return
	}
	var page *reading
	for i := range r.readings {
		if r.readings[i].source == familyEvent {
			page = &r.readings[i]
		}
	}
	if page == nil {
		s.name, s.value = "consent of the event", ""
		if r.byDefault() {
			s.presets, s.value = ^set(0), "basis="+byDefault
		}
		r.add(s)
		page = &r.readings[len(r.readings)-1]
	}
	if page.value != "" {
		page.value += " "
	}
	page.value += key + "=" + value
	yes, ok := cmp.Truth(value)
	purposes := r.policy.purposesOf(r.policy.maps[familyEvent], key, key)
	if of, _, nested := strings.Cut(key, "."); nested && purposes == 0 {
		// A part of a statement, such as ads.granted, is one about ads that cannot be understood.
		purposes, yes, ok = r.policy.purposesOf(r.policy.maps[familyEvent], of, of), false, false
	}
	tail := ""
	if !ok {
		// A statement that cannot be understood is no grant; its author wanted to restrict something.
		tail = ", which is neither true nor false"
	}
	switch t := google.TypeOf(key); {
	case t != 0:
		page.setType(r.policy, t, yes, key+"="+value, tail)
	case purposes == 0:
		page.says = joined(page.says, key+" is no purpose of this site")
	default:
		page.set(purposes, yes, key+"="+value, tail)
	}
}

// byDefault reports whether the page says that its statement rests on anything but a person's choice.
func (r *reader) byDefault() bool {
	for _, one := range r.in.all() {
		if one.format.source == familyEvent && strings.EqualFold(one.name, "basis") && !strings.EqualFold(one.value, byChoice) {
			return true
		}
	}
	return false
}
