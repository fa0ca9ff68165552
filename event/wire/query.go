package wire

import "strings"

// CutPair cuts the first pair off a raw query or the body of a form. Name and value are as sent, still escaped; pair is both
// of them, and equals name where there is no "=". Between two "&" the pair is empty.
func CutPair(query string) (pair, name, value, rest string) {
	pair = query
	if i := strings.IndexByte(query, '&'); i >= 0 {
		pair, rest = query[:i], query[i+1:]
	}
	if i := strings.IndexByte(pair, '='); i >= 0 {
		return pair, pair[:i], pair[i+1:], rest
	}
	return pair, pair, "", rest
}

// FilterQuery returns a raw query with only the pairs whose name, still escaped, is kept; they stay as they are, in order.
// Some is false when none was kept.
func FilterQuery(query string, keep func(name string) bool) (filtered string, some bool) {
	var kept strings.Builder
	for pair := range strings.SplitSeq(query, "&") {
		_, name, _, _ := CutPair(pair)
		if !keep(name) {
			continue
		}
		if some {
			kept.WriteByte('&')
		}
		kept.WriteString(pair)
		some = true
	}
	return kept.String(), some
}
