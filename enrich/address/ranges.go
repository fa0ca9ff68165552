package address

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"headgate/document"
	"headgate/document/shape"
)

// Ranges are the networks that a list or a file names, however many: they are looked up by halving.
type Ranges struct {
	Files []string // that were read
	v4    []span
	v6    []span
}

// span is a range of addresses, both ends included.
type span struct{ from, to netip.Addr }

// Contains reports whether an address is in one of the ranges. An IPv4 address written as IPv6 counts as IPv4.
func (r *Ranges) Contains(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	spans := r.v6
	if a.Is4() {
		spans = r.v4
	}
	at, found := slices.BinarySearchFunc(spans, a, func(s span, a netip.Addr) int { return s.from.Compare(a) })
	if found {
		return true
	}
	return at > 0 && a.Compare(spans[at-1].to) <= 0
}

// Empty reports whether there are none.
func (r *Ranges) Empty() bool { return len(r.v4)+len(r.v6) == 0 }

// DecodeDocument reads a list of networks and names of files, or a single one. A file is read at once, so that a mistake in it is
// found with the others.
func (r *Ranges) DecodeDocument(n *document.Node) document.Mistakes {
	var mistakes document.Mistakes
	if n.Kind == document.Null {
		return nil
	}
	items, ok := oneOrMore(n)
	if !ok {
		mistakes.Add(n.At, "expected a list of networks and files", "write [203.0.113.0/24, networks.txt]")
		return mistakes
	}
	*r = Ranges{}
	var all []netip.Prefix
	for _, item := range items {
		if len(item.Missing) > 0 {
			continue
		}
		if found, ok := parseNetworks(item); ok {
			all = append(all, found...)
			continue
		}
		if item.Kind != document.Text || item.Text == "" {
			mistakes.Add(item.At, "expected a network or the name of a file", "write 203.0.113.0/24, or networks.txt")
			continue
		}
		r.Files = append(r.Files, item.Text)
		found, err := readNetworks(item.Text)
		if err != nil {
			mistakes.Add(item.At, "the list of networks cannot be read: "+err.Error(), "name a file with a network a line, or a network such as 203.0.113.0/24")
			continue
		}
		all = append(all, found...)
	}
	r.v4, r.v6 = spansOf(all)
	return mistakes
}

// DocumentShape is the shape of a list, or a single one.
func (*Ranges) DocumentShape() *shape.Shape {
	one := shape.Text()
	one.Takes = "a network, or a file with a network a line"
	return shape.AnyOf(shape.ListOf(one), one)
}

const mostNetworks = 16 << 20 // bytes of a file

// readNetworks reads a file: a network a line, with comments after #, or the JSON in which search engines and AI companies publish
// theirs: {"prefixes": [{"ipv4Prefix": "..."}, {"ipv6Prefix": "..."}]} (unconfirmed for some of them).
func readNetworks(file string) ([]netip.Prefix, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > mostNetworks {
		return nil, errors.New(file + " is no file of at most 16 MiB")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return publishedNetworks(text)
	}
	var all []netip.Prefix
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		found, ok := parseNetworks(&document.Node{Kind: document.Text, Text: line})
		if !ok {
			return nil, errors.New("line " + strconv.Itoa(n) + " is no network: " + line)
		}
		all = append(all, found...)
	}
	return all, lines.Err()
}

func publishedNetworks(text []byte) ([]netip.Prefix, error) {
	var list struct {
		Prefixes []struct {
			V4 string `json:"ipv4Prefix"`
			V6 string `json:"ipv6Prefix"`
		} `json:"prefixes"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	var all []netip.Prefix
	for _, p := range list.Prefixes {
		for _, s := range []string{p.V4, p.V6} {
			if s == "" {
				continue
			}
			prefix, err := netip.ParsePrefix(s)
			if err != nil {
				return nil, err
			}
			all = append(all, prefix.Masked())
		}
	}
	if len(all) == 0 {
		return nil, errors.New(`it has no "prefixes"`)
	}
	return all, nil
}

// spansOf sorts networks and joins those that overlap.
func spansOf(prefixes []netip.Prefix) (v4, v6 []span) {
	for _, p := range prefixes {
		s := span{p.Addr(), last(p)}
		if p.Addr().Is4() {
			v4 = append(v4, s)
		} else {
			v6 = append(v6, s)
		}
	}
	return joinedSpans(v4), joinedSpans(v6)
}

func joinedSpans(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.from.Compare(out[n-1].to) <= 0 {
			if s.to.Compare(out[n-1].to) > 0 {
				out[n-1].to = s.to
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// last is the last address of a network.
func last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}
