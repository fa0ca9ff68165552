package event

import (
	"strings"
	"time"
)

// PathError says what is wrong with a path or with the value for it.
type PathError struct {
	Path string
	Fact string
}

func (e *PathError) Error() string {
	if e.Path == "" {
		return e.Fact
	}
	return e.Path + ": " + e.Fact
}

// Lookup finds the field a path starts with, and what is left of the path below it: "params.value" is the field params
// and the rest "value". ok is false when no field has that name.
func Lookup(path string) (f *Field, rest string, ok bool) {
	for i := range Fields {
		f = &Fields[i]
		if f.Path == path {
			return f, "", true
		}
		if len(path) > len(f.Path) && path[len(f.Path)] == '.' && strings.HasPrefix(path, f.Path) {
			if _, isMap := f.Ref(&Event{}).(*Map); isMap {
				return f, path[len(f.Path)+1:], true
			}
		}
	}
	return nil, "", false
}

// GetPath returns what stands at a path ("page.url", "params.value", "params.a.b", "items"); null when there is nothing.
func (e *Event) GetPath(path string) Value {
	f, rest, ok := Lookup(path)
	if !ok {
		return Value{}
	}
	ref := f.Ref(e)
	if rest != "" {
		return descend(*ref.(*Map), rest)
	}
	return ValueAt(ref)
}

// ValueAt returns what a field's Ref points to, null where nothing was said.
func ValueAt(ref any) Value {
	switch p := ref.(type) {
	case *string:
		if *p != "" {
			return String(*p)
		}
	case *bool:
		if *p {
			return Boolean(true)
		}
	case *int64:
		if *p != 0 {
			return Float(float64(*p))
		}
	case *Number:
		if p.Known {
			return Float(p.Float)
		}
	case *time.Time:
		return TimeValue(*p)
	case *Map:
		if len(*p) > 0 {
			return ObjectOf(*p)
		}
	case *[]Item:
		if len(*p) > 0 {
			vs := make([]Value, len(*p))
			for i := range *p {
				vs[i] = (*p)[i].Value()
			}
			return ListOf(vs...)
		}
	}
	return Value{}
}

// Value returns the item as an object like its JSON.
func (i *Item) Value() Value {
	o := make(Map, 0, 8)
	for k := range ItemFields {
		f := &ItemFields[k]
		if v := ValueAt(f.Ref(i)); !v.IsNull() {
			o.Add(f.Path, v)
		}
	}
	return ObjectOf(o)
}

// TimeValue returns a time as text, RFC 3339 with milliseconds; null for the zero time.
func TimeValue(t time.Time) Value {
	if t.IsZero() {
		return Value{}
	}
	b := AppendTime(make([]byte, 0, 32), t)
	return String(string(b[1 : len(b)-1]))
}

// descend finds rest in m: the whole of it as one key first, since names of parameters may hold dots.
func descend(m Map, rest string) Value {
	if v, ok := m.Find(rest); ok {
		return v
	}
	head, tail, ok := strings.Cut(rest, ".")
	if !ok {
		return Value{}
	}
	return descend(m.Get(head).Object(), tail)
}

// SetPath puts v at a path; null empties it. The error is a *PathError: no such field, or a value of another type.
func (e *Event) SetPath(path string, v Value) error {
	f, rest, ok := Lookup(path)
	if !ok {
		return &PathError{path, "no such field"}
	}
	ref := f.Ref(e)
	if rest != "" {
		setBelow(ref.(*Map), rest, v)
		return nil
	}
	if fact := assign(ref, v); fact != "" {
		return &PathError{path, fact}
	}
	return nil
}

func setBelow(m *Map, key string, v Value) {
	if head, tail, ok := strings.Cut(key, "."); ok {
		if _, whole := m.Find(key); !whole {
			nested := m.Get(head).Object().Clone()
			setBelow(&nested, tail, v)
			if len(nested) == 0 {
				m.Delete(head)
				return
			}
			m.Set(head, ObjectOf(nested))
			return
		}
	}
	if v.IsNull() {
		m.Delete(key)
		return
	}
	m.Set(key, v)
}

// assign puts v into the field behind ref and returns what is wrong with it, "" when nothing is.
func assign(ref any, v Value) (fact string) {
	switch p := ref.(type) {
	case *string:
		if v.Kind() == List || v.Kind() == Object {
			return "expected text"
		}
		*p = v.Text()
	case *bool:
		b, ok := v.Bool()
		if !ok && !v.IsNull() {
			return "expected true or false"
		}
		*p = b
	case *int64:
		f, ok := v.Float()
		if !ok && !v.IsNull() {
			return "expected a number"
		}
		*p = int64(f)
	case *Number:
		f, ok := v.Float()
		if !ok && !v.IsNull() {
			return "expected a number"
		}
		*p = Number{f, ok}
	case *time.Time:
		t, ok := ParseTime(v)
		if !ok && !v.IsNull() {
			return "expected a time such as 2026-11-22T10:00:00Z, or unix seconds or milliseconds"
		}
		*p = t
	case *Map:
		if v.Kind() != Object && !v.IsNull() {
			return "expected an object"
		}
		*p = v.Object()
	case *[]Item:
		return assignItems(p, v)
	}
	return ""
}

func assignItems(items *[]Item, v Value) (fact string) {
	if v.Kind() != List && !v.IsNull() {
		return "expected a list of items"
	}
	*items = nil
	for _, one := range v.List() {
		var item Item
		if one.Kind() != Object {
			return "expected an object for each item"
		}
		for _, p := range one.Object() {
			if fact := item.Set(p.Key, p.Value); fact != "" {
				return "item " + p.Key + ": " + fact
			}
		}
		*items = append(*items, item)
	}
	return ""
}

// Set puts v under a name of the vocabulary of items; any other name goes to the item's params. It returns what is wrong
// with the value, "" when nothing is; numbers written as text are taken.
func (i *Item) Set(name string, v Value) (fact string) {
	for k := range ItemFields {
		if ItemFields[k].Path == name {
			ref := ItemFields[k].Ref(i)
			if _, numeric := ref.(*Number); numeric && v.Kind() == Text {
				if n, ok := NumberText(v.Text()); ok {
					v = n
				}
			}
			return assign(ref, v)
		}
	}
	i.Params.Set(name, v)
	return ""
}

// ParseTime reads a time: RFC 3339 text, or a number of unix seconds, milliseconds or microseconds, distinguished by size.
func ParseTime(v Value) (time.Time, bool) {
	if f, ok := v.Float(); ok {
		switch {
		case f <= 0 || f > 9e15:
			return time.Time{}, false
		case f < 1e11:
			return time.UnixMilli(int64(f * 1e3)).UTC(), true
		case f < 1e14:
			return time.UnixMilli(int64(f)).UTC(), true
		default:
			return time.UnixMicro(int64(f)).UTC(), true
		}
	}
	t, err := time.Parse(time.RFC3339Nano, v.Text())
	return t.UTC(), err == nil
}
