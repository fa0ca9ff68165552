package iab

import (
	"strings"
	"time"
)

// Canada is the Canadian TCF section of a GPP string. Express consent is an answer, implied consent is a default.
type Canada struct {
	Express, Implied uint32 // purposes, bit n-1 for purpose n
	Updated          time.Time
}

// ParseCanada reads the section; ok is false for anything else.
func ParseCanada(text string) (c Canada, ok bool) {
	core, _, _ := strings.Cut(text, ".")
	b := bitText(strings.TrimRight(core, "="))
	if !b.valid() || b.len() < 199 || b.uint(0, 6) > 2 || b.uint(0, 6) == 0 {
		return c, false
	}
	return Canada{Express: b.mask24(151), Implied: b.mask24(175), Updated: deciseconds(b.uint(42, 36))}, true
}
