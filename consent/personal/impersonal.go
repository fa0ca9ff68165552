package personal

import (
	"cmp"
	"slices"
	"strings"

	"headgate/consent/personal/patterns"
	"headgate/event"
	"headgate/event/wire"
)

// Impersonal returns what a vendor said of some events without personal data, so that it can be logged. Vendors quote what
// they were sent. The values of the events' fields that are about the visitor are replaced by the name of the field, what
// looks like personal data or an id by its kind, and queries by three dots.
func Impersonal(words string, about []*event.Event) string {
	if whole, cut := strings.CutSuffix(words, "..."); cut { // half a value is not found
		words = whole[:strings.LastIndexByte(whole, ' ')+1] + "..."
	}
	var found patterns.Findings
	words = patterns.Scrub(withoutQueries(withoutValues(words, about)), &found)
	return eachWord(words, func(word string) string {
		if looksLikeID(word) {
			return "[redacted:id]"
		}
		return word
	})
}

// shortestQuoted is the length below which a value may stand in a text by chance.
const shortestQuoted = 3

// withoutValues replaces the values of personal fields where they stand as words of their own.
func withoutValues(words string, about []*event.Event) string {
	type quoted struct{ value, field string }
	var all []quoted
	note := func(value, field string) {
		if len(value) >= shortestQuoted && strings.Contains(words, value) {
			all = append(all, quoted{value, field})
		}
	}
	for _, e := range about {
		for i := range event.Fields {
			f := &event.Fields[i]
			if f.Class == event.Content {
				continue
			}
			switch at := f.Ref(e).(type) {
			case *string:
				note(*at, f.Path)
			case *event.Map:
				for _, p := range *at {
					note(p.Value.Text(), f.Path)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b quoted) int { return cmp.Compare(len(b.value), len(a.value)) }) // an address before its parts
	for _, q := range all {
		words = replaceWord(words, q.value, "[redacted:"+q.field+"]")
	}
	return words
}

// replaceWord replaces a value that is not a part of a longer word.
func replaceWord(s, value, with string) string {
	var out strings.Builder
	from := 0
	for at := 0; ; {
		i := strings.Index(s[at:], value)
		if i < 0 {
			break
		}
		start, end := at+i, at+i+len(value)
		at = end
		if start > 0 && patterns.WordByte(s[start-1]) && patterns.WordByte(value[0]) || !patterns.EndsWord(s, end) && patterns.WordByte(value[len(value)-1]) {
			continue
		}
		out.WriteString(s[from:start])
		out.WriteString(with)
		from = end
	}
	return out.String() + s[from:]
}

// withoutQueries cuts what follows the question mark, or the fragment, of addresses.
func withoutQueries(s string) string {
	var out strings.Builder
	for s != "" {
		n := patterns.RunOf(s, func(c byte) bool { return c > ' ' && strings.IndexByte("\"'<>`", c) < 0 })
		part := s[:n]
		if i := strings.IndexAny(part, "?#"); i >= 0 && (strings.Contains(part, "://") || strings.Contains(part[i:], "=")) {
			part = part[:i+1] + "..."
		}
		out.WriteString(patterns.WithoutUser(part))
		if n < len(s) {
			out.WriteByte(s[n])
			n++
		}
		s = s[n:]
	}
	return out.String()
}

// eachWord rewrites the runs of bytes that ids are made of.
func eachWord(s string, rewrite func(string) string) string {
	in := func(c byte) bool { return patterns.WordByte(c) || c == '-' || c == '.' }
	var out strings.Builder
	for s != "" {
		n := patterns.RunOf(s, in)
		word := strings.TrimRight(s[:n], ".-")
		out.WriteString(rewrite(word))
		rest := s[len(word):]
		gap := patterns.RunOf(rest, func(c byte) bool { return !patterns.WordByte(c) })
		out.WriteString(rest[:gap])
		s = rest[gap:]
	}
	return out.String()
}

// looksLikeID reports whether a word may identify a visitor or an event: it has as many digits as a time in seconds, or is
// long and no word of a language.
func looksLikeID(word string) bool {
	digits := 0
	for i := range len(word) {
		if wire.IsDigit(word[i]) {
			digits++
		}
	}
	return digits >= 9 || len(word) >= 20 && digits >= 3 && !strings.Contains(word, ".")
}
