// Package normalise writes contact data as vendors do before they hash it.
//
// Vendors compare people by the hash of an address, a name or a number, so all that matters is to write it exactly as they
// do. Each kind of data has a form for vendors of whom no other is known, and variants named after a vendor where that
// vendor's form differs. "meta" is Meta's newest library (capi-param-builder), "meta_sdk" its Python business SDK; the two
// disagree. A value that arrives hashed (64 hex digits) stays, in lower case; a value that cannot be one yields "", so that
// nothing is sent rather than the hash of nothing.
package normalise

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// Hashed reports whether a value is a SHA-256 in hex already.
func Hashed(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// UnlessHashed returns a hash in lower case, and what form makes of everything else.
func UnlessHashed(s string, form func(string) string) string {
	if trimmed := strings.TrimSpace(s); Hashed(trimmed) {
		return strings.ToLower(trimmed)
	}
	return form(s)
}

// keep returns the characters of s for which ok says so.
func keep(s string, ok func(rune) bool) string {
	return strings.Map(func(c rune) rune {
		if ok(c) {
			return c
		}
		return -1
	}, s)
}

// small returns the characters of s in lower case for which ok says so then. Contact data is mostly ASCII and short.
func small(s string, ok func(rune) bool) string {
	var short [64]byte
	kept := short[:0]
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			return keep(Lowered(s), ok)
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		if ok(rune(c)) {
			kept = append(kept, c)
		}
	}
	if string(kept) == s {
		return s
	}
	return string(kept)
}

// Lowered writes lower case as vendors' libraries in JavaScript, Python and Java do, which follow Unicode in full: a
// sigma that ends a word becomes ς, and İ keeps its dot as a mark of its own.
func Lowered(s string) string { return cases.Lower(language.Und).String(s) }

// IsDigit reports whether c is one of 0 to 9.
func IsDigit(c rune) bool { return c >= '0' && c <= '9' }

// CurrencyCode returns the three capitals of a currency, "" for anything else.
func CurrencyCode(s string) string {
	s = strings.ToUpper(keep(s, IsASCIILetter))
	if len(s) != 3 {
		return ""
	}
	return s
}

// isLetter counts marks on letters too.
func isLetter(c rune) bool { return unicode.IsLetter(c) || unicode.IsMark(c) }

// IsASCIILetter reports whether c is one of a to z and A to Z.
func IsASCIILetter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isASCIIPunctuation(c rune) bool {
	return c > ' ' && c < unicode.MaxASCII && !IsASCIILetter(c) && !IsDigit(c)
}

// isSpace is what vendors' libraries count as white space: Unicode's, and the invisible mark that begins some files.
func isSpace(c rune) bool { return unicode.IsSpace(c) || c == '\ufeff' }

func notSpace(c rune) bool { return !isSpace(c) }
