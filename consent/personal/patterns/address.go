package patterns

import (
	"net/netip"

	"headgate/event/wire"
)

// EachAddress calls fn with the places in a text where a network address may stand, without its port, brackets and zone.
// Where one could begin or end in several ways, fn says which it takes.
func EachAddress(s string, fn func(start, end int, a netip.Addr) (taken bool)) {
	for i := 0; i < len(s); {
		if !AddressByte[s[i]] {
			i++
			continue
		}
		end, dots, colons := i, 0, 0
		for ; end < len(s) && AddressByte[s[end]]; end++ {
			switch s[end] {
			case '.':
				dots++
			case ':':
				colons++
			}
		}
		if colons < 2 || !eachIPv6(s, i, end, fn) {
			if dots >= 3 {
				eachIPv4(s, i, end, fn)
			}
		}
		i = end
	}
}

// eachIPv6 tries what begins at each colon of a run, since a word and a colon may stand before the address.
func eachIPv6(s string, from, end int, fn func(start, end int, a netip.Addr) bool) (taken bool) {
	const longest = 80
	if end-from > longest {
		return false
	}
	for end > from && (s[end-1] == '.' || s[end-1] == ':' && s[end-2] != ':') { // of a sentence
		end--
	}
	for start := from; start < end; start++ {
		if start > from && s[start-1] != ':' && s[start] != ':' {
			continue
		}
		if a, err := netip.ParseAddr(s[start:end]); err == nil && fn(start, end, a.Unmap()) {
			return true
		}
	}
	return false
}

// eachIPv4 tries what begins at each number of a run, since a version or another address may stand before it.
func eachIPv4(s string, from, end int, fn func(start, end int, a netip.Addr) bool) {
	for i := from; i < end; i++ {
		if !wire.IsDigit(s[i]) || i > from && wire.IsDigit(s[i-1]) {
			continue
		}
		if a, stop := ipv4At(s[:end], i); stop > 0 && fn(i, stop, a) {
			i = stop
		}
	}
}

// ipv4At reads four numbers with dots between them; end is 0 where there are none. netip would allocate an error for every
// version of a browser.
func ipv4At(s string, at int) (a netip.Addr, end int) {
	var octets [4]byte
	for k := range octets {
		n, digits := 0, 0
		for ; at < len(s) && wire.IsDigit(s[at]) && digits < 4; at++ {
			n = 10*n + int(s[at]-'0')
			digits++
		}
		if digits == 0 || digits > 3 || n > 255 {
			return a, 0
		}
		octets[k] = byte(n)
		if k < 3 {
			if at == len(s) || s[at] != '.' {
				return a, 0
			}
			at++
		}
	}
	return netip.AddrFrom4(octets), at
}
