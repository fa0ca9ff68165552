// Package wire reads the small texts that requests are made of: queries, percent signs, cookies, addresses of pages, codes of
// countries. It takes any bytes, allocates only where a text has to change, and knows neither events nor requests.
package wire

// IsLetter reports whether a byte is a letter of ASCII.
func IsLetter(c byte) bool { return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' }

// IsDigit reports whether a byte is a decimal digit.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// IsDigits reports whether a text consists of decimal digits, of at least one.
func IsDigits(s string) bool { return s != "" && LeadingDigits(s) == len(s) }

// LeadingDigits returns how many decimal digits a text begins with.
func LeadingDigits(s string) (n int) {
	for n < len(s) && IsDigit(s[n]) {
		n++
	}
	return n
}
