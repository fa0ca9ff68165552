package patterns

import (
	"strings"

	"headgate/event/wire"
)

// cardAt returns the end of a payment card's number: 14 to 19 digits of a known issuer with a right check digit, as many as
// there are, in one or in groups of three and more.
func cardAt(s string, at int) (end int) {
	if strings.IndexByte("23456", s[at]) < 0 {
		return 0
	}
	var number [19]byte
	n, group := 0, 0
	for i := at; i < len(s); i++ {
		if wire.IsDigit(s[i]) {
			if n == len(number) {
				return end
			}
			number[n] = s[i] - '0'
			group++
			if n++; n >= cardDigitsLeast && EndsWord(s, i+1) && issued(number[:n]) && luhn(number[:n]) {
				end = i + 1
			}
			continue
		}
		if (s[i] != ' ' && s[i] != '-') || group < 3 || i+1 == len(s) || !wire.IsDigit(s[i+1]) {
			break
		}
		group = 0
	}
	return end
}

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

// ibanAt returns the end of an account number with a right checksum.
func ibanAt(s string, at int) int {
	n := RunOf(s[at:], func(c byte) bool { return wire.IsDigit(c) || c >= 'A' && c <= 'Z' })
	if n < ibanLength || n > 34 || !wire.IsDigit(s[at+2]) || !wire.IsDigit(s[at+3]) || !EndsWord(s, at+n) {
		return 0
	}
	iban, rest := s[at:at+n], 0
	for _, c := range []byte(iban[4:] + iban[:4]) {
		if wire.IsDigit(c) {
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
