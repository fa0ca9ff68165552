package destinations

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"headgate/event"
	"headgate/rules"
)

// copying passes the keys of an object on, as far as its lists allow.
type copying struct {
	from    *rules.Template
	only    []string        // nil: every key
	onlyBy  *rules.Template // a list of keys out of the settings, beside only
	except  []string
	names   keyPattern
	scalars bool // no lists and objects
	text    bool // numbers and truth values as text
	limit   int  // so many keys at most, 0: all
	prefix  string
	as      part // what each key becomes, with item.key and item.value; nil: its value
	person  bool // the keys describe a person, so that a name is the person's
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
	case allowed == nil && event.IsAppBlock(p.Key, p.Value): // holds ids of the device, for destinations that ask for them
		return false
	case !c.names.allow(p.Key):
		return false
	case c.scalars && (p.Value.Kind() == event.List || p.Value.Kind() == event.Object):
		return false
	}
	return c.private || !rules.Personal(p.Key, p.Value) && !(c.person && event.TraitMeaning(p.Key)&event.ContactKey != 0)
}

// keyPattern says by regular expressions which keys pass. What it said is remembered, since the same keys come with every
// event; so many at most, since keys come from outside.
type keyPattern struct {
	name, not *regexp.Regexp // what keys must look like, and must not; nil: no matter
	known     sync.Map       // of key to bool
	count     atomic.Int64
}

const keysRemembered = 1000

func (p *keyPattern) allow(key string) bool {
	if p.name == nil && p.not == nil {
		return true
	}
	if yes, known := p.known.Load(key); known {
		return yes.(bool)
	}
	yes := (p.name == nil || p.name.MatchString(key)) && (p.not == nil || !p.not.MatchString(key))
	if p.count.Add(1) <= keysRemembered {
		p.known.Store(strings.Clone(key), yes) // the key may be a piece of a whole request
	}
	return yes
}
