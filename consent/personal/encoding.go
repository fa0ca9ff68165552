package personal

import (
	"fmt"
	"strings"
)

// The bytes of base64 in its standard and its URL alphabet, which are also those of hex; the bytes of a text that is
// percent-encoded as one part of an address, and of one that may have several parts.
var (
	stdByte  = bytesThat(func(c byte) bool { return c != '_' && wordByte(c) || c == '+' || c == '/' })
	safeByte = bytesThat(func(c byte) bool { return wordByte(c) || c == '-' })
	partByte = bytesThat(func(c byte) bool { return strings.IndexByte("&=?#/ ;,\"'<>(){}|\n\t", c) < 0 })

	pieceByte = bytesThat(func(c byte) bool { return strings.IndexByte("&?#/ \"<>\n\t", c) < 0 })
)

// eachRun passes each longest part of a text that consists of the given bytes through a function.
func eachRun(s string, of *[256]bool, fn func(run string) string) string {
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

// maxNesting is how many times a value is decoded to find personal data in it.
const maxNesting = 2

// escape percent-encodes an address as a value in a query.
func escape(s string) string {
	const plainBytes = "-._~:/[]"
	var out strings.Builder
	for i := range len(s) {
		if wordByte(s[i]) || strings.IndexByte(plainBytes, s[i]) >= 0 {
			out.WriteByte(s[i])
		} else {
			fmt.Fprintf(&out, "%%%02X", s[i])
		}
	}
	return out.String()
}
