package personal

import "strings"

// looks are the kinds of bytes that a text has. Most texts of an event, and nearly all keys, have none of them, and so hold
// nothing that is looked for by its look.
type looks uint8

const (
	aDot     looks = 1 << iota
	aColon         // of an IPv6 address, or of a URL
	anEscape       // a percent sign, or a backslash
	aCapital       // of what is in base64
	aDigit
	anAt
	aJ // of a JSON web token
	aB // of a bearer token
)

// lookAt returns what kinds of bytes a text has.
func lookAt(s string) (has looks) {
	for i := range len(s) {
		has |= looksOf[s[i]]
	}
	return has
}

var looksOf = func() (t [256]looks) {
	t['.'], t[':'], t['%'], t['\\'], t['@'] = aDot, aColon, anEscape, anEscape, anAt
	for c := '0'; c <= '9'; c++ {
		t[c] = aDigit
	}
	for c := 'A'; c <= 'Z'; c++ {
		t[c] = aCapital
	}
	t['J'] |= aJ
	t['B'] |= aB
	return t
}()

// maybePersonal reports whether personal data may be in a text that has such bytes. All of it has one of these, or a number of
// digits.
func (has looks) maybePersonal(length int) bool {
	return has&(anAt|anEscape|aJ|aB) != 0 || has&aDigit != 0 && length > phoneDigitsLeast
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// endsWord reports whether a word that goes up to position i ends there.
func endsWord(s string, i int) bool { return i == len(s) || !wordByte(s[i]) }

func runOf(s string, in func(byte) bool) int {
	for i := range len(s) {
		if !in(s[i]) {
			return i
		}
	}
	return len(s)
}

// addressByte are the bytes that addresses are written with.
var addressByte = bytesThat(func(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF.:", c) >= 0 })

func bytesThat(are func(byte) bool) (t [256]bool) {
	for c := range t {
		t[c] = are(byte(c))
	}
	return t
}
