package sources

import (
	"math"
	"slices"
	"strings"
	"time"

	"headgate/event"
)

// vocabulary finds the fields of an event by the names that our own JSON and the pixel use.
type vocabulary struct {
	fields map[string]*event.Field            // by their whole path
	groups map[string]map[string]*event.Field // user, session, page, ...: by the name within the group
}

// ours are the fields that no client can set: we know them better.
var ours = []string{"received", "source", "site"}

// stated are the fields that only a proven sender can set: a browser that could would choose its own privacy law, and a crawler
// would call itself a person.
func stated(path string) bool {
	return path == "device.ip" || strings.HasPrefix(path, "geo.") || strings.HasPrefix(path, "traffic.")
}

func newVocabulary() *vocabulary {
	v := &vocabulary{fields: map[string]*event.Field{}, groups: map[string]map[string]*event.Field{}}
	for i := range event.Fields {
		f := &event.Fields[i]
		v.fields[f.Path] = f
		if group, name, ok := strings.Cut(f.Path, "."); ok {
			if v.groups[group] == nil {
				v.groups[group] = map[string]*event.Field{}
			}
			v.groups[group][name] = f
		}
	}
	for _, path := range ours {
		delete(v.fields, path)
	}
	return v
}

// find returns the field that a path starts with and what is left of the path below it, nil when there is none.
func (v *vocabulary) find(path string) (f *event.Field, rest string) {
	if f := v.fields[path]; f != nil {
		return f, ""
	}
	// The maps have names of one or two parts, so there are two places to look at, however long the path is.
	for i, dots := 0, 0; i < len(path) && dots < 2; i++ {
		if path[i] != '.' {
			continue
		}
		dots++
		if f := v.fields[path[:i]]; f != nil && isMap(f) {
			return f, path[i+1:]
		}
	}
	return nil, ""
}

func isMap(f *event.Field) bool {
	_, ok := f.Ref(&event.Event{}).(*event.Map)
	return ok
}

// set puts a value into a field of an event, reading it as generously as is safe: numbers, times and truth written as text
// are taken. It returns what is wrong with the value, "" when nothing is.
func set(e *event.Event, f *event.Field, v event.Value) (fact string) {
	switch p := f.Ref(e).(type) {
	case *string:
		if v.Kind() == event.List || v.Kind() == event.Object {
			return "expected text"
		}
		*p = v.Text()
	case *bool:
		b, ok := truth(v)
		if !ok {
			return "expected true or false"
		}
		*p = b
	case *int64:
		n, ok := number(v)
		if !ok || n != float64(int64(n)) {
			return "expected a whole number"
		}
		*p = int64(n)
	case *time.Time:
		t := readTime(v)
		if t.IsZero() {
			return "expected a time: 2026-11-22T10:00:00Z, or unix seconds or milliseconds"
		}
		*p = t
	case *event.Map:
		if v.Kind() != event.Object {
			return "expected an object"
		}
		merge(p, v.Object())
	case *[]event.Item:
		if v.Kind() != event.List {
			return "expected a list of items"
		}
		items, fact := readItems(v.List())
		if fact != "" {
			return fact
		}
		*p = items
	}
	return ""
}

// merge adds the pairs of m to what is there; the newcomer wins.
func merge(into *event.Map, m event.Map) {
	if len(*into) == 0 {
		*into = m.Clone()
		return
	}
	for _, p := range m {
		into.Set(p.Key, p.Value)
	}
}

// copyEvent copies what the events of a request share, so that each can be changed by itself.
func copyEvent(e *event.Event) event.Event {
	c := *e
	c.User.Traits, c.Campaign.ClickIDs = e.User.Traits.Clone(), e.Campaign.ClickIDs.Clone()
	c.Cookies, c.Consent, c.Params = e.Cookies.Clone(), e.Consent.Clone(), e.Params.Clone()
	c.Items = slices.Clone(e.Items)
	return c
}

// truth reads true and false in the ways that clients write them.
func truth(v event.Value) (b, ok bool) {
	if b, ok := v.Bool(); ok {
		return b, true
	}
	switch strings.ToLower(v.Text()) {
	case "true", "1", "yes", "granted":
		return true, true
	case "false", "0", "no", "denied":
		return false, true
	}
	return false, false
}

// number reads a number, also one that is written as text.
func number(v event.Value) (float64, bool) {
	if f, ok := v.Float(); ok {
		return f, true
	}
	if n, ok := event.NumberText(v.Text()); ok {
		return n.Float()
	}
	return 0, false
}

// cents takes what a computer adds to a sum of money off it: three times 0.1 is 0.3.
func cents(sum float64) float64 {
	if math.Abs(sum) > 1e11 {
		return sum
	}
	return math.Round(sum*1e4) / 1e4
}

// amount turns the text of a parameter that is a sum of money in every protocol into the number it says: sites that write
// "129.90" mean it, and rules and vendors calculate with it.
func amount(name string, v event.Value) event.Value {
	if v.Kind() != event.Text {
		return v
	}
	switch name {
	case "value", "tax", "shipping":
		if n, ok := event.NumberText(v.Text()); ok {
			return n
		}
	}
	return v
}

// maxID is the longest event id that is kept as one. A longer one stays an ordinary parameter.
const maxID = 256

// setID keeps the client's own event id, on which vendors deduplicate.
func setID(e *event.Event, id string) {
	if id == "" {
		return
	}
	if len(id) > maxID {
		e.Params.Set("event_id", event.String(id))
		return
	}
	e.ID = id
}
