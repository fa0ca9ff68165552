package personal

import (
	"encoding/base64"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	"headgate/consent/personal/patterns"
	"headgate/event"
	"headgate/event/wire"
)

// clean returns a text without what the trail knows.
func (t *trail) clean(s string) string { return t.cleanDecoded(s, patterns.MaxNesting) }

// cleanDecoded cleans a text, and what is encoded in it up to the given number of times.
func (t *trail) cleanDecoded(s string, times int) string {
	if len(t.lexicon.lexemes) == 0 && len(t.phones) == 0 && tooShort(s) {
		return s
	}
	s = t.cutPhones(t.cutAddresses(t.lexicon.cut(s, takenOut)))
	if times == 0 || len(s) < t.shortestCode() {
		return s
	}
	return t.cutCodes(t.cutEscaped(s, times), times)
}

// tooShort reports whether a text cannot hold an address: in clear it has three dots or a colon, encoded it is longer.
func tooShort(s string) bool {
	return len(s) < base64.RawStdEncoding.EncodedLen(len("1.1.1.1")) && strings.Count(s, ".") < 3 && !strings.ContainsAny(s, ":%")
}

// shortest is the length of the shortest text that can be known.
func (t *trail) shortest() int {
	if len(t.lexicon.lexemes) == 0 {
		return len("1.1.1.1")
	}
	return 3
}

// shortestCode is the length from which base64 or hex may hold what is known.
func (t *trail) shortestCode() int { return base64.RawStdEncoding.EncodedLen(t.shortest()) }

// cutAddresses puts takenOut or the network in the place of each known address, however that is spelled.
func (t *trail) cutAddresses(s string) string {
	if len(t.addresses) == 0 {
		return s
	}
	var out strings.Builder
	from := 0
	patterns.EachAddress(s, func(start, end int, a netip.Addr) bool {
		if !slices.Contains(t.addresses, a) {
			return false
		}
		out.WriteString(s[from:start])
		if t.truncate {
			out.WriteString(event.TruncatedAddress(a.String()))
		} else {
			out.WriteString(takenOut)
		}
		from = end
		return true
	})
	if from == 0 {
		return s
	}
	out.WriteString(s[from:])
	return out.String()
}

// cutPhones puts takenOut in the place of digits that hold those of a phone number, whatever the separators.
func (t *trail) cutPhones(s string) string {
	if len(t.phones) == 0 {
		return s
	}
	var out strings.Builder
	from := 0
	for i := 0; i < len(s); {
		if !wire.IsDigit(s[i]) {
			i++
			continue
		}
		end, digits := digitRun(s, i)
		if slices.ContainsFunc(t.phones, func(p string) bool { return strings.Contains(digits, p) }) {
			start := i
			if start > from && s[start-1] == '+' {
				start--
			}
			out.WriteString(s[from:start])
			out.WriteString(takenOut)
			from = end
		}
		i = end
	}
	if from == 0 {
		return s
	}
	out.WriteString(s[from:])
	return out.String()
}

// digitRun returns the digits that follow each other from position i, with at most two separators between them.
func digitRun(s string, i int) (end int, digits string) {
	first, plain := i, true
	var out []byte
	for gap := 0; i < len(s) && gap <= 2; i++ {
		switch {
		case wire.IsDigit(s[i]):
			if !plain {
				out = append(out, s[i])
			}
			gap, end = 0, i+1
		case strings.IndexByte(" -./()", s[i]) >= 0:
			if plain {
				out, plain = append(out, s[first:i]...), false
			}
			gap++
		default:
			i = len(s)
		}
	}
	if plain {
		return end, s[first:end]
	}
	return end, string(out)
}

// cutEscaped cleans what is percent-encoded or has plus signs for blanks: the parts of an address one by one, then what is left
// in its longer pieces, since some encoders leave ; and = as they are.
func (t *trail) cutEscaped(s string, times int) string {
	for _, of := range [...]*[256]bool{&patterns.PartByte, &patterns.PieceByte} {
		if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
			break
		}
		s = patterns.EachRun(s, of, func(run string) string {
			if len(t.lexicon.lexemes) == 0 && !mayHoldAddress(run) {
				return run
			}
			inner := wire.Unescape(run)
			if inner == run {
				return run
			}
			clean := t.cleanDecoded(inner, times-1)
			if clean == inner {
				return run
			}
			return patterns.Escape(clean)
		})
	}
	return s
}

// mayHoldAddress reports whether what is percent-encoded has the dots or colons of an address, encoded once or twice.
func mayHoldAddress(s string) bool {
	dots, colons := 0, 0
	for i := range len(s) {
		switch c := s[i] | ' '; {
		case s[i] == '.', c == 'e' && i > 1 && s[i-1] == '2':
			dots++
		case s[i] == ':', c == 'a' && i > 1 && s[i-1] == '3':
			colons++
		}
	}
	return dots >= 3 || colons >= 2
}

// cutCodes takes out words in base64 or hex that hold what the trail knows, or its hash.
func (t *trail) cutCodes(s string, times int) string {
	s = t.cutRuns(s, &patterns.StdByte, base64.RawStdEncoding, times)
	if strings.IndexByte(s, '-') < 0 && strings.IndexByte(s, '_') < 0 && strings.IndexByte(s, '/') < 0 {
		return s
	}
	return t.cutRuns(s, &patterns.SafeByte, base64.RawURLEncoding, times)
}

func (t *trail) cutRuns(s string, of *[256]bool, encoding *base64.Encoding, times int) string {
	shortest := t.shortestCode()
	return patterns.EachRun(s, of, func(run string) string {
		if len(run) >= shortest && (t.inHex(run, times) || t.inBase64(encoding, run, times)) {
			return takenOut
		}
		return run
	})
}

// inHex reports whether digits in hex are a hash of something known, or a text with something known in it.
func (t *trail) inHex(run string, times int) bool {
	if len(run)%2 != 0 {
		return false
	}
	for i := range len(run) {
		if !patterns.AddressByte[run[i]] { // digits of hex, and what never is in a run
			return false
		}
	}
	var room [128]byte
	raw, err := hex.AppendDecode(room[:0], []byte(run))
	return err == nil && (t.isDigest(raw) || t.holds(raw, times))
}

// inBase64 reports the same of base64, also where it is only the end of the run.
func (t *trail) inBase64(encoding *base64.Encoding, run string, times int) bool {
	if !hasCapital(run) { // text that is encoded has capital letters
		return false
	}
	var room, code [256]byte
	src := append(code[:0], run...)
	for skip := range 4 {
		part := src[min(skip, len(src)):]
		if len(part)%4 == 1 {
			part = part[:len(part)-1]
		}
		raw, err := encoding.AppendDecode(room[:0], part)
		if err != nil {
			return false
		}
		if skip == 0 && t.isDigest(raw) || t.holds(raw, times) {
			return true
		}
	}
	return false
}

func hasCapital(s string) bool {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

// holds reports whether something known is in decoded bytes. Bytes without a run of readable ones as long as the shortest
// known text were no text before they were encoded.
func (t *trail) holds(raw []byte, times int) bool {
	fewest, readable := t.shortest(), 0
	for _, c := range raw {
		if c < ' ' || c == 0x7f {
			readable = 0
		} else if readable++; readable == fewest {
			s := string(raw)
			return t.cleanDecoded(s, times-1) != s
		}
	}
	return false
}
