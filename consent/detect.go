package consent

import "strings"

// fewestDigits are in every telephone number, card and account that is recognised.
const fewestDigits = 9

// suspicious is a cheap look for a character or run that personal data cannot do without.
func suspicious(s string) bool {
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '@' || c == '%' && strings.HasPrefix(s[i:], "%40"):
			return true
		case c >= '0' && c <= '9':
			if digits++; digits >= fewestDigits {
				return true
			}
		case c == 'e' && strings.HasPrefix(s[i:], "eyJ"), c == 'B' && strings.HasPrefix(s[i:], "Bearer "):
			return true
		}
	}
	return false
}

// search is a walk through a text, in time that grows with the text alone.
type search struct {
	text    string
	from    int // what is before it has been taken out, so that a word may begin there
	noToken int // no token begins before it
}

// detect looks for personal data that is recognised at position i; end is 0 when there is none.
func (d *search) detect(i int) (kind Kind, start, end int) {
	s := d.text
	switch c := s[i]; {
	case c == '@' || c == '%' && strings.HasPrefix(s[i:], "%40"):
		if start, end = emailAround(s, i); end > 0 {
			return Email, max(start, d.from), end
		}
	case i > d.from && wordByte(s[i-1]):
		return 0, 0, 0
	case c == '+':
		if end = phoneAt(s, i); end > 0 {
			return Phone, i, end
		}
	case c >= '0' && c <= '9':
		if end = cardAt(s, i); end > 0 {
			return Card, i, end
		}
	case c == 'e' && strings.HasPrefix(s[i:], "eyJ"):
		if i < d.noToken {
			return 0, 0, 0
		}
		if end, d.noToken = tokenAt(s, i); end > 0 {
			return Token, i, end
		}
	case c == 'B' && strings.HasPrefix(s[i:], "Bearer ") && len(s) >= i+15:
		return Token, i, i + 7 + runOf(s[i+7:], func(c byte) bool { return c > ' ' && c != ',' && c != '"' })
	case c >= 'A' && c <= 'Z':
		if end = ibanAt(s, i); end > 0 {
			return IBAN, i, end
		}
	}
	return 0, 0, 0
}

func runOf(s string, in func(byte) bool) int {
	for i := range len(s) {
		if !in(s[i]) {
			return i
		}
	}
	return len(s)
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// emailAround returns the e-mail address around an @ (or %40).
func emailAround(s string, at int) (start, end int) {
	width := 1
	if s[at] == '%' {
		width = 3
	}
	start = at
	for start > 0 && (wordByte(s[start-1]) || strings.IndexByte(".+-'", s[start-1]) >= 0) {
		start--
	}
	domain := at + width
	end = domain + runOf(s[domain:], func(c byte) bool { return wordByte(c) || c == '.' || c == '-' })
	for {
		host := strings.TrimRight(s[domain:end], ".-")
		dot := strings.LastIndexByte(host, '.')
		if start == at || dot < 1 {
			return 0, 0
		}
		if len(host)-dot > 2 { // what ends it may be a country
			return start, domain + len(host)
		}
		end = domain + dot
	}
}

// phoneAt returns the end of an international number: + and 8 to 15 digits with separators between them, as many as there are.
func phoneAt(s string, at int) (end int) {
	if at+1 == len(s) || s[at+1] == '0' {
		return 0
	}
	digits := 0
	for i := at + 1; i < len(s) && digits <= 15; i++ {
		switch {
		case digit(s[i]):
			if digits++; digits >= 8 && digits <= 15 && endsWord(s, i+1) {
				end = i + 1
			}
		case strings.IndexByte(" -./()", s[i]) < 0:
			return end
		}
	}
	return end
}

// cardAt returns the end of a payment card's number: 14 to 19 digits of a known issuer with a right check digit, as many as
// there are, in one or in groups of three and more.
func cardAt(s string, at int) (end int) {
	if strings.IndexByte("23456", s[at]) < 0 {
		return 0
	}
	var number [19]byte
	n, group := 0, 0
	for i := at; i < len(s); i++ {
		if digit(s[i]) {
			if n == len(number) {
				return end
			}
			number[n] = s[i] - '0'
			group++
			if n++; n >= 14 && endsWord(s, i+1) && issued(number[:n]) && luhn(number[:n]) {
				end = i + 1
			}
			continue
		}
		if (s[i] != ' ' && s[i] != '-') || group < 3 || i+1 == len(s) || !digit(s[i+1]) {
			break
		}
		group = 0
	}
	return end
}

// endsWord reports whether a word that goes up to position i ends there.
func endsWord(s string, i int) bool { return i == len(s) || !wordByte(s[i]) }

// issued reports whether a number starts as cards do: Visa, Mastercard, American Express, Discover, JCB, Diners, UnionPay.
// Visa's cards of 13 digits are no longer issued, and article numbers (EAN-13) of Germany begin as they did.
func issued(n []byte) bool {
	first4 := int(n[0])*1000 + int(n[1])*100 + int(n[2])*10 + int(n[3])
	switch first2 := first4 / 100; {
	case first2/10 == 4:
		return len(n) == 16 || len(n) == 19
	case first2 >= 51 && first2 <= 55 || first4 >= 2221 && first4 <= 2720:
		return len(n) == 16
	case first2 == 34 || first2 == 37:
		return len(n) == 15
	case first2 == 36 || first2 == 38 || first4 >= 3000 && first4 <= 3059:
		return len(n) == 14
	case first4 == 6011 || first2 == 65 || first2 == 62 || first4 >= 3528 && first4 <= 3589:
		return len(n) >= 16
	}
	return false
}

func luhn(n []byte) bool {
	sum := 0
	for i := range n {
		d := int(n[len(n)-1-i])
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// tokenAt returns the end of a JSON web token: three dotted parts of which the first is a JSON object in base64url, which
// eyJ tells. When it is none, nothing that begins before the end of its first part is.
func tokenAt(s string, at int) (end, none int) {
	part := func(c byte) bool { return wordByte(c) || c == '-' }
	head := at + runOf(s[at:], part)
	end = head
	for range 2 {
		if end == len(s) || s[end] != '.' {
			return 0, head
		}
		end += 1 + runOf(s[end+1:], part)
	}
	return end, 0
}

// ibanAt returns the end of an account number with a right checksum.
func ibanAt(s string, at int) int {
	n := runOf(s[at:], func(c byte) bool { return digit(c) || c >= 'A' && c <= 'Z' })
	if n < 15 || n > 34 || !digit(s[at+2]) || !digit(s[at+3]) || !endsWord(s, at+n) {
		return 0
	}
	iban, rest := s[at:at+n], 0
	for _, c := range []byte(iban[4:] + iban[:4]) {
		if digit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	if rest != 1 {
		return 0
	}
	return at + n
}
