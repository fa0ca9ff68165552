package event

import (
	"math"
	"sort"
	"strconv"
	"unsafe"
)

// Kind says what a Value holds.
type Kind uint8

// The kinds are JSON's.
const (
	Null Kind = iota
	Bool
	Numeric
	Text
	List
	Object
)

// Value is one JSON-like value, in 24 bytes: what a client sends in two bytes is held in one of these. The zero Value is null.
type Value struct {
	// start is the first byte of a Text and of a written Numeric, the first element of a List, the first pair of an Object.
	start unsafe.Pointer
	// word is the length of a Text, List or Object, the float64 of a Numeric, 1 or 0 of a Bool.
	word   uint64
	digits uint32 // how long a Numeric is as the client wrote it; 0 when it was computed
	kind   Kind
}

func (v *Value) number() float64 { return math.Float64frombits(v.word) }

// text is a Text, or a Numeric as the client wrote it.
func (v *Value) text() string {
	if v.kind == Numeric {
		return unsafe.String((*byte)(v.start), int(v.digits))
	}
	return unsafe.String((*byte)(v.start), int(v.word))
}

// list is the values of a List.
func (v *Value) list() []Value { return unsafe.Slice((*Value)(v.start), int(v.word)) }

// object is the pairs of an Object.
func (v *Value) object() Map { return unsafe.Slice((*Pair)(v.start), int(v.word)) }

// TextOf is b as a text, without a copy: b must no longer change.
func TextOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// SameText is a == b, decided without a call where both are the same memory: that halves what it takes to find a counter by its words.
func SameText(a, b string) bool {
	return len(a) == len(b) && (unsafe.StringData(a) == unsafe.StringData(b) || a == b)
}

// String returns a text value.
func String(s string) Value {
	return Value{kind: Text, start: unsafe.Pointer(unsafe.StringData(s)), word: uint64(len(s))}
}

// numeric returns a number that was written as text, or computed when text is "".
func numeric(f float64, text string) Value {
	return Value{kind: Numeric, word: math.Float64bits(f), start: unsafe.Pointer(unsafe.StringData(text)), digits: uint32(len(text))}
}

// Boolean returns true or false as a value.
func Boolean(b bool) Value {
	if b {
		return Value{kind: Bool, word: 1}
	}
	return Value{kind: Bool}
}

// Float returns a computed number; NaN and the infinities, which JSON cannot say, are null.
func Float(f float64) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}
	}
	return numeric(f, "")
}

// NumberText reads a JSON number and keeps how it was written, so that a long id does not lose digits. ok is false for
// anything that is no JSON number.
func NumberText(s string) (v Value, ok bool) {
	if !isNumber(s) {
		return Value{}, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return Value{}, false
	}
	return numeric(f, s), true
}

// ListOf returns a list.
func ListOf(vs ...Value) Value {
	return Value{kind: List, start: unsafe.Pointer(unsafe.SliceData(vs)), word: uint64(len(vs))}
}

// ObjectOf returns an object.
func ObjectOf(m Map) Value {
	return Value{kind: Object, start: unsafe.Pointer(unsafe.SliceData(m)), word: uint64(len(m))}
}

// Kind says what v holds.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.kind == Null }

// IsEmpty reports whether v is null, "", [] or {}: what is left out of requests.
func (v Value) IsEmpty() bool {
	switch v.kind {
	case Null:
		return true
	case Text, List, Object:
		return v.word == 0
	}
	return false
}

// Text returns v as text: a text itself, a number as it was written, true or false; "" for null, lists and objects.
func (v Value) Text() string {
	switch v.kind {
	case Text:
		return v.text()
	case Numeric:
		if v.digits > 0 {
			return v.text()
		}
		return string(appendNumber(nil, v.number()))
	case Bool:
		return strconv.FormatBool(v.word == 1)
	}
	return ""
}

// Written returns a number as the client wrote it, "" for a computed one and for everything else.
func (v Value) Written() string {
	if v.kind != Numeric || v.digits == 0 {
		return ""
	}
	return v.text()
}

// Float returns the number v holds; ok is false for everything but numbers.
func (v Value) Float() (f float64, ok bool) {
	if v.kind != Numeric {
		return 0, false
	}
	return v.number(), true
}

// Bool returns the truth value v holds; ok is false for everything but true and false.
func (v Value) Bool() (b, ok bool) { return v.kind == Bool && v.word == 1, v.kind == Bool }

// List returns the values of a list, nil for everything else. They must not be changed.
func (v Value) List() []Value {
	if v.kind != List {
		return nil
	}
	return v.list()
}

// Object returns the pairs of an object, nil for everything else. They must not be changed.
func (v Value) Object() Map {
	if v.kind != Object {
		return nil
	}
	return v.object()
}

