package sources

import (
	"fmt"
	"strings"

	"headgate/event"
)

// pairs walks a raw query or a form body without splitting it up. Names and values are as sent, still escaped.
type pairs struct{ rest string }

func (p *pairs) next() (name, value string, ok bool) {
	for p.rest != "" {
		pair := p.rest
		if i := strings.IndexByte(pair, '&'); i >= 0 {
			pair, p.rest = pair[:i], pair[i+1:]
		} else {
			p.rest = ""
		}
		if pair == "" {
			continue
		}
		if i := strings.IndexByte(pair, '='); i >= 0 {
			return pair[:i], pair[i+1:], true
		}
		return pair, "", true
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
	i := firstEscape(s)
	if i < 0 {
		return s
	}
	if a.b.Cap() == 0 {
		a.b.Grow(max(a.size, len(s)))
	}
	from := a.b.Len()
	for i >= 0 {
		a.b.WriteString(s[:i])
		switch {
		case s[i] == '+':
			a.b.WriteByte(' ')
			s = s[i+1:]
		case i+2 < len(s) && unhex[s[i+1]] < 16 && unhex[s[i+2]] < 16:
			a.b.WriteByte(unhex[s[i+1]]<<4 | unhex[s[i+2]])
			s = s[i+3:]
		default:
			a.b.WriteByte('%')
			s = s[i+1:]
		}
		i = firstEscape(s)
	}
	a.b.WriteString(s)
	return a.b.String()[from:]
}

func firstEscape(s string) int {
	for i := range len(s) {
		if s[i] == '%' || s[i] == '+' {
			return i
		}
	}
	return -1
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

// unhex is the value of a hexadecimal digit, 255 for every other byte.
var unhex = func() (t [256]byte) {
	for i := range t {
		t[i] = 255
	}
	for i := range byte(10) {
		t['0'+i] = i
	}
	for i := range byte(6) {
		t['a'+i], t['A'+i] = 10+i, 10+i
	}
	return t
}()

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
