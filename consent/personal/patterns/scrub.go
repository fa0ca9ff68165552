package patterns

import (
	"strings"

	"headgate/event/keys"
	"headgate/event/wire"
)

// ScrubAny is ScrubURL of an address, and Scrub of any other text.
func ScrubAny(s string, found *Findings) string {
	switch has := LookAt(s); {
	case has&AColon != 0 && strings.Contains(s, "://"):
		return ScrubURL(s, found)
	case !has.MaybePersonal(len(s)):
		return s
	}
	return Scrub(s, found)
}

// HoldsPersonal reports whether scrubAny may change a text: there is something in it that is recognised by its look, or it is an
// address with a query or a user, whose names say what they are.
func HoldsPersonal(s string, has Looks) bool {
	if has&AColon != 0 && strings.Contains(s, "://") && strings.ContainsAny(s, "?#@") {
		return true
	}
	if !has.MaybePersonal(len(s)) || !Suspicious(s) {
		return false
	}
	d := Search{Text: s}
	_, _, end := d.Next(0)
	return end > 0
}

// Scrub returns a text with what looks like personal data replaced by [redacted:kind]. A text without any is returned
// itself.
func Scrub(s string, found *Findings) string {
	if !LookAt(s).MaybePersonal(len(s)) || !Suspicious(s) {
		return s
	}
	var out strings.Builder
	d := Search{Text: s}
	for kind, start, end := d.Next(0); end > 0; kind, start, end = d.Next(end) {
		out.WriteString(s[d.from:start])
		out.WriteString("[redacted:" + kind.String() + "]")
		found[kind]++
		d.from = end
	}
	if d.from == 0 {
		return s
	}
	out.WriteString(s[d.from:])
	return out.String()
}

// ScrubURL returns an address without the personal data in it: values of keys that name it, and what looks like it
// anywhere.
func ScrubURL(address string, found *Findings) string {
	rest, fragment, hasFragment := strings.Cut(address, "#")
	path, query, hasQuery := strings.Cut(rest, "?")
	clean, cleanQuery, cleanFragment := ScrubPath(path, found), ScrubQuery(query, found), Scrub(fragment, found)
	if strings.Contains(cleanFragment, "=") {
		cleanFragment = ScrubQuery(cleanFragment, found)
	}
	if clean == path && cleanQuery == query && cleanFragment == fragment {
		return address
	}
	if hasQuery {
		clean += "?" + cleanQuery
	}
	if hasFragment {
		clean += "#" + cleanFragment
	}
	return clean
}

// ScrubPath replaces what looks like personal data in the part of an address before its query.
func ScrubPath(path string, found *Findings) string {
	if clean := WithoutUser(path); clean != path {
		found[Key]++
		path = clean
	}
	return Scrub(path, found)
}

// ScrubQuery replaces what is personal in a query: values by their key or by their look, in addresses inside it too, and
// keys by their look.
func ScrubQuery(query string, found *Findings) string {
	var out []byte
	copied := 0 // how much of query is in out, or has been replaced there
	for at := 0; at < len(query); {
		pair, key, value, _ := wire.CutPair(query[at:])
		cleanKey, clean := scrubNested(key, MaxNesting, found), cleanValue(wire.UnescapePercent(key), value, found)
		if cleanKey != key || clean != value {
			out = append(append(out, query[copied:at]...), cleanKey...)
			if pair != key { // there is a value, if an empty one
				out = append(append(out, '='), clean...)
			}
			copied = at + len(pair)
		}
		at += len(pair) + 1
	}
	if copied == 0 {
		return query
	}
	return string(append(out, query[copied:]...))
}

func cleanValue(key, value string, found *Findings) string {
	if value == "" {
		return value
	}
	if keys.MeaningOf(key)&(keys.Secret|keys.Contact) != 0 {
		found[Key]++
		return "[redacted:key]"
	}
	return scrubNested(value, MaxNesting, found)
}

// scrubNested scrubs a part of a query as it is, and decoded up to the given number of times.
func scrubNested(part string, times int, found *Findings) string {
	part = Scrub(part, found)
	inner := wire.Unescape(part)
	if inner == part || times == 0 {
		return part
	}
	var clean string
	if strings.Contains(inner, "?") {
		clean = ScrubURL(inner, found)
	} else {
		clean = scrubNested(inner, times-1, found)
	}
	if clean == inner {
		return part
	}
	return Escape(clean)
}
