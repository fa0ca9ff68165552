package reading

import (
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
		b, ok := Truth(v)
		if !ok {
			return "expected true or false"
		}
		*p = b
	case *int64:
		n, ok := Number(v)
		if !ok || n != float64(int64(n)) {
			return "expected a whole number"
		}
		*p = int64(n)
	case *time.Time:
		t := Time(v)
		if t.IsZero() {
			return "expected a time: 2026-11-22T10:00:00Z, or unix seconds or milliseconds"
		}
		*p = t
	case *event.Map:
		if v.Kind() != event.Object {
			return "expected an object"
		}
		Merge(p, v.Object())
	case *[]event.Item:
		if v.Kind() != event.List {
			return "expected a list of items"
		}
		items, fact := Items(v.List())
		if fact != "" {
			return fact
		}
		*p = items
	}
	return ""
}
