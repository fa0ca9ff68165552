package sources

import (
	"fmt"
	"strings"

	"headgate/event"
)

// pairs walks a raw query or a form body without splitting it up. Names and values are as sent, still escaped.
type pairs struct{ rest string }

// next returns the next pair, without those between two "&".
func (p *pairs) next() (name, value string, ok bool) {
	for p.rest != "" {
		var pair string
		if pair, name, value, p.rest = event.CutPair(p.rest); pair != "" {
			return name, value, true
		}
	}
	return "", "", false
}

// arena holds the unescaped texts of one request in one allocation. Texts that had no escapes are not copied at all, but
// stay part of the request.
type arena struct {
	b    strings.Builder
	size int // how much the first copy makes room for: the whole of what may come
}

// unescape is event.Unescape into the arena.
func (a *arena) unescape(s string) string {
	i := event.FindEscape(s)
	if i < 0 {
		return s
	}
	if a.b.Cap() == 0 {
		a.b.Grow(max(a.size, len(s)))
	}
	from := a.b.Len()
	for ; i >= 0; i = event.FindEscape(s) {
		s = event.UnescapeFirst(&a.b, s, i)
	}
	a.b.WriteString(s)
	return a.b.String()[from:]
}

// text copies foreign bytes that will not last.
func (a *arena) text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if a.b.Cap() == 0 {
		a.b.Grow(max(a.size, len(b)))
	}
	from := a.b.Len()
	a.b.Write(b)
	return a.b.String()[from:]
}

// queryObject reads a query as an object: the names are paths, of parts after a dot or in brackets, such as properties.plan
// and data[plan].
func queryObject(query string) (event.Map, error) {
	var m event.Map
	all, texts := pairs{query}, arena{size: len(query)}
	count := 0
	for name, value, ok := all.next(); ok; name, value, ok = all.next() {
		if count++; count > maxParams {
			return nil, fmt.Errorf("%w: a query may have %d parameters", ErrTooLarge, maxParams)
		}
		setBelow(&m, brackets.Replace(texts.unescape(name)), event.String(texts.unescape(value)))
	}
	return m, nil
}

var brackets = strings.NewReplacer("][", ".", "[", ".", "]", "")

// setBelow sets what stands at a path of an object.
func setBelow(m *event.Map, path string, v event.Value) {
	key, below, nested := strings.Cut(path, ".")
	if !nested || strings.Count(below, ".") > maxDepth {
		m.Set(path, v)
		return
	}
	inside := m.Get(key).Object()
	setBelow(&inside, below, v)
	m.Set(key, event.ObjectOf(inside))
}
