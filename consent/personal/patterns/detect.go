package patterns

import (
	"strings"

	"headgate/event/wire"
)

// Kind is a kind of personal data that is found by its look.
type Kind uint8

// The kinds.
const (
	Email Kind = iota
	Phone
	Card
	IBAN
	Token
	Key // of a query: password=..., email=...
	kinds
)

var kindNames = [kinds]string{"email", "phone", "card", "iban", "token", "key"}

func (k Kind) String() string { return kindNames[k] }

// Findings counts what was found, by kind.
type Findings [kinds]int

// Total returns how much was found.
func (f *Findings) Total() (n int) {
	for _, one := range f {
		n += one
	}
	return n
}

// Suspicious is a cheap look for what personal data cannot do without. It may be wrong about a text in which there is none, and
// is never wrong about one in which there is some. What begins a token is looked for at its rarest letter.
func Suspicious(s string) bool {
	plus, digits, card, iban := false, 0, 0, 0
	for i := range len(s) {
		if 'a' <= s[i] && s[i] <= 'z' {
			card, iban = 0, 0
			continue
		}
		switch has := looksTable[s[i]]; {
		case has&ADigit != 0:
			digits++
			card++
			iban++
			if card >= cardDigitsLeast || iban >= ibanLength {
				return true
			}
			continue
		case has&ACapital != 0:
			if iban++; iban >= ibanLength || has&aJ != 0 && strings.HasSuffix(s[:i], "ey") || has&aB != 0 && strings.HasPrefix(s[i:], "Bearer ") {
				return true
			}
			card = 0
			continue
		case has&anAt != 0, has&AnEscape != 0 && strings.HasPrefix(s[i:], "%40"):
			return true
		case s[i] == '+':
			plus, card = true, 0
		case s[i] != ' ' && s[i] != '-': // which may stand between the digits of a card
			card = 0
		}
		iban = 0
	}
	return plus && digits >= phoneDigitsLeast
}

// Search is a walk through a text, in time that grows with the text alone.
type Search struct {
	Text    string
	from    int // what is before it has been taken out, so that a word may begin there
	noToken int // no token begins before it
}

// Next looks for personal data from position i on; end is 0 when there is none.
func (d *Search) Next(i int) (kind Kind, start, end int) {
	for ; i < len(d.Text); i++ {
		if d.begins(i) {
			if kind, start, end = d.detect(i); end > 0 {
				return kind, start, end
			}
		}
	}
	return 0, 0, 0
}

// begins reports whether detect may find anything at position i.
func (d *Search) begins(i int) bool {
	switch starts[d.Text[i]] {
	case inAWord:
		return true
	case aWord:
		return i == d.from || !WordByte(d.Text[i-1])
	}
	return false
}

// starts says what begins with a byte: something that may have a word before it, or something that begins a word.
var starts = func() (t [256]place) {
	t['@'], t['%'] = inAWord, inAWord
	for _, c := range []byte("+e0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		t[c] = aWord
	}
	return t
}()

type place uint8

const (
	nowhere place = iota
	inAWord
	aWord
)

// detect looks for personal data that is recognised at position i, where something begins; end is 0 when there is none.
func (d *Search) detect(i int) (kind Kind, start, end int) {
	s := d.Text
	switch c := s[i]; {
	case c == '@' || c == '%' && strings.HasPrefix(s[i:], "%40"):
		if start, end = emailAround(s, i); end > 0 {
			return Email, max(start, d.from), end
		}
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
		return Token, i, i + 7 + RunOf(s[i+7:], func(c byte) bool { return c > ' ' && c != ',' && c != '"' })
	case c >= 'A' && c <= 'Z':
		if end = ibanAt(s, i); end > 0 {
			return IBAN, i, end
		}
	}
	return 0, 0, 0
}

// emailAround returns the e-mail address around an @ (or %40).
func emailAround(s string, at int) (start, end int) {
	width := 1
	if s[at] == '%' {
		width = 3
	}
	start = at
	for start > 0 && (WordByte(s[start-1]) || strings.IndexByte(".+-'", s[start-1]) >= 0) {
		start--
	}
	domain := at + width
	end = domain + RunOf(s[domain:], func(c byte) bool { return WordByte(c) || c == '.' || c == '-' })
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
		case wire.IsDigit(s[i]):
			if digits++; digits >= phoneDigitsLeast && digits <= 15 && EndsWord(s, i+1) {
				end = i + 1
			}
		case strings.IndexByte(" -./()", s[i]) < 0:
			return end
		}
	}
	return end
}

// tokenAt returns the end of a JSON web token: three dotted parts of which the first is a JSON object in base64url, which
// eyJ tells. When it is none, nothing that begins before the end of its first part is.
func tokenAt(s string, at int) (end, none int) {
	part := func(c byte) bool { return WordByte(c) || c == '-' }
	head := at + RunOf(s[at:], part)
	end = head
	for range 2 {
		if end == len(s) || s[end] != '.' {
			return 0, head
		}
		end += 1 + RunOf(s[end+1:], part)
	}
	return end, 0
}
