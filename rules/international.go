package rules

import "strings"

// InternationalPhone writes a telephone number as + and digits, by which a person is recognized: as phone() does where it is
// a valid one, dialled in a country ("DE"), else as it stands when it begins with + or 00, so that a number which no numbering
// plan knows yet can be suppressed too. It returns "" for what is no such number.
func (l *Language) InternationalPhone(number, country string) string {
	number = strings.TrimSpace(number)
	if valid := l.dial(number, country); valid != "" {
		return valid
	}
	digits := keep(number, isDigit)
	switch {
	case strings.HasPrefix(number, "+"):
	case strings.HasPrefix(digits, "00"):
		digits = digits[2:]
	default:
		return ""
	}
	if digits = strings.TrimLeft(digits, "0"); len(digits) < 7 || len(digits) > 15 {
		return ""
	}
	return "+" + digits
}
