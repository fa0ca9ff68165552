package address

import (
	"net/netip"
	"strings"

	"headgate/event/wire"
)

// CutLast takes the last element off a comma-separated list; more is false when it was the only one. A comma within quotes
// cuts too: such an element is no address, so it ends the walk.
func CutLast(list string) (rest, last string, more bool) {
	i := strings.LastIndexByte(list, ',')
	if i < 0 {
		return "", strings.TrimSpace(list), false
	}
	return list[:i], strings.TrimSpace(list[i+1:]), true
}

// Parse reads an address as proxies write it: with a port, in brackets, or with a zone, which are all taken off.
func Parse(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "["); ok {
		inside, port, closed := strings.Cut(rest, "]")
		if !closed || !(port == "" || port[0] == ':' && wire.IsDigits(port[1:])) {
			return netip.Addr{}, false
		}
		s = inside
	} else if host, port, ok := strings.Cut(s, ":"); ok && wire.IsDigits(port) {
		s = host // an IPv6 address without brackets has more than one colon
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.IsUnspecified() {
		return netip.Addr{}, false
	}
	return a.Unmap().WithZone(""), true
}

// ParseForwarded reads the address of one hop of RFC 7239: for="[2001:db8::1]:4711";proto=https.
func ParseForwarded(hop string) (netip.Addr, bool) {
	for pair := range strings.SplitSeq(hop, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok || !strings.EqualFold(name, "for") {
			continue
		}
		if unquoted, ok := strings.CutPrefix(value, `"`); ok {
			if value, ok = strings.CutSuffix(unquoted, `"`); !ok {
				return netip.Addr{}, false
			}
		}
		return Parse(value)
	}
	return netip.Addr{}, false
}