// Any returns v as plain Go: nil, bool, float64, string, []any, map[string]any.
func (v Value) Any() any {
	switch v.kind {
	case Bool:
		return v.word == 1
	case Numeric:
		return v.number()
	case Text:
		return v.text()
	case List:
		out := make([]any, len(v.list()))
		for i, e := range v.list() {
			out[i] = e.Any()
		}
		return out
	case Object:
		return v.object().Any()
	}
	return nil
}

// ValueOf turns plain Go (what a formula returns, what a JSON or YAML decoder yields) into a Value. Keys of Go maps are
// sorted. ok is false for a type it does not know.
func ValueOf(x any) (v Value, ok bool) {
	switch x := x.(type) {
	case nil:
		return Value{}, true
	case Value:
		return x, true
	case Map:
		return ObjectOf(x), true
	case string:
		return String(x), true
	case bool:
		return Boolean(x), true
	case float64:
		return Float(x), true
	case float32:
		return Float(float64(x)), true
	case int:
		return numeric(float64(x), strconv.Itoa(x)), true
	case int32:
		return numeric(float64(x), strconv.FormatInt(int64(x), 10)), true
	case int64:
		return numeric(float64(x), strconv.FormatInt(x, 10)), true
	case uint64:
		return numeric(float64(x), strconv.FormatUint(x, 10)), true
	case Number:
		if !x.Known {
			return Value{}, true
		}
		return Float(x.Float), true
	case []string:
		vs := make([]Value, len(x))
		for i, s := range x {
			vs[i] = String(s)
		}
		return ListOf(vs...), true
	case []any:
		vs := make([]Value, len(x))
		for i, e := range x {
			if vs[i], ok = ValueOf(e); !ok {
				return Value{}, false
			}
		}
		return ListOf(vs...), true
	case map[string]any:
		return objectFrom(x)
	}
	return Value{}, false
}

func objectFrom(x map[string]any) (Value, bool) {
	keys := make([]string, 0, len(x))
	for k := range x {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	m := make(Map, 0, len(keys))
	for _, k := range keys {
		v, ok := ValueOf(x[k])
		if !ok {
			return Value{}, false
		}
		m = append(m, Pair{k, v})
	}
	return ObjectOf(m), true
}

// Equal reports whether v and w are the same value; numbers compare as numbers, objects without regard to order.
func (v Value) Equal(w Value) bool {
	if v.kind != w.kind {
		return false
	}
	switch v.kind {
	case Text:
		return v.text() == w.text()
	case List:
		a, b := v.list(), w.list()
		if len(a) != len(b) {
			return false
		}
		for i := range a {
			if !a[i].Equal(b[i]) {
				return false
			}
		}
		return true
	case Object:
		if len(v.object()) != len(w.object()) {
			return false
		}
		for _, p := range v.object() {
			if other, ok := w.object().Find(p.Key); !ok || !p.Value.Equal(other) {
				return false
			}
		}
		return true
	}
	if v.kind == Numeric {
		return v.number() == w.number()
	}
	return v.word == w.word
}

// Pair is one key of a Map.
type Pair struct {
	Key   string
	Value Value
}

// Map is an ordered set of keys and values: one allocation however many there are, and quick to search for the few dozen
// keys that an event has.
type Map []Pair

// Get returns the value of key, null when it is absent.
func (m Map) Get(key string) Value {
	v, _ := m.Find(key)
	return v
}

// Find returns the value of key and whether it is there.
func (m Map) Find(key string) (Value, bool) {
	for i := range m {
		if m[i].Key == key {
			return m[i].Value, true
		}
	}
	return Value{}, false
}

// Text returns the value of key as text, "" when it is absent.
func (m Map) Text(key string) string { return m.Get(key).Text() }

// Add appends a key that is known to be new.
func (m *Map) Add(key string, v Value) { *m = append(*m, Pair{key, v}) }

// Set puts v under key, replacing what was there.
func (m *Map) Set(key string, v Value) {
	for i := range *m {
		if (*m)[i].Key == key {
			(*m)[i].Value = v
			return
		}
	}
	m.Add(key, v)
}

// Delete removes key.
func (m *Map) Delete(key string) {
	for i := range *m {
		if (*m)[i].Key == key {
			*m = append((*m)[:i:i], (*m)[i+1:]...)
			return
		}
	}
}

// Clone returns a copy whose pairs can be changed; nested values are shared, since they are never changed in place.
func (m Map) Clone() Map {
	if m == nil {
		return nil
	}
	return append(make(Map, 0, len(m)+4), m...)
}

// Any returns m as a Go map.
func (m Map) Any() map[string]any {
	out := make(map[string]any, len(m))
	for _, p := range m {
		out[p.Key] = p.Value.Any()
	}
	return out
}
