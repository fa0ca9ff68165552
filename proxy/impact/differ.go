package impact

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"headgate/event"
	"headgate/event/trace"
)

// differ calls fn with each place at which two values differ: below objects, and below lists of the same length.
func differ(path string, a, b event.Value, fn func(path string, a, b event.Value)) {
	switch {
	case a.Equal(b):
	case a.Kind() == event.Object && b.Kind() == event.Object:
		for _, pair := range a.Object() {
			differ(path+"."+pair.Key, pair.Value, b.Object().Get(pair.Key), fn)
		}
		for _, pair := range b.Object() {
			if _, known := a.Object().Find(pair.Key); !known {
				differ(path+"."+pair.Key, event.Value{}, pair.Value, fn)
			}
		}
	case a.Kind() == event.List && b.Kind() == event.List && len(a.List()) == len(b.List()):
		for i, v := range a.List() {
			differ(path+"["+strconv.Itoa(i)+"]", v, b.List()[i], fn)
		}
	default:
		fn(path, a, b)
	}
}

// eachField calls fn with each path at which two events differ.
func eachField(a, b *event.Event, fn func(path string, a, b event.Value)) {
	for i := range event.Fields {
		path := event.Fields[i].Path
		differ(path, a.GetPath(path), b.GetPath(path), fn)
	}
}

// same reports whether the same would be sent.
func same(a, b []trace.Request) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := &a[i], &b[i]
		if x.Method != y.Method || x.URL != y.URL || !bytes.Equal(x.Body, y.Body) || len(x.Headers) != len(y.Headers) {
			return false
		}
		for k := range x.Headers {
			if x.Headers[k] != y.Headers[k] {
				return false
			}
		}
	}
	return true
}

// eachPart calls fn with each place at which requests differ, by its path as the cases of a configuration name it:
// body.data[0].value.
func eachPart(a, b []trace.Request, fn func(path string, a, b event.Value)) {
	for i := range max(len(a), len(b)) {
		prefix := ""
		if i > 0 {
			prefix = "request " + strconv.Itoa(i+1) + ": "
		}
		differ("", requestAt(a, i), requestAt(b, i), func(path string, x, y event.Value) {
			fn(prefix+strings.TrimPrefix(path, "."), x, y)
		})
	}
}

// requestAt is a request as a value, null when there are not so many.
func requestAt(all []trace.Request, i int) event.Value {
	if i >= len(all) {
		return event.Value{}
	}
	text, err := json.Marshal(all[i])
	if err != nil {
		panic("BUG: a request is no JSON: " + err.Error())
	}
	v, err := event.ParseJSON(text)
	if err != nil {
		return event.String(string(text)) // nested too deep
	}
	return v
}

// shown is a value as an example has it: what is long is cut.
func shown(v event.Value) event.Value {
	if v.Kind() != event.Text && v.Kind() != event.List && v.Kind() != event.Object {
		return v
	}
	text := v.Text()
	if v.Kind() != event.Text {
		text = string(v.AppendJSON(nil))
	}
	if len(text) <= mostText {
		return v
	}
	return event.String(strings.ToValidUTF8(text[:mostText], "") + "…")
}
