package patterns

import (
	"fmt"
	"strings"
)

// The bytes of base64 in its standard and its URL alphabet, which are also those of hex; the bytes of a text that is
// percent-encoded as one part of an address, and of one that may have several parts.
var (
	StdByte  = BytesThat(func(c byte) bool { return c != '_' && WordByte(c) || c == '+' || c == '/' })
	SafeByte = BytesThat(func(c byte) bool { return WordByte(c) || c == '-' })
	PartByte = BytesThat(func(c byte) bool { return strings.IndexByte("&=?#/ ;,\"'<>(){}|\n\t", c) < 0 })

	PieceByte = BytesThat(func(c byte) bool { return strings.IndexByte("&?#/ \"<>\n\t", c) < 0 })
)

// EachRun passes each longest part of a text that consists of the given bytes through a function.
func EachRun(s string, of *[256]bool, fn func(run string) string) string {
	var out strings.Builder
	from := 0
	for i := 0; i < len(s); {
		if !of[s[i]] {
			i++
			continue
		}
		start := i
		for i < len(s) && of[s[i]] {
			i++
		}
		run := s[start:i]
		if clean := fn(run); clean != run {
			out.WriteString(s[from:start])
			out.WriteString(clean)
			from = i
		}
	}
	if from == 0 {
		return s
	}
	out.WriteString(s[from:])
	return out.String()
}

// MaxNesting is how many times a value is decoded to find personal data in it.
const MaxNesting = 2

// Escape percent-encodes an address as a value in a query.
func Escape(s string) string {
	const plainBytes = "-._~:/[]"
	var out strings.Builder
	for i := range len(s) {
		if WordByte(s[i]) || strings.IndexByte(plainBytes, s[i]) >= 0 {
			out.WriteByte(s[i])
		} else {
			fmt.Fprintf(&out, "%%%02X", s[i])
		}
	}
	return out.String()
}
