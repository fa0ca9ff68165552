package body

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"headgate/event"
	"headgate/event/keys"
	"headgate/rules"
)

// copying copies the keys of an object that its lists allow.
type copying struct {
	from    *rules.Template
	only    []string        // nil: every key
	onlyBy  *rules.Template // a list of keys from the settings, in addition to only
	except  []string
	names   keyPattern
	length  *rules.Template // of a text, in characters; nil: any
	scalars bool            // no lists and objects
	text    bool            // numbers and truth values as text
	limit   int             // at most this many keys; 0: all
	prefix  string
	as      part // what each key becomes, with item.key and item.value; nil: its value
	person  bool // the keys describe a person, so that a name is the person's
	private bool // contact data may pass
}

func (c *copying) append(b []byte, f *Frame) []byte {
	start := len(b)
	b = c.appendMembers(b, start, f, nil)
	return closeWith(b, start, '}')
}

// appendMembers adds the keys to an object that begins at start and leaves out those that it has itself.
func (c *copying) appendMembers(b []byte, start int, f *Frame, beside *object) []byte {
	allowed := c.only
	if c.onlyBy != nil {
		for _, v := range f.Value(c.onlyBy).List() {
			allowed = append(slices.Clip(allowed), v.Text())
		}
		if allowed == nil {
			return b
		}
	}
	n := 0
	length := -1
	if c.length != nil {
		if most, ok := f.Value(c.length).Float(); ok {
			length = int(most)
		}
	}
	outer := f.Env.Item
	for _, p := range f.Value(c.from).Object() {
		if c.limit > 0 && n >= c.limit {
			break
		}
		key, ok := c.passes(p, allowed)
		if key != p.Key && c.names.naming != nil {
			f.Machine.Renamed(p.Key, key)
			ok = ok && !c.taken(f, p.Key, key)
		}
		if !ok || beside != nil && beside.has(c.prefix+key) {
			continue
		}
		if length >= 0 && p.Value.Kind() == event.Text {
			p.Value = event.String(f.Machine.Clip(key, p.Value.Text(), length))
		}
		before := len(b)
		b = append(b, separator(before == start, '{'))
		b = append(event.AppendString(b, c.prefix+key), ':')
		value := len(b)
		if b = c.appendValue(b, f, p); len(b) == value {
			b = b[:before]
			continue
		}
		n++
	}
	f.Env.Item = outer
	return b
}

func (c *copying) appendValue(b []byte, f *Frame, p event.Pair) []byte {
	if c.text && !p.Value.IsEmpty() && p.Value.Kind() != event.List && p.Value.Kind() != event.Object {
		p.Value = event.String(p.Value.Text())
	}
	if c.as == nil {
		return appendFull(b, p.Value)
	}
	f.Env.Item = PairValue(p)
	return c.as.append(b, f)
}

// passes returns the key under which a pair is passed on, and whether it is.
func (c *copying) passes(p event.Pair, allowed []string) (key string, ok bool) {
	switch {
	case allowed != nil && !slices.Contains(allowed, p.Key), slices.Contains(c.except, p.Key):
		return p.Key, false
	case allowed == nil && event.IsAppBlock(p.Key, p.Value): // holds ids of the device, for destinations that ask for them
		return p.Key, false
	case c.scalars && (p.Value.Kind() == event.List || p.Value.Kind() == event.Object):
		return p.Key, false
	}
	if key, ok = c.names.allow(p.Key); !ok || slices.Contains(c.except, key) {
		return key, false
	}
	return key, c.private || !rules.Personal(p.Key, p.Value) && !(c.person && keys.TraitMeaning(p.Key)&keys.Contact != 0)
}

// taken reports whether a key derived from another one exists already: by itself, or derived from an earlier key.
func (c *copying) taken(f *Frame, from, key string) bool {
	before := true
	for _, p := range f.Value(c.from).Object() {
		if p.Key == from {
			before = false
		}
		if p.Key == key || before && c.names.of(p.Key) == key {
			return true
		}
	}
	return false
}

// keyPattern decides which keys pass, and under which name. Its answers are cached, since the same keys come with every
// event; the cache is bounded, since keys come from outside.
type keyPattern struct {
	name, not *regexp.Regexp // patterns that keys must match and must not match; nil: any
	naming    *rules.Naming  // makes keys valid first; nil: they stay
	known     sync.Map       // of key to the name it passes under, "" for none
	count     atomic.Int64
}

const keysRemembered = 1000

// allow returns the name under which a key passes, and whether it does.
func (p *keyPattern) allow(key string) (name string, ok bool) {
	if p.name == nil && p.not == nil && p.naming == nil {
		return key, true
	}
	name = p.of(key)
	return name, name != ""
}

func (p *keyPattern) of(key string) string {
	if name, known := p.known.Load(key); known {
		return name.(string)
	}
	name := strings.Clone(key) // it may be a piece of a whole request
	if p.naming != nil {
		name = p.naming.Valid(name)
	}
	if p.name != nil && !p.name.MatchString(name) || p.not != nil && p.not.MatchString(name) {
		name = ""
	}
	if p.count.Add(1) <= keysRemembered {
		p.known.Store(strings.Clone(key), name)
	}
	return name
}
