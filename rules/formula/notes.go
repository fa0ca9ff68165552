package formula

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Note has functions say in notes what they changed or left out for a vendor's sake, each thing once and without personal
// data. nil ends it.
func (m *Machine) Note(notes *[]string) { m.notes = notes }

func (m *Machine) Notef(form string, args ...any) {
	if m.notes == nil {
		return
	}
	if said := fmt.Sprintf(form, args...); !slices.Contains(*m.notes, said) {
		*m.notes = append(*m.notes, said)
	}
}

// Clip returns the first most characters of a text and notes when that is not all of it.
func (m *Machine) Clip(name, s string, most int) string {
	if len(s) <= most || most < 0 || utf8.RuneCountInString(s) <= most {
		return s
	}
	m.Notef("%s is cut to %d characters, the most that the vendor takes", name, most)
	at := 0
	for i := range s {
		if at == most {
			return s[:i]
		}
		at++
	}
	return s
}

// Renamed notes that something goes under another name, or, where there is none, not at all.
func (m *Machine) Renamed(from, to string) {
	switch {
	case m.notes == nil || from == to:
	case to == "":
		m.Notef("%q is left out: the vendor does not take such a name", from)
	default:
		m.Notef("%q is named %q, since the vendor does not take such a name", from, to)
	}
}
