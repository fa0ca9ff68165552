package destinations

import (
	"regexp"
	"slices"
	"strings"

	"headgate/event"
	"headgate/rules"
)

// each yields one element per event of the batch, per item, or per element of what a formula yields.
type each struct {
	over  *rules.Template // nil: the batch, or the items
	items bool            // the products of the event
	where *rules.Formula
	limit int // 0: none
	as    part
}

func (e *each) append(b []byte, f *frame) []byte {
	start := len(b)
	b = e.elements(b, start, f)
	return closeWith(b, start, ']')
}

func (e *each) elements(b []byte, start int, f *frame) []byte {
	switch {
	case e.items:
		return e.ofItems(b, start, f)
	case e.over == nil:
		return e.ofBatch(b, start, f)
	}
	v := f.value(e.over)
	outer, index := f.env.Item, f.env.Index
	n := 0
	for i, one := range v.List() {
		b, n = e.one(b, start, f, one, i, n)
	}
	for i, p := range v.Object() {
		b, n = e.one(b, start, f, pairValue(p), i, n)
	}
	f.env.Item, f.env.Index = outer, index
	return b
}

// pairValue is how a key of an object looks to as: as item.key and item.value.
func pairValue(p event.Pair) event.Value {
	return event.ObjectOf(event.Map{{Key: "key", Value: event.String(p.Key)}, {Key: "value", Value: p.Value}})
}

func (e *each) ofBatch(b []byte, start int, f *frame) []byte {
	n := 0
	for i := range f.rows {
		f.at(&f.rows[i])
		if !f.holds(e.where) || e.limit > 0 && n >= e.limit {
			continue
		}
		before := len(b)
		if b = e.add(b, start, f); len(b) > before {
			n++
		}
	}
	f.at(&f.rows[0])
	return b
}

func (e *each) ofItems(b []byte, start int, f *frame) []byte {
	outer, index := f.env.Item, f.env.Index
	n := 0
	for i, item := range f.itemsOf(f.env.Event) {
		b, n = e.one(b, start, f, item, i, n)
	}
	f.env.Item, f.env.Index = outer, index
	return b
}

// one adds the element for an item, the n-th that is added.
func (e *each) one(b []byte, start int, f *frame, item event.Value, index, n int) ([]byte, int) {
	f.env.Item, f.env.Index = item, index
	if e.limit > 0 && n >= e.limit || !f.holds(e.where) {
		return b, n
	}
	before := len(b)
	if b = e.add(b, start, f); len(b) > before {
		n++
	}
	return b, n
}

func (e *each) add(b []byte, start int, f *frame) []byte {
	if inner, many := e.as.(elements); many {
		return inner.elements(b, start, f)
	}
	before := len(b)
	b = append(b, separator(before == start, '['))
	value := len(b)
	if b = e.as.append(b, f); len(b) == value {
		return b[:before]
	}
	return b
}

// itemsOf are the items of an event as formulas see them. They are made once for an event, in memory that the next event
// uses again: what a formula yields of them is written out before that.
func (f *frame) itemsOf(e *event.Event) []event.Value {
	if f.itemized == e {
		return f.items
	}
	f.itemized = e
	old := f.items[:cap(f.items)]
	f.items = f.items[:0]
	for i := range e.Items {
		var m event.Map
		if i < len(old) {
			m = old[i].Object()[:0]
		}
		f.items = append(f.items, event.ObjectOf(appendItem(m, &e.Items[i])))
	}
	return f.items
}

func appendItem(m event.Map, i *event.Item) event.Map {
	for k := range event.ItemFields {
		field := &event.ItemFields[k]
		switch p := field.Ref(i).(type) {
		case *string:
			if *p != "" {
				m.Add(field.Path, event.String(*p))
			}
		case *event.Number:
			if p.Known {
				m.Add(field.Path, event.Float(p.Float))
			}
		case *event.Map:
			if len(*p) > 0 {
				m.Add(field.Path, event.ObjectOf(*p))
			}
		}
	}
	return m
}

