package iab

import (
	"strconv"
	"strings"
)

// The sections of a GPP string that are no sections of a US state.
const (
	SectionTCFEU = 2
	SectionTCFCA = 5
	SectionUSP   = 6
	SectionUSNat = 7
)

// maxSections bounds the sections of a string; there are about thirty.
const maxSections = 64

// IsUSSection reports whether a section holds opt-outs of the United States.
func IsUSSection(id int) bool { return id >= SectionUSP }

// SectionName returns the specification's name of a section: usca.
func SectionName(id int) string {
	switch id {
	case SectionTCFEU:
		return "tcfeu"
	case SectionTCFCA:
		return "tcfca"
	case SectionUSP:
		return "usp"
	}
	if l := layouts[id]; l != nil {
		return l.name
	}
	return "section " + strconv.Itoa(id)
}

// ParseGPP takes a string apart. Sections that are not known are kept as they are; a count that differs from the header's
// makes the whole invalid. why says so; the ids are then those of a header that can be read, nil without one, and sections
// are empty where they are missing, all of them when there are too many to tell which is which.
func ParseGPP(s string) (ids []int, sections []string, why string) {
	head, rest, found := strings.Cut(s, "~")
	switch {
	case len(s) > MaxLength:
		return nil, nil, "too long"
	case len(head) < 2 || head[0] != 'D':
		return nil, nil, "no GPP string"
	}
	ids, ok := gppHeader(bitText(head))
	if !ok {
		return nil, nil, "its header is damaged"
	}
	if found {
		sections = strings.SplitN(rest, "~", maxSections+1)
	}
	if len(sections) != len(ids) {
		why = "its header lists " + strconv.Itoa(len(ids)) + " sections, it has " + strconv.Itoa(len(sections))
		found := sections
		sections = make([]string, len(ids))
		if len(found) < len(ids) {
			copy(sections, found)
		}
	}
	return ids, sections, why
}

// gppHeader reads 6 bits type (3), 6 bits version (1), and the ids as a Fibonacci range: each number is the distance from
// the last one.
func gppHeader(b bitText) (ids []int, ok bool) {
	if !b.valid() || b.len() < 24 || b.uint(0, 6) != 3 || b.uint(6, 6) != 1 {
		return nil, false
	}
	count, at, last := int(b.uint(12, 12)), 24, 0
	for range count {
		isRange := b.bool(at)
		first, next, ok := b.fibonacci(at + 1)
		if !ok {
			return nil, false
		}
		at, last = next, last+first
		end := last
		if isRange {
			var more int
			if more, at, ok = b.fibonacci(at); !ok {
				return nil, false
			}
			end += more
		}
		for ; last <= end; last++ {
			if len(ids) == maxSections {
				return nil, false
			}
			ids = append(ids, last)
		}
		last = end
	}
	return ids, true
}
