package body

import (
	"encoding/json"

	"headgate/event"
)

// appendFull appends a value without its empty parts.
func appendFull(b []byte, v event.Value) []byte {
	switch v.Kind() {
	case event.List:
		start := len(b)
		for _, one := range v.List() {
			b = appendElement(b, start, func(b []byte) []byte { return appendFull(b, one) })
		}
		return closeWith(b, start, ']')
	case event.Object:
		start := len(b)
		for _, p := range v.Object() {
			before := len(b)
			b = append(b, separator(before == start, '{'))
			b = append(event.AppendString(b, p.Key), ':')
			value := len(b)
			if b = appendFull(b, p.Value); len(b) == value {
				b = b[:before]
			}
		}
		return closeWith(b, start, '}')
	}
	if v.IsEmpty() {
		return b
	}
	return v.AppendJSON(b)
}

// appendElement adds one element to a list that begins at start, or nothing.
func appendElement(b []byte, start int, element func([]byte) []byte) []byte {
	before := len(b)
	b = append(b, separator(before == start, '['))
	value := len(b)
	if b = element(b); len(b) == value {
		return b[:before]
	}
	return b
}

func separator(first bool, opening byte) byte {
	if first {
		return opening
	}
	return ','
}

// closeWith ends a list or object that begins at start; an empty one was never opened.
func closeWith(b []byte, start int, closing byte) []byte {
	if len(b) == start {
		return b
	}
	return append(b, closing)
}

// Unquote turns JSON of a text into the text; other JSON stays as it is.
func Unquote(j []byte) string {
	var s string
	if len(j) > 0 && j[0] == '"' && json.Unmarshal(j, &s) == nil {
		return s
	}
	return string(j)
}
