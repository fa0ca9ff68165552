package patterns

import (
	"slices"
	"strings"

	"headgate/event/keys"
	"headgate/event/wire"
)

// WithQuery returns an address with only the allowed keys in its query, without its fragment and without a user's name.
func WithQuery(address string, allowed []string) string {
	rest, _, _ := strings.Cut(address, "#")
	path, query, _ := strings.Cut(rest, "?")
	path = WithoutUser(path)
	if q := AllowedQuery(query, allowed); q != "" {
		return path + "?" + q
	}
	return path
}

// WithoutUser takes user:password@ out of an address.
func WithoutUser(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	host, _, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		return scheme + "://" + rest[at+1:]
	}
	return address
}

// AllowedQuery returns a raw query with only the allowed keys.
func AllowedQuery(query string, allowed []string) string {
	if query == "" || len(allowed) == 0 {
		return ""
	}
	query, _ = wire.FilterQuery(query, func(name string) bool { return slices.Contains(allowed, wire.UnescapePercent(name)) })
	return query
}

// OriginOf returns the scheme and host of an address: https://www.example.com/.
func OriginOf(address string) string {
	u := wire.CutURL(WithoutUser(address))
	if u.Scheme == "" {
		return ""
	}
	return u.Scheme + "://" + u.Authority + "/"
}

// EachPair calls fn with each key=value of the queries in a text: where the key starts, where the value starts and where it
// ends, and the key decoded.
func EachPair(s string, fn func(start, value, end int, key, raw string)) {
	for from := 0; ; {
		equals := strings.IndexByte(s[from:], '=')
		if equals < 0 {
			return
		}
		equals += from
		start := strings.LastIndexAny(s[from:equals], pairEnds)
		start += from + 1
		end := len(s)
		if i := strings.IndexAny(s[equals:], pairEnds); i >= 0 {
			end = equals + i
		}
		fn(start, equals+1, end, wire.UnescapePercent(s[start:equals]), s[equals+1:end])
		from = end
	}
}

// pairEnds are the bytes that end a pair of a query, or the address that it is in.
const pairEnds = "?&#; \"'<>\n"

// WithoutKeys returns a text without the pairs of queries in it whose keys have one of the meanings, also in addresses that
// are encoded in others up to the given number of times.
func WithoutKeys(s string, gone keys.Meaning, times int) string {
	var out []byte
	from := 0
	EachPair(s, func(start, _, end int, key, _ string) {
		if keys.MeaningOf(key)&gone == 0 {
			return
		}
		switch { // a separator goes with the pair
		case start > from && s[start-1] == '&':
			start--
		case end < len(s) && s[end] == '&':
			end++
		case start > from && (s[start-1] == '?' || s[start-1] == '#'):
			start--
		case start == from && len(out) > 0: // the question mark of others that went
			out = out[:len(out)-1]
		}
		out = append(out, s[from:start]...)
		from = end
	})
	if from > 0 {
		s = string(append(out, s[from:]...))
	}
	if times == 0 || strings.IndexByte(s, '%') < 0 {
		return s
	}
	return EachRun(s, &PartByte, func(run string) string {
		if strings.IndexByte(run, '%') < 0 {
			return run
		}
		inner := wire.Unescape(run)
		clean := WithoutKeys(inner, gone, times-1)
		if clean == inner {
			return run
		}
		return Escape(clean)
	})
}
