package consent

import (
	"fmt"
	"slices"
	"strings"

	"headgate/document"
	"headgate/event"
)

// Kind is a kind of personal data that is found by its look.
type Kind uint8

// The kinds.
const (
	Email Kind = iota
	Phone
	Card
	IBAN
	Token
	Key // of a query: password=..., email=...
	kinds
)

var kindNames = [kinds]string{"email", "phone", "card", "iban", "token", "key"}

func (k Kind) String() string { return kindNames[k] }

// Findings counts what was found, by kind.
type Findings [kinds]int

// Total returns how much was found.
func (f *Findings) Total() (n int) {
	for _, one := range f {
		n += one
	}
	return n
}

// scrubbing is where personal data is looked for.
type scrubbing struct{ urls, texts bool }

func (c *Config) compileScrub(ms *document.Mistakes) (s scrubbing) {
	for _, w := range c.Scrub {
		switch w.Value {
		case "urls":
			s.urls = true
		case "texts":
			s.texts = true
		case "none":
		default:
			ms.Add(w.At, fmt.Sprintf("personal data is not looked for in %q", w.Value), document.DidYouMean(w.Value, []string{"urls", "texts", "none"}))
		}
	}
	return s
}

// Scrubbed is the page that was scrubbed last. The events of a request mostly share theirs.
type Scrubbed struct {
	page, clean event.Page
	found       Findings
}

// Scrub takes personal data out of the places where a site never means to send any: addresses, titles, what parameters hold,
// and what items are called. It changes the event and returns what it found. Fields for contact data are left
// alone.
func (p *Policy) Scrub(e *event.Event, last *Scrubbed) (found Findings) {
	if p.scrub.urls {
		if e.Page != last.page {
			*last = scrubPage(e.Page)
		}
		e.Page, found = last.clean, last.found
	}
	if p.scrub.texts {
		scrubMap(&e.Params, &found)
		for i := range e.Items {
			item := &e.Items[i]
			for _, s := range []*string{&item.Name, &item.Variant, &item.Affiliation} {
				*s = Scrub(*s, &found)
			}
			scrubMap(&item.Params, &found)
		}
		for _, s := range []*string{&e.Campaign.Term, &e.Campaign.Content, &e.Campaign.Name} {
			*s = Scrub(*s, &found)
		}
	}
	return found
}

func scrubPage(page event.Page) Scrubbed {
	s := Scrubbed{page: page, clean: page}
	pg, found := &s.clean, &s.found
	pg.URL, pg.Referrer = ScrubURL(pg.URL, found), ScrubURL(pg.Referrer, found)
	pg.Query = scrubQuery(pg.Query, found)
	pg.Path = scrubPath(pg.Path, found)
	pg.Title = Scrub(pg.Title, found)
	return s
}

// scrubMap scrubs keys and values, but for those under a key for contact data. Of two keys that become the same
// the last one wins.
func scrubMap(m *event.Map, found *Findings) {
	w := rewriter{with: (*scrubber)(found)}
	renamed := false
	for i := range *m {
		p := &(*m)[i]
		if !mayChange(*p) {
			continue
		}
		if event.MeaningOf(p.Key)&event.ContactKey == 0 {
			p.Value, _ = w.value(p.Value)
		}
		if key := scrubAny(p.Key, found); key != p.Key {
			p.Key, renamed = key, true
		}
	}
	if !renamed {
		return
	}
	out := (*m)[:0]
	for _, p := range *m {
		out.Set(p.Key, p.Value)
	}
	*m = out
}

// mayChange reports whether scrubMap may find something in a pair: most have nothing that needs a closer look.
func mayChange(p event.Pair) bool { return textMayChange(p.Key) || valueMayChange(p.Value) }

func valueMayChange(v event.Value) bool {
	switch v.Kind() {
	case event.Text:
		return textMayChange(v.Text())
	case event.Object:
		return slices.ContainsFunc(v.Object(), mayChange)
	case event.List:
		return slices.ContainsFunc(v.List(), valueMayChange)
	}
	return false
}

// textMayChange reports whether scrubAny may find something in a text.
func textMayChange(s string) bool {
	has := lookAt(s)
	return has.maybePersonal(len(s)) && suspicious(s) || has&aColon != 0 && strings.Contains(s, "://")
}

// scrubber counts what scrubAny finds.
type scrubber Findings

func (s *scrubber) change(text string) string { return scrubAny(text, (*Findings)(s)) }

// scrubAny is ScrubURL of an address, and Scrub of any other text.
func scrubAny(s string, found *Findings) string {
	switch has := lookAt(s); {
	case has&aColon != 0 && strings.Contains(s, "://"):
		return ScrubURL(s, found)
	case !has.maybePersonal(len(s)):
		return s
	}
	return Scrub(s, found)
}

// Scrub returns a text with what looks like personal data replaced by [redacted:kind]. A text without any is returned
// itself.
func Scrub(s string, found *Findings) string {
	if !suspicious(s) {
		return s
	}
	var out strings.Builder
	d := search{text: s}
	for i := 0; i < len(s); {
		kind, start, end := d.detect(i)
		if end == 0 {
			i++
			continue
		}
		out.WriteString(s[d.from:start])
		out.WriteString("[redacted:" + kind.String() + "]")
		found[kind]++
		d.from, i = end, end
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
	clean, cleanQuery, cleanFragment := scrubPath(path, found), scrubQuery(query, found), Scrub(fragment, found)
	if strings.Contains(cleanFragment, "=") {
		cleanFragment = scrubQuery(cleanFragment, found)
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

// scrubPath replaces what looks like personal data in the part of an address before its query.
func scrubPath(path string, found *Findings) string {
	if clean := withoutUser(path); clean != path {
		found[Key]++
		path = clean
	}
	return Scrub(path, found)
}

// scrubQuery replaces what is personal in a query: values by their key or by their look, in addresses inside it too, and
// keys by their look.
func scrubQuery(query string, found *Findings) string {
	var out []byte
	copied := 0 // how much of query is in out, or has been replaced there
	for at := 0; at < len(query); {
		pair, _, _ := strings.Cut(query[at:], "&")
		key, value, valued := strings.Cut(pair, "=")
		cleanKey, clean := scrubNested(key, maxNesting, found), cleanValue(unescape(key), value, found)
		if cleanKey != key || clean != value {
			out = append(append(out, query[copied:at]...), cleanKey...)
			if valued {
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

// maxNesting is how many times a value is decoded to look for personal data in it.
const maxNesting = 2

func cleanValue(key, value string, found *Findings) string {
	if value == "" {
		return value
	}
	if event.MeaningOf(key)&(event.SecretKey|event.ContactKey) != 0 {
		found[Key]++
		return "[redacted:key]"
	}
	return scrubNested(value, maxNesting, found)
}

// scrubNested scrubs a part of a query as it is, and decoded so many times.
func scrubNested(part string, times int, found *Findings) string {
	part = Scrub(part, found)
	inner := event.Unescape(part)
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
	return escape(clean)
}

// escape writes an address as the value of a query's key.
func escape(s string) string {
	const plainBytes = "-._~:/[]"
	var out strings.Builder
	for i := range len(s) {
		if wordByte(s[i]) || strings.IndexByte(plainBytes, s[i]) >= 0 {
			out.WriteByte(s[i])
		} else {
			fmt.Fprintf(&out, "%%%02X", s[i])
		}
	}
	return out.String()
}
