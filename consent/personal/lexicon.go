package personal

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexicon is a set of texts that are looked for in others without regard to case, in time that grows with the text searched
// and hardly with their number.
type lexicon struct {
	lexemes []lexeme // sorted by their text once the set is complete
	sorted  bool
	starts  [32]uint32 // a bit for the hash of each lexeme's first two bytes
}

type lexeme struct {
	text  string // folded
	whole bool   // counts only where it is a word of its own
	under int    // the longest other one that this one begins with, -1 for none
}

// longestLexeme bounds how far a text is compared at each place. A longer lexeme is cut into pieces.
const longestLexeme = 256

func (l *lexicon) add(s string, whole bool) {
	s = folded(s)
	for len(s) > longestLexeme {
		l.lexemes = append(l.lexemes, lexeme{text: s[:longestLexeme]})
		s = s[longestLexeme:]
		whole = whole && len(s) > 5
	}
	if len(s) > 1 {
		l.lexemes = append(l.lexemes, lexeme{text: s, whole: whole})
	}
	l.sorted = false
}

// prepare sorts the lexemes, so that what a text begins with is the last lexeme not after it, or lies under that one.
func (l *lexicon) prepare() {
	slices.SortFunc(l.lexemes, func(a, b lexeme) int {
		if c := strings.Compare(a.text, b.text); c != 0 || a.whole == b.whole {
			return c
		}
		if a.whole {
			return 1
		}
		return -1 // the one that counts anywhere stays
	})
	l.lexemes = slices.CompactFunc(l.lexemes, func(a, b lexeme) bool { return a.text == b.text })
	for i := range l.lexemes {
		e := &l.lexemes[i]
		e.under = i - 1
		for e.under >= 0 && !strings.HasPrefix(e.text, l.lexemes[e.under].text) {
			e.under = l.lexemes[e.under].under
		}
		h := start(e.text)
		l.starts[h/32] |= 1 << (h % 32)
	}
	l.sorted = true
}

func start(s string) int { return (int(s[0])<<5 ^ int(s[1])) & (1<<10 - 1) }

// cut returns s with by in the place of each lexeme in it, and of several that follow each other; where some begin at the same
// place, of the longest.
func (l *lexicon) cut(s, by string) string {
	if len(l.lexemes) == 0 || len(s) < 2 {
		return s
	}
	if !l.sorted {
		l.prepare()
	}
	low := folded(s)
	var out strings.Builder
	from := 0
	for i := 0; i+1 < len(low); {
		n := 0
		if h := start(low[i:]); l.starts[h/32]>>(h%32)&1 == 1 {
			n = l.at(low, i)
		}
		if n == 0 {
			i++
			continue
		}
		if i > from || i == 0 { // what was taken out right before needs no second mark
			out.WriteString(s[from:i])
			out.WriteString(by)
		}
		i += n
		from = i
	}
	if from == 0 {
		return s
	}
	out.WriteString(s[from:])
	return out.String()
}

// at returns the length of the longest lexeme that stands at position i of a folded text, 0 for none.
func (l *lexicon) at(s string, i int) int {
	rest := s[i:min(len(s), i+longestLexeme)]
	at, exact := slices.BinarySearchFunc(l.lexemes, rest, func(e lexeme, s string) int { return strings.Compare(e.text, s) })
	if !exact {
		at--
	}
	for ; at >= 0; at = l.lexemes[at].under {
		if e := &l.lexemes[at]; strings.HasPrefix(rest, e.text) && (!e.whole || isWord(s, i, i+len(e.text))) {
			return len(e.text)
		}
	}
	return 0
}

// isWord reports whether neither a letter nor a digit stands right before or after a part of a text.
func isWord(s string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	after, _ := utf8.DecodeRuneInString(s[to:])
	return !isLetterOrDigit(before) && !isLetterOrDigit(after)
}

func isLetterOrDigit(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// folded returns a text in small letters, byte by byte as long as the text itself: what has no small letter of the same
// length stays. A text that is in small letters already is returned itself.
func folded(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			out = append(out, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if small := unicode.ToLower(r); r != utf8.RuneError && utf8.RuneLen(small) == n {
			out = utf8.AppendRune(out, small)
		} else {
			out = append(out, s[i:i+n]...)
		}
		i += n
	}
	return string(out)
}
