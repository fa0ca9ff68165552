// Package address reads network addresses and the networks that hold them: lists in the configuration, files that operators
// publish, and the addresses that proxies write into headers.
package address

import (
	"net/netip"
	"strings"

	"headgate/document"
	"headgate/document/shape"
)

// Networks are ranges of addresses, written as prefixes (10.0.0.0/8), single addresses, or the words loopback and private.
type Networks []netip.Prefix

// Ranges that have a name: RFC 1122 and RFC 4291 loopback; RFC 1918, RFC 4193 and link-local private.
var namedNetworks = map[string]Networks{
	"loopback": prefixes("127.0.0.0/8", "::1/128"),
	"private":  prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"),
}

func prefixes(texts ...string) Networks {
	ns := make(Networks, len(texts))
	for i, t := range texts {
		ns[i] = netip.MustParsePrefix(t)
	}
	return ns
}

// Contains reports whether an address is in one of the ranges. An IPv4 address written as IPv6 counts as IPv4.
func (ns Networks) Contains(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, n := range ns {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// DecodeDocument reads a list of ranges, or a single one.
func (ns *Networks) DecodeDocument(n *document.Node) document.Mistakes {
	var mistakes document.Mistakes
	if n.Kind == document.Null {
		return nil
	}
	items, ok := oneOrMore(n)
	if !ok {
		mistakes.Add(n.At, "expected a list of networks", "write [10.0.0.0/8]")
		return mistakes
	}
	*ns = nil
	for _, item := range items {
		if len(item.Missing) > 0 {
			continue
		}
		found, ok := parseNetworks(item)
		if !ok {
			mistakes.Add(item.At, "no network is written like this: "+item.Text,
				"write a prefix (10.0.0.0/8), an address, loopback or private")
			continue
		}
		*ns = append(*ns, found...)
	}
	return mistakes
}

// oneOrMore are the items of a list, or the one that stands without a list; ok is false for anything else.
func oneOrMore(n *document.Node) (items []*document.Node, ok bool) {
	if n.Kind == document.Text {
		return []*document.Node{n}, true
	}
	return n.Items, n.Kind == document.List
}

// DocumentShape is the shape of a list of ranges, or a single one.
func (*Networks) DocumentShape() *shape.Shape {
	one := shape.Text()
	one.Takes = "a prefix, an address, loopback or private"
	return shape.AnyOf(shape.ListOf(one), one)
}

func parseNetworks(n *document.Node) (Networks, bool) {
	text := strings.TrimSpace(n.Text)
	if n.Kind == document.List || n.Kind == document.Map || text == "" {
		return nil, false
	}
	if named, ok := namedNetworks[text]; ok {
		return named, true
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		p = netip.PrefixFrom(p.Addr().Unmap(), unmappedBits(p)).Masked()
		return Networks{p}, p.IsValid()
	}
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return Networks{netip.PrefixFrom(a, a.BitLen())}, true
	}
	return nil, false
}

// unmappedBits returns the length of a prefix after an IPv4 address written as IPv6 became IPv4; one that reaches beyond
// the mapped range is no prefix.
func unmappedBits(p netip.Prefix) int {
	if p.Addr().Is4In6() {
		return p.Bits() - 96
	}
	return p.Bits()
}
