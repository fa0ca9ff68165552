package scripts

import (
	"slices"
	"strings"

	"headgate/event"
	"headgate/event/wire"
)

// sub returns the part of a hit's path below the script's own, without the slash. ok is false for a path that says something else
// after decoding than it did before, or that holds what one of two servers may read differently.
func (s *Script) sub(h *event.Hit) (below string, ok bool) {
	if h.RawPath != "" { // dot segments, doubled slashes, percent-encoding
		return "", false
	}
	below = strings.TrimPrefix(strings.TrimPrefix(h.Path, s.path), "/")
	for i := range len(below) {
		c := below[i]
		if !isPlain(c) && c != '/' {
			return "", false
		}
	}
	for segment := range strings.SplitSeq(below, "/") {
		if segment == "." || segment == ".." || segment == "" && below != "" && !strings.HasSuffix(below, "/") {
			return "", false
		}
	}
	return below, !strings.Contains(h.Path, "//")
}

// isPlain reports whether a byte means itself in a path and nothing else: it is none of RFC 3986's delimiters but for a few that
// Google's addresses use.
func isPlain(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-_.~,+=!", c) >= 0
}

// mostValue is how long a query parameter may be that is passed on with a script; ids and versions are far shorter.
const mostValue = 64

// passed returns the parameters of a query that go along, sorted, so that two orders are one file. ok is false where one of them holds
// something that no id, version or name does, or an id that the configuration does not list.
func (s *Script) passed(query string) (out string, ok bool) {
	var pairs []string
	named := false
	for query != "" {
		var key, value string
		_, key, value, query = wire.CutPair(query)
		if !s.query[key] {
			continue
		}
		if len(value) > mostValue {
			return "", false
		}
		for i := range len(value) {
			if !isPlain(value[i]) {
				return "", false
			}
		}
		if key == "id" && len(s.ids) > 0 {
			if named || !s.ids[value] { // of two, one server may read the first and another the last
				return "", false
			}
			named = true
		}
		pairs = append(pairs, key+"="+value)
	}
	if len(s.ids) > 0 && !named {
		return "", false
	}
	slices.Sort(pairs)
	return strings.Join(slices.Compact(pairs), "&"), true
}

// clean reports whether a query can be passed on as it is: printable ASCII, and nothing that ends a query.
func clean(query string) bool {
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c >= 0x7f || c == '#' {
			return false
		}
	}
	return true
}
