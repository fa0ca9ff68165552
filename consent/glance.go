package consent

import (
	"crypto/md5"  //nolint:gosec // only its size
	"crypto/sha1" //nolint:gosec // the same
	"crypto/sha256"
	"net/netip"
	"strings"

	"headgate/event"
)

// glance is a first look through the texts of an event for network addresses. Most events hold none, and a look costs a
// fraction of what cleaning them does. It may see an address where there is none, never the other way round: whatever
// trail.clean would change for the sake of an address, as it stands or encoded, sets known.
type glance struct {
	addresses []netip.Addr // those that are looked for
	any       bool         // a text may hold an address
	known     bool         // a text may hold one of addresses
	named     bool         // a parameter that is named for an address may hold one
}

// event looks at all that a rewriter would change.
func (g *glance) event(e *event.Event) {
	for _, f := range swept {
		switch ref := f.Ref(e).(type) {
		case *string:
			g.text(*ref)
		case *event.Map:
			g.object(*ref)
		}
	}
	for i := range e.Items {
		for k := range event.ItemFields {
			switch ref := event.ItemFields[k].Ref(&e.Items[i]).(type) {
			case *string:
				g.text(*ref)
			case *event.Map:
				g.object(*ref)
			}
		}
	}
	g.object(e.User.Traits)
	g.text(e.ID)
}

func (g *glance) object(m event.Map) {
	for i := range m {
		g.text(m[i].Key)
		before := g.any
		g.any = false
		g.value(m[i].Value)
		if g.any && !g.named {
			g.named = event.MeaningOf(m[i].Key)&event.AddressKey != 0
		}
		g.any = g.any || before
	}
}

func (g *glance) value(v event.Value) {
	switch v.Kind() {
	case event.Text:
		s := v.Text()
		g.text(s)
		if g.any && strings.IndexByte(s, '=') >= 0 {
			g.named = true // by a key of a query
		}
	case event.Object:
		g.object(v.Object())
	case event.List:
		for _, one := range v.List() {
			g.value(one)
		}
	}
}

func (g *glance) text(s string) {
	has := lookAt(s)
	if has == 0 {
		return
	}
	if has&aDot != 0 {
		g.dots(s)
	}
	if has&aColon != 0 {
		g.colons(s)
	}
	if has&anEscape != 0 {
		g.escapes(s)
	}
	if has&aCapital != 0 && len(s) >= shortestBase64 || has&aDigit != 0 && len(s) >= shortestHex {
		if has&anEscape != 0 || hasWord(s) {
			g.codes(s)
		}
	}
}

// unclear takes it that a text holds an address that is looked for.
func (g *glance) unclear() { g.any, g.known = true, true }

// dots looks for four numbers with dots between them.
func (g *glance) dots(s string) {
	for i := strings.IndexByte(s, '.'); i >= 0 && i < len(s); i++ {
		if s[i] != '.' || i == 0 || !digit(s[i-1]) {
			continue
		}
		second, dot := octet(s, i+1)
		third, last := octet(s, dot+1)
		if dot == 0 || last == 0 || last+1 == len(s) || !digit(s[last+1]) {
			continue
		}
		g.any = true
		for _, a := range g.addresses {
			if b := a.As16(); a.Is4() && int(b[13]) == second && int(b[14]) == third && ends(s[:i], int(b[12])) && begins(s[last+1:], int(b[15])) {
				g.known = true
			}
		}
	}
}

// octet reads up to three digits and returns where the dot after them stands, 0 when there is none.
func octet(s string, at int) (n, dot int) {
	i := at
	for ; i < len(s) && i < at+3 && digit(s[i]); i++ {
		n = 10*n + int(s[i]-'0')
	}
	if i == at || i == len(s) || s[i] != '.' {
		return 0, 0
	}
	return n, i
}

// ends reports whether a text ends in a number of up to three digits. Others may stand right before it.
func ends(s string, number int) bool {
	n, digits := 0, 1
	for i := len(s) - 1; i >= max(0, len(s)-3) && digit(s[i]); i-- {
		n, digits = n+digits*int(s[i]-'0'), 10*digits
		if n == number {
			return true
		}
	}
	return false
}

// begins reports whether a text begins with a number of up to three digits.
func begins(s string, number int) bool {
	n := 0
	for i := 0; i < min(3, len(s)) && digit(s[i]); i++ {
		if n = 10*n + int(s[i]-'0'); n == number {
			return true
		}
	}
	return false
}

