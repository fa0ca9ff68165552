package wire

import "strings"

// Unescape undoes percent-encoding and turns "+" into a space. It never fails: a broken escape stays as it is. A text
// without escapes is returned itself.
func Unescape(s string) string {
	i := FindEscape(s)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; i >= 0; i = FindEscape(s) {
		s = UnescapeFirst(&b, s, i)
	}
	b.WriteString(s)
	return b.String()
}

// UnescapePercent undoes percent-encoding and leaves "+" alone, which base64 uses. Otherwise it is Unescape.
func UnescapePercent(s string) string {
	i := strings.IndexByte(s, '%')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; i >= 0; i = strings.IndexByte(s, '%') {
		s = UnescapeFirst(&b, s, i)
	}
	b.WriteString(s)
	return b.String()
}

// FindEscape returns where the first "%" or "+" of a text is, -1 where there is none.
func FindEscape(s string) int {
	for i := range len(s) {
		if s[i] == '%' || s[i] == '+' {
			return i
		}
	}
	return -1
}

// UnescapeFirst writes s to b up to its escape at position i and what that stands for, and returns the rest of s.
func UnescapeFirst(b *strings.Builder, s string, i int) (rest string) {
	b.WriteString(s[:i])
	if s[i] == '+' {
		b.WriteByte(' ')
		return s[i+1:]
	}
	if c, ok := escapedByte(s[i:]); ok {
		b.WriteByte(c)
		return s[i+3:]
	}
	b.WriteByte(s[i])
	return s[i+1:]
}

// escapedByte returns the byte that the first three of s stand for, when they are a "%" and two hexadecimal digits.
func escapedByte(s string) (c byte, ok bool) {
	if len(s) < 3 || s[0] != '%' || HexDigit(s[1]) < 0 || HexDigit(s[2]) < 0 {
		return 0, false
	}
	return byte(HexDigit(s[1]))<<4 | byte(HexDigit(s[2])), true
}

// HexDigit is the value of a hexadecimal digit, -1 for every other byte.
func HexDigit(c byte) int8 { return hexValues[c] }

var hexValues = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i := range int8(10) {
		t['0'+i] = i
	}
	for i := range int8(6) {
		t['a'+i], t['A'+i] = 10+i, 10+i
	}
	return t
}()
