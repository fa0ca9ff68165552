package identity

import "encoding/base64"

// Appendix is what Meta's libraries write behind a value: base64url of a version, the library's language, what became of the
// value, and the library's own version in three bytes.
type Appendix [6]byte

// What became of a value.
const (
	Unchanged byte = 0
	NetNew    byte = 2
	Modified  byte = 3
)

// ParseAppendix reads the eight characters; what became of a value is not looked at.
func ParseAppendix(s string) (a Appendix, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) != len(a) || raw[0] != 1 {
		return a, false
	}
	return Appendix(raw), true
}