func (g *glance) colons(s string) {
	for i := range len(s) {
		if s[i] == ':' {
			g.colon(s, i)
		}
	}
}

// colon looks at what stands before a colon that ends at position i, which may be the first group of an address, or, of one
// of IPv4 within IPv6, its first half.
func (g *glance) colon(s string, i int) {
	if i > 0 && addressByte[s[i-1]] {
		g.any = true
	}
	for _, a := range g.addresses {
		b := a.As16()
		group := int(b[0])<<8 | int(b[1])
		if a.Is4() {
			group = int(b[12])<<8 | int(b[13])
		}
		if group == 0 {
			g.unclear() // it may have been left out
		}
		before := 0
		for k := 0; k < 4 && k < i; k++ {
			c := hexOf[s[i-1-k]]
			if c < 0 {
				break
			}
			if before |= int(c) << (4 * k); before == group {
				g.unclear()
			}
		}
	}
}

// hexOf is the value of a digit in hex, -1 for what is none.
var hexOf = func() (t [256]int8) {
	for c := range t {
		t[c] = -1
		if c >= '0' {
			t[c] = int8(strings.IndexByte("0123456789abcdef", byte(c)|' '))
		}
	}
	return t
}()

// escapes looks at what is percent-encoded, how often whatever. Who encodes letters, digits and dots, which never need it,
// may hide anything.
func (g *glance) escapes(s string) {
	for i := range len(s) {
		switch s[i] {
		case '\\':
			if i+1 < len(s) && s[i+1] == 'u' {
				g.unclear()
			}
		case '%':
			c, _ := escaped(s, i)
			switch {
			case c == ':':
				g.colon(s, i)
			case c == '.' || c != '_' && wordByte(c):
				g.unclear()
			}
		}
	}
}

// escaped decodes what a percent sign begins, also when it was encoded several times, and returns its end; 0 when it is nothing.
func escaped(s string, i int) (c byte, end int) {
	i++
	for strings.HasPrefix(s[i:], "25") {
		i += 2
	}
	if i+2 > len(s) || hexOf[s[i]] < 0 || hexOf[s[i+1]] < 0 {
		return 0, 0
	}
	return byte(hexOf[s[i]])<<4 | byte(hexOf[s[i+1]]), i + 2
}

// The lengths from which base64 and hex can hold an address, and from which they can hold one that is encoded once more.
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
	for i < len(s) {
		if codeByte[s[i]] {
			capital = capital || looksOf[s[i]]&aCapital != 0
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
		i, pieces = next, true
	}
	run := s[start:i]
	switch {
	case len(run) < shortestBase64:
	case capital && pieces && len(run) >= nestedBase64, capital && mayBeBase64(run), mayBeHex(run):
		g.unclear()
	}
	return i
}

// codeByte are the bytes of base64 and hex in every alphabet.
var codeByte = bytesThat(func(c byte) bool { return wordByte(c) || c == '+' || c == '/' || c == '-' })

// mayBeBase64 reports whether a word can be the base64 of a text with an address, of one with something encoded, or of a digest.
func mayBeBase64(run string) bool {
	for i := 0; i+4 < len(run); i++ {
		if decodes(run[i:], &addressByte) && inAddress[run[i+4]] {
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
var inAddress = bytesThat(func(c byte) bool {
	for last := range byte(4) {
		if addressByte[sextet[c]<<2|last] {
			return true
		}
	}
	return false
})

// nestedByte are the bytes of what is encoded: in base64, in hex or with percent signs.
var nestedByte = bytesThat(func(c byte) bool { return codeByte[c] || c == '=' || c == '%' || c == '.' })

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
	for i < len(run) && hexOf[run[i]] >= 0 {
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
		c := byte(hexOf[part[i]])<<4 | byte(hexOf[part[i+1]])
		if nested++; !nestedByte[c] {
			nested = 0
		}
		if nested >= nestedHex/2 {
			return true
		}
		if c != '.' && c != ':' || i < 2 || i+3 >= len(part) {
			continue
		}
		before, after := byte(hexOf[part[i-2]])<<4|byte(hexOf[part[i-1]]), byte(hexOf[part[i+2]])<<4|byte(hexOf[part[i+3]])
		if addressByte[before] && addressByte[after] {
			return true
		}
	}
	return false
}