// copying passes the keys of an object on, as far as its lists allow.
type copying struct {
	from    *rules.Template
	only    []string        // nil: every key
	onlyBy  *rules.Template // a list of keys out of the settings, beside only
	except  []string
	name    *regexp.Regexp // what keys must look like
	not     *regexp.Regexp // and must not
	scalars bool           // no lists and objects
	text    bool           // numbers and truth values as text
	limit   int            // so many keys at most, 0: all
	prefix  string
	as      part // what each key becomes, with item.key and item.value; nil: its value
	private bool // contact data may pass
}

func (c *copying) append(b []byte, f *frame) []byte {
	start := len(b)
	b = c.appendMembers(b, start, f, nil)
	return closeWith(b, start, '}')
}

// appendMembers adds the keys to an object that begins at start and leaves out those that it has itself.
func (c *copying) appendMembers(b []byte, start int, f *frame, beside *object) []byte {
	allowed := c.only
	if c.onlyBy != nil {
		for _, v := range f.value(c.onlyBy).List() {
			allowed = append(slices.Clip(allowed), v.Text())
		}
		if allowed == nil {
			return b
		}
	}
	n := 0
	outer := f.env.Item
	for _, p := range f.value(c.from).Object() {
		if c.limit > 0 && n >= c.limit {
			break
		}
		if !c.passes(p, allowed) || beside != nil && beside.has(c.prefix+p.Key) {
			continue
		}
		before := len(b)
		b = append(b, separator(before == start, '{'))
		b = append(event.AppendString(b, c.prefix+p.Key), ':')
		value := len(b)
		if b = c.appendValue(b, f, p); len(b) == value {
			b = b[:before]
			continue
		}
		n++
	}
	f.env.Item = outer
	return b
}

func (c *copying) appendValue(b []byte, f *frame, p event.Pair) []byte {
	if c.text && !p.Value.IsEmpty() && p.Value.Kind() != event.List && p.Value.Kind() != event.Object {
		p.Value = event.String(p.Value.Text())
	}
	if c.as == nil {
		return appendFull(b, p.Value)
	}
	f.env.Item = pairValue(p)
	return c.as.append(b, f)
}

func (c *copying) passes(p event.Pair, allowed []string) bool {
	switch {
	case allowed != nil && !slices.Contains(allowed, p.Key), slices.Contains(c.except, p.Key):
		return false
	case c.name != nil && !c.name.MatchString(p.Key), c.not != nil && c.not.MatchString(p.Key):
		return false
	case c.scalars && (p.Value.Kind() == event.List || p.Value.Kind() == event.Object):
		return false
	}
	return c.private || !personal(p)
}

var (
	personalKey   = regexp.MustCompile(`(?i)^(user[_.]?)?(e?[_-]?mail([_-]?address)?|(tele)?phone([_-]?number)?|mobile([_-]?number)?|(first|last|given|family|full|sur)[_-]?name|street([_-]?address)?|address([_-]?line)?[_-]?[12]?|(birth[_-]?date|date[_-]?of[_-]?birth|birthday|dob)|postal[_-]?code|zip([_-]?code)?|ssn|iban|passw(or)?d)$`)
	personalValue = regexp.MustCompile(`[A-Za-z0-9._%+-]+(@|%40)[A-Za-z0-9-]+\.[A-Za-z]{2,}`)
)

// personal reports whether a key that a site sent beside the vocabulary looks like contact data: by its name, or since its
// text holds an e-mail address. Such keys are never passed on unless the file says personal: keep.
func personal(p event.Pair) bool {
	if personalKey.MatchString(p.Key) {
		return true
	}
	switch p.Value.Kind() {
	case event.Text:
		text := p.Value.Text()
		return (strings.Contains(text, "@") || strings.Contains(text, "%40")) && personalValue.MatchString(text)
	case event.List:
		return slices.ContainsFunc(p.Value.List(), func(v event.Value) bool { return personal(event.Pair{Value: v}) })
	case event.Object:
		return slices.ContainsFunc(p.Value.Object(), personal)
	}
	return false
}
