package event

// IsLetter reports whether a byte is a letter of ASCII.
func IsLetter(c byte) bool { return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' }

// IsDigit reports whether a byte is a decimal digit.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// IsDigits reports whether a text consists of decimal digits, of at least one.
func IsDigits(s string) bool { return s != "" && leadingDigits(s) == len(s) }

// leadingDigits returns how many decimal digits a text begins with.
func leadingDigits(s string) (n int) {
	for n < len(s) && IsDigit(s[n]) {
		n++
	}
	return n
}
