package event

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppendJSON appends the event as JSON: groups as objects, empty fields left out, times in RFC 3339 with milliseconds.
func (e *Event) AppendJSON(b []byte) []byte {
	return append(appendMembers(append(b, '{'), EventColumns, e.Cells()), '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (e *Event) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil), nil }

// AppendJSON appends the item as JSON, empty fields left out.
func (i *Item) AppendJSON(b []byte) []byte {
	return append(appendMembers(append(b, '{'), ItemColumns, i.Cells()), '}')
}

func appendKey(b []byte, key string, first bool) []byte {
	if !first {
		b = append(b, ',')
	}
	return append(AppendString(b, key), ':')
}

// AppendJSON appends m as a JSON object in its own order.
func (m Map) AppendJSON(b []byte) []byte {
	b = append(b, '{')
	for i := range m {
		b = appendKey(b, m[i].Key, i == 0)
		b = m[i].Value.AppendJSON(b)
	}
	return append(b, '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (m Map) MarshalJSON() ([]byte, error) { return m.AppendJSON(nil), nil }

// AppendJSON appends v as JSON.
func (v Value) AppendJSON(b []byte) []byte {
	switch v.kind {
	case Bool:
		return strconv.AppendBool(b, v.word == 1)
	case Numeric:
		if v.digits > 0 {
			return append(b, v.text()...)
		}
		return appendNumber(b, v.number())
	case Text:
		return AppendString(b, v.text())
	case Object:
		return v.object().AppendJSON(b)
	case List:
		b = append(b, '[')
		for i, e := range v.list() {
			if i > 0 {
				b = append(b, ',')
			}
			b = e.AppendJSON(b)
		}
		return append(b, ']')
	}
	return append(b, "null"...)
}

// MarshalJSON is AppendJSON for encoding/json.
func (v Value) MarshalJSON() ([]byte, error) { return v.AppendJSON(nil), nil }

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON text. Bytes that are no UTF-8 become U+FFFD; < and > stay as they are.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := plain(s); i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if (r != utf8.RuneError || size > 1) && r != '\u2028' && r != '\u2029' {
				i += size
				continue
			}
			b = append(b, s[start:i]...)
			if size == 1 {
				b = append(b, `\ufffd`...)
			} else {
				b = append(b, `\u202`...)
				b = append(b, hexDigits[r&0xf])
			}
			i += size
			start = i
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, `\u00`...)
			b = append(b, hexDigits[c>>4], hexDigits[c&0xf])
		}
		i++
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// plain is how many bytes s begins with, in eights, that JSON takes as they are: ASCII without controls, quotes and
// backslashes. Each eight is one word, in which the top bit of a byte tells: a byte is below 0x20 when taking 0x20 off borrows,
// and it is a quote when what is left after the quote's bits are flipped is below 1.
func plain(s string) (n int) {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; n+8 <= len(s); n += 8 {
		w := uint64(s[n]) | uint64(s[n+1])<<8 | uint64(s[n+2])<<16 | uint64(s[n+3])<<24 |
			uint64(s[n+4])<<32 | uint64(s[n+5])<<40 | uint64(s[n+6])<<48 | uint64(s[n+7])<<56
		quote, backslash := w^ones*'"', w^ones*'\\'
		if (w|(w-ones*' ')|(quote-ones)|(backslash-ones))&tops != 0 {
			break
		}
	}
	return n
}

// UnmarshalJSON reads the JSON of an event, as AppendJSON writes it. Unknown keys, and values of another type than the
// vocabulary's, are errors that name their path.
func (e *Event) UnmarshalJSON(data []byte) error {
	v, err := ParseJSON(data)
	if err != nil {
		return err
	}
	*e = Event{}
	return e.fill("", v)
}

func (e *Event) fill(prefix string, v Value) error {
	if v.Kind() != Object {
		return &PathError{Path: strings.TrimSuffix(prefix, "."), Fact: "expected an object"}
	}
	for _, p := range v.Object() {
		path := prefix + p.Key
		if prefix == "" && isGroup(p.Key) {
			if err := e.fill(path+".", p.Value); err != nil {
				return err
			}
			continue
		}
		if err := e.SetPath(path, p.Value); err != nil {
			return err
		}
	}
	return nil
}

func isGroup(name string) bool {
	switch name {
	case "user", "session", "page", "campaign", "device", "geo", "traffic":
		return true
	}
	return false
}

// UnmarshalJSON reads any JSON value.
func (v *Value) UnmarshalJSON(data []byte) (err error) {
	*v, err = ParseJSON(data)
	return err
}

// MaxDepth bounds how deeply lists and objects may be nested in foreign JSON.
const MaxDepth = 100

// ParseJSON reads one JSON value, MaxDepth deep at most; the order of keys and the writing of numbers are kept, and the last
// of two equal keys wins.
func ParseJSON(data []byte) (Value, error) {
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	v, err := parseValue(d, MaxDepth)
	if err != nil {
		return Value{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return Value{}, &PathError{Fact: "more than one JSON value"}
	}
	return v, nil
}

func parseValue(d *json.Decoder, depth int) (Value, error) {
	t, err := d.Token()
	if err != nil {
		return Value{}, err
	}
	switch t := t.(type) {
	case string:
		return String(t), nil
	case bool:
		return Boolean(t), nil
	case json.Number:
		v, ok := NumberText(t.String())
		if !ok {
			return Value{}, &PathError{Fact: "the number " + t.String() + " is out of range"}
		}
		return v, nil
	case json.Delim:
		if depth == 0 {
			return Value{}, &PathError{Fact: "values lie more than " + strconv.Itoa(MaxDepth) + " deep in each other"}
		}
		if t == '[' {
			return parseList(d, depth-1)
		}
		return parseObject(d, depth-1)
	}
	return Value{}, nil
}

func parseList(d *json.Decoder, depth int) (Value, error) {
	var vs []Value
	for d.More() {
		v, err := parseValue(d, depth)
		if err != nil {
			return Value{}, err
		}
		vs = append(vs, v)
	}
	_, err := d.Token()
	return ListOf(vs...), err
}

func parseObject(d *json.Decoder, depth int) (Value, error) {
	const few = 32 // keys are sooner compared than hashed
	var m Map
	var places map[string]int // of the keys in m, once they are many
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return Value{}, err
		}
		key := t.(string)
		v, err := parseValue(d, depth)
		if err != nil {
			return Value{}, err
		}
		if len(m) < few {
			m.Set(key, v)
			continue
		}
		if places == nil {
			places = make(map[string]int, 2*few)
			for i := range m {
				places[m[i].Key] = i
			}
		}
		if i, there := places[key]; there {
			m[i].Value = v
			continue
		}
		places[key] = len(m)
		m.Add(key, v)
	}
	_, err := d.Token()
	return ObjectOf(m), err
}
