package personal

import (
	"crypto/md5"  //nolint:gosec // to recognise what vendors are sent, not to protect anything
	"crypto/sha1" //nolint:gosec // the same
	"crypto/sha256"
	"strings"

	"headgate/consent/personal/patterns"
	"headgate/event/wire"
)

// escaped decodes what a percent sign begins, also when it was encoded several times, and returns its end; 0 when it is nothing.
func escaped(s string, i int) (c byte, end int) {
	for strings.HasPrefix(s[i+1:], "25") {
		i += 2
	}
	if i+3 > len(s) {
		return 0, 0
	}
	high, low := wire.HexDigit(s[i+1]), wire.HexDigit(s[i+2])
	if high < 0 || low < 0 {
		return 0, 0
	}
	return byte(high)<<4 | byte(low), i + 3
}

// The lengths from which base64 and hex can hold an address, and from which they can hold one that is encoded twice.
const (
	shortestBase64 = 10 // of 1.1.1.1
	shortestHex    = 14
	nestedBase64   = 14
	nestedHex      = 20
)

// hasWord reports whether a text may have as many bytes of base64 in a row as an address takes.
func hasWord(s string) bool {
	const stride = shortestBase64 // every such word has a byte at a multiple of it
	for i := stride - 1; i < len(s); i += stride {
		if codeByte[s[i]] && (codeByte[s[i-1]] || i+1 < len(s) && codeByte[s[i+1]]) {
			return true
		}
	}
	return false
}

// codes looks at the words of a text that may be base64 or hex. A word after a percent sign begins there, or after what is
// encoded with it.
func (g *glance) codes(s string) {
	for i := 0; i < len(s) && !g.known; {
		c, after := byte(0), 0
		if s[i] == '%' {
			c, after = escaped(s, i)
		}
		switch {
		case codeByte[s[i]], c == '+', c == '/':
			i = g.code(s, i)
		case after > 0:
			g.code(s, after)
			fallthrough
		default:
			i++
		}
	}
}

// code looks at the word that begins at position i, and returns its end. It may have percent-encoded pieces of base64.
func (g *glance) code(s string, i int) (end int) {
	start, capital, pieces := i, false, false
	hex, most := 0, 0 // digits of hex in a row, those of what is encoded too
	for i < len(s) {
		if codeByte[s[i]] {
			capital = capital || patterns.LooksOf(s[i])&patterns.ACapital != 0
			if hex++; wire.HexDigit(s[i]) < 0 {
				hex = 0
			}
			most = max(most, hex)
			i++
			continue
		}
		c, next := byte(0), 0
		if s[i] == '%' {
			c, next = escaped(s, i)
		}
		if c != '+' && c != '/' {
			break
		}
		hex = next - i - 1
		most = max(most, hex)
		i, pieces = next, true
	}
	run := s[start:i]
	switch {
	case len(run) < shortestBase64:
	case capital && pieces && len(run) >= nestedBase64, capital && mayBeBase64(run), most >= shortestHex && mayBeHex(run):
		g.unclear()
	}
	return i
}

// codeByte are the bytes of base64 and hex in every alphabet.
var codeByte = patterns.BytesThat(func(c byte) bool { return patterns.WordByte(c) || c == '+' || c == '/' || c == '-' })

// mayBeBase64 reports whether a word can be the base64 of a text with an address, of one with something encoded, or of a digest.
func mayBeBase64(run string) bool {
	for i := 0; i+4 < len(run); i++ {
		if decodes(run[i:], &patterns.AddressByte) && inAddress[run[i+4]] {
			return true
		}
		if len(run) >= nestedBase64 && i+8 <= len(run) && decodes(run[i:], &nestedByte) && decodes(run[i+4:], &nestedByte) {
			return true
		}
	}
	return len(run) >= 22 && (hasDigest(run, '-', '_') || hasDigest(run, '+', '/'))
}

// decodes reports whether the first four bytes of base64 are three of the given ones.
func decodes(s string, of *[256]bool) bool {
	a, b, c, d := sextet[s[0]], sextet[s[1]], sextet[s[2]], sextet[s[3]]
	return of[a<<2|b>>4] && of[b<<4|c>>2] && of[c<<6|d]
}

// sextet is the value of a byte of base64, in either alphabet.
var sextet = func() (t [256]byte) {
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i)
	}
	t['-'], t['_'] = t['+'], t['/']
	return t
}()

// inAddress are the bytes of base64 that begin a group whose first byte is one of an address.
var inAddress = patterns.BytesThat(func(c byte) bool {
	for last := range byte(4) {
		if patterns.AddressByte[sextet[c]<<2|last] {
			return true
		}
	}
	return false
})

// nestedByte are the bytes of what is encoded: in base64, in hex or with percent signs.
var nestedByte = patterns.BytesThat(func(c byte) bool { return codeByte[c] || c == '=' || c == '%' || c == '.' })

// hasDigest reports whether a part of a word between the given bytes is as long as a digest in base64.
func hasDigest(run string, a, b byte) bool {
	for from, i := 0, 0; i <= len(run); i++ {
		if i < len(run) && run[i] != a && run[i] != b {
			continue
		}
		switch i - from {
		case 22, 27, 43: // MD5, SHA-1, SHA-256
			return true
		}
		from = i + 1
	}
	return false
}

// mayBeHex reports whether a word has a part of digits in hex that can be an address, something encoded, or a digest.
func mayBeHex(run string) bool {
	for i := 0; i < len(run); i++ {
		end := hexEnd(run, i)
		if hexHolds(run[i:end]) {
			return true
		}
		if i = end; i < len(run) && run[i] == '%' {
			if _, after := escaped(run, i); after > 0 && hexHolds(run[after:hexEnd(run, after)]) {
				return true
			}
		}
	}
	return false
}

// hexEnd returns where the digits in hex that begin at position i end.
func hexEnd(run string, i int) int {
	for i < len(run) && wire.HexDigit(run[i]) >= 0 {
		i++
	}
	return i
}

// hexHolds reports whether digits in hex can be a digest, a text with a dot or colon of an address, or one that is encoded
// once more.
func hexHolds(part string) bool {
	switch len(part) {
	case 2 * md5.Size, 2 * sha1.Size, 2 * sha256.Size:
		return true
	}
	if len(part) < shortestHex {
		return false
	}
	nested := 0
	for i := 0; i+1 < len(part); i += 2 {
		c := byte(wire.HexDigit(part[i]))<<4 | byte(wire.HexDigit(part[i+1]))
		if nested++; !nestedByte[c] {
			nested = 0
		}
		if nested >= nestedHex/2 {
			return true
		}
		if c != '.' && c != ':' || i < 2 || i+3 >= len(part) {
			continue
		}
		before, after := byte(wire.HexDigit(part[i-2]))<<4|byte(wire.HexDigit(part[i-1])), byte(wire.HexDigit(part[i+2]))<<4|byte(wire.HexDigit(part[i+3]))
		if patterns.AddressByte[before] && patterns.AddressByte[after] {
			return true
		}
	}
	return false
}
