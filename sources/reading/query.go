package reading

import (
	"fmt"
	"strings"

	"headgate/event"
	"headgate/event/wire"
	"headgate/sources"
)

// Pairs walks a raw query or a form body without splitting it up. Names and values are as sent, still escaped.
type Pairs string

// Next returns the next pair, without those between two "&".
func (p *Pairs) Next() (name, value string, ok bool) {
	for *p != "" {
		pair, name, value, rest := wire.CutPair(string(*p))
		if *p = Pairs(rest); pair != "" {
			return name, value, true
		}
	}
	return "", "", false
}

// QueryObject reads a query as an object: the names are paths, of parts after a dot or in brackets, such as properties.plan
// and data[plan].
func QueryObject(query string) (event.Map, error) {
	var m event.Map
	all, texts := Pairs(query), event.Arena{Size: len(query)}
	count := 0
	for name, value, ok := all.Next(); ok; name, value, ok = all.Next() {
		if count++; count > MaxParams {
			return nil, fmt.Errorf("%w: a query may have %d parameters", sources.ErrTooLarge, MaxParams)
		}
		setBelow(&m, brackets.Replace(texts.Unescape(name)), event.String(texts.Unescape(value)))
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

// FlatQuery reads a query whose names are what they are.
func FlatQuery(query string) (m event.Map, err error) {
	all, texts := Pairs(query), event.Arena{Size: len(query)}
	count := 0
	for name, value, ok := all.Next(); ok; name, value, ok = all.Next() {
		if count++; count > MaxParams {
			return nil, fmt.Errorf("%w: a query may have %d parameters", sources.ErrTooLarge, MaxParams)
		}
		m.Set(texts.Unescape(name), event.String(texts.Unescape(value)))
	}
	return m, nil
}

// MaxParams bounds the parameters of one GA4 event. gtag sends at most 200 products, 25 parameters, 25 user properties and
// some 60 of its own.
const MaxParams = 500

// maxDepth is how deep a path with dots is taken apart.
const maxDepth = 8
