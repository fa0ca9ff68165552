// Package patterns is what personal data looks like in a text: addresses of e-mail and networks, phone numbers, cards, IBANs, tokens,
// however they are encoded, and the parts of URLs. It finds them (Search) and takes them out (Scrub, ScrubURL).
//
// It knows texts, and what keys of queries mean: no event, nobody's values, and no consent. It takes time in proportion to the texts it reads.
package patterns

import "strings"

// Looks are the kinds of bytes that a text has. Most texts of an event, and nearly all keys, have none of them, and so hold
// nothing that is looked for by its look.
type Looks uint8

// The kinds of bytes.
const (
	ADot     Looks = 1 << iota
	AColon         // of an IPv6 address, or of a URL
	AnEscape       // a percent sign, or a backslash
	ACapital       // of what is in base64
	ADigit
	anAt
	aJ // of a JSON web token
	aB // of a bearer token
)

// LookAt returns what kinds of bytes a text has.
func LookAt(s string) (has Looks) {
	for len(s) >= 4 { // every text of a hit passes here
		has |= looksTable[s[0]] | looksTable[s[1]] | looksTable[s[2]] | looksTable[s[3]]
		s = s[4:]
	}
	for i := range len(s) {
		has |= looksTable[s[i]]
	}
	return has
}

// The digits that each kind has at least.
const (
	phoneDigitsLeast = 8
	cardDigitsLeast  = 14
	ibanLength       = 15 // of digits and capitals
)

// LooksOf returns what kind of byte one is.
func LooksOf(c byte) Looks { return looksTable[c] }

var looksTable = func() (t [256]Looks) {
	t['.'], t[':'], t['%'], t['\\'], t['@'] = ADot, AColon, AnEscape, AnEscape, anAt
	for c := '0'; c <= '9'; c++ {
		t[c] = ADigit
	}
	for c := 'A'; c <= 'Z'; c++ {
		t[c] = ACapital
	}
	t['J'] |= aJ
	t['B'] |= aB
	return t
}()

// MaybePersonal reports whether personal data may be in a text that has such bytes. All of it has one of these, or a number of
// digits.
func (has Looks) MaybePersonal(length int) bool {
	return has&(anAt|AnEscape|aJ|aB) != 0 || has&ADigit != 0 && length > phoneDigitsLeast
}

// WordByte reports whether a byte is of a word: a letter, a digit or _.
func WordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// EndsWord reports whether a word that goes up to position i ends there.
func EndsWord(s string, i int) bool { return i == len(s) || !WordByte(s[i]) }

// RunOf returns how many bytes at the start of a text are in a class.
func RunOf(s string, in func(byte) bool) int {
	for i := range len(s) {
		if !in(s[i]) {
			return i
		}
	}
	return len(s)
}

// AddressByte are the bytes that addresses are written with.
var AddressByte = BytesThat(func(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF.:", c) >= 0 })

// BytesThat returns the table of a class of bytes.
func BytesThat(are func(byte) bool) (t [256]bool) {
	for c := range t {
		t[c] = are(byte(c))
	}
	return t
}
