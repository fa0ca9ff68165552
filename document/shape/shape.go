// Package shape describes what a piece of YAML may be: as JSON Schema for editors, and as a page of reference for people. It reads
// no YAML.
package shape

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// Shape describes what a piece of YAML may be. It is marshalled as JSON Schema (draft 2020-12); Docs writes the reference page.
// document.Schema makes it from a struct; types that decode themselves make their own.
type Shape struct {
	Type        string // string, boolean, integer, number, array, object; "" for any
	Takes       string // the type for people, where it says more than Type: "time span"
	Description string
	Pattern     string
	Enum        []string
	Default     any
	Examples    []any
	Properties  []Property // of an object, in order
	Values      *Shape     // of an object: what keys of the editor's choice hold; nil and Open false: there are none
	Open        bool       // of an object: unknown keys are allowed
	Items       *Shape     // of an array
	AnyOf       []*Shape

	Of reflect.Type // the struct it describes, nil for others
}

// Property is a key that an object knows.
type Property struct {
	Key      string
	Required bool
	Shape    *Shape
}

// Choice is one word of several.
func Choice(words ...string) *Shape { return &Shape{Type: "string", Enum: words} }

// Text is any text.
func Text() *Shape { return &Shape{Type: "string"} }

// ListOf is a list of one shape.
func ListOf(items *Shape) *Shape { return &Shape{Type: "array", Items: items} }

// MapOf is a map from keys of the editor's choice.
func MapOf(values *Shape) *Shape { return &Shape{Type: "object", Values: values} }

// AnyOf is one of several shapes.
func AnyOf(shapes ...*Shape) *Shape { return &Shape{AnyOf: shapes} }

// MarshalJSON writes the shape as JSON Schema, its keys in a fixed order.
func (s *Shape) MarshalJSON() ([]byte, error) {
	var w objectWriter
	w.add("description", s.Description, s.Description != "")
	w.add("type", s.Type, s.Type != "")
	w.add("pattern", s.Pattern, s.Pattern != "")
	w.add("enum", s.Enum, len(s.Enum) > 0)
	w.add("anyOf", s.AnyOf, len(s.AnyOf) > 0)
	w.add("items", s.Items, s.Items != nil)
	if len(s.Properties) > 0 {
		var properties objectWriter
		var required []string
		for _, p := range s.Properties {
			properties.add(p.Key, p.Shape, true)
			if p.Required {
				required = append(required, p.Key)
			}
		}
		w.add("properties", properties, true)
		w.add("required", required, len(required) > 0)
	}
	w.add("additionalProperties", s.Values, s.Values != nil)
	w.add("additionalProperties", false, s.Type == "object" && s.Values == nil && !s.Open)
	w.add("default", s.Default, s.Default != nil)
	w.add("examples", s.Examples, len(s.Examples) > 0)
	return w.MarshalJSON()
}

// objectWriter writes a JSON object in the order of its keys.
type objectWriter struct {
	buf bytes.Buffer
	err error
}

func (w *objectWriter) add(key string, value any, wanted bool) {
	if !wanted || w.err != nil {
		return
	}
	k, _ := json.Marshal(key)
	v, err := json.Marshal(value)
	if err != nil {
		w.err = err
		return
	}
	if w.buf.Len() > 0 {
		w.buf.WriteByte(',')
	}
	w.buf.Write(k)
	w.buf.WriteByte(':')
	w.buf.Write(v)
}

// MarshalJSON returns the object.
func (w objectWriter) MarshalJSON() ([]byte, error) {
	return append(append([]byte{'{'}, w.buf.Bytes()...), '}'), w.err
}
