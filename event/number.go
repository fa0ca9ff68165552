package event

import (
	"math"
	"strconv"
	"strings"
	"time"

	"headgate/event/wire"
)

// appendNumber writes f the way JavaScript does: 10, 0.1, 1e+21.
func appendNumber(b []byte, f float64) []byte {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.AppendInt(b, int64(f), 10)
	}
	if a := math.Abs(f); a >= 1e21 || a < 1e-6 {
		return strconv.AppendFloat(b, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

// isNumber reports whether s is a number by JSON's grammar (RFC 8259, section 6) and of a length that is worth reading.
func isNumber(s string) bool {
	if len(s) > 64 {
		return false
	}
	s = strings.TrimPrefix(s, "-")
	whole := wire.LeadingDigits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	if s = s[whole:]; s != "" && s[0] == '.' {
		fraction := wire.LeadingDigits(s[1:])
		if fraction == 0 {
			return false
		}
		s = s[1+fraction:]
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return wire.IsDigits(s)
}

// AppendTime appends a time as a JSON text: RFC 3339, UTC, milliseconds.
func AppendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 { // RFC 3339 cannot say it
		return append(t.AppendFormat(append(b, '"'), "2006-01-02T15:04:05.000Z07:00"), '"')
	}
	hour, minute, second := t.Clock()
	b = appendDigits(append(b, '"'), year, 1000)
	b = appendDigits(append(b, '-'), int(month), 10)
	b = appendDigits(append(b, '-'), day, 10)
	b = appendDigits(append(b, 'T'), hour, 10)
	b = appendDigits(append(b, ':'), minute, 10)
	b = appendDigits(append(b, ':'), second, 10)
	b = appendDigits(append(b, '.'), t.Nanosecond()/1e6, 100)
	return append(b, 'Z', '"')
}

// appendDigits appends a number with leading zeros; place is the value of its first digit.
func appendDigits(b []byte, n, place int) []byte {
	for ; place > 0; place /= 10 {
		b = append(b, '0'+byte(n/place%10))
	}
	return b
}
