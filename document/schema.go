package document

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"headgate/document/shape"
)

// Schema makes the shape of a configuration struct from its tags: yaml names the key, help says what it does, example shows
// a value (as YAML), choices lists the words allowed, and what v holds is the default.
func Schema(v any) *shape.Shape {
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer {
		r = r.Elem()
	}
	return shapeOf(r, map[reflect.Type]bool{})
}

// Shaper is a type that decodes itself and knows its shape.
type Shaper interface {
	DocumentShape() *shape.Shape
}

// shaped is how the types of this package describe themselves.
var shaped = map[reflect.Type]shape.Shape{
	reflect.TypeFor[Words]():      {Type: "string", Takes: "text"},
	reflect.TypeFor[Secret]():     {Type: "string", Takes: "secret"},
	reflect.TypeFor[Duration]():   {Type: "string", Takes: "time span", Pattern: `^(0|([0-9.]+(us|µs|ms|s|m|h|d|w|y))+)$`},
	reflect.TypeFor[Size]():       {Type: "string", Takes: "size", Pattern: `^(0|[0-9.]+ ?([KMGT]iB|[kKMGT]?B))$`},
	reflect.TypeFor[Rate]():       {Type: "string", Takes: "rate", Pattern: `^(0|[0-9.]+ ?/ ?[smhd])$`},
	reflect.TypeFor[Throughput](): {Type: "string", Takes: "throughput", Pattern: `^(0|[0-9.]+ ?([KMGT]iB|[kKMGT]?B) ?/ ?[smhd])$`},
	reflect.TypeFor[Percent]():    {Type: "string", Takes: "share", Pattern: `^[0-9.]+ ?%$`},
}

// fromOutside matches what stands for a value of any type.
const fromOutside = `\$\{`

// shapeOf describes the type of v; busy holds the types it stands in, so that a type that holds itself comes to an end.
func shapeOf(v reflect.Value, busy map[reflect.Type]bool) *shape.Shape {
	t := v.Type()
	if s, known := shaped[t]; known {
		s.Default = defaultOf(v)
		if s.Pattern != "" {
			s.Pattern += "|" + fromOutside
		}
		return &s
	}
	if v.CanAddr() {
		if x, ok := v.Addr().Interface().(Shaper); ok {
			return x.DocumentShape()
		}
	}
	if x, ok := reflect.New(t).Interface().(Shaper); ok {
		return x.DocumentShape()
	}
	if t == nodeType || busy[t] {
		return &shape.Shape{}
	}
	switch reflect.New(t).Interface().(type) {
	case Decoder:
		if s := selfRead(t, busy); s != nil {
			return s
		}
	case encoding.TextUnmarshaler:
		return shape.Text()
	}
	if e, ok := reflect.New(t).Interface().(interface{ element() reflect.Type }); ok {
		return shape.MapOf(shapeOf(newValue(e.element()), busy))
	}
	return kindShape(v, busy)
}

// kindShape describes what says nothing of itself by its kind.
func kindShape(v reflect.Value, busy map[reflect.Type]bool) *shape.Shape {
	t := v.Type()
	switch t.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return shapeOf(v.Elem(), busy)
		}
		return shapeOf(newValue(t.Elem()), busy)
	case reflect.Struct:
		busy[t] = true
		defer delete(busy, t)
		return structShape(v, busy)
	case reflect.Slice:
		s := shape.ListOf(shapeOf(newValue(t.Elem()), busy))
		s.Default = defaultOf(v)
		return s
	case reflect.Map:
		s := shape.MapOf(shapeOf(newValue(t.Elem()), busy))
		s.Default = defaultOf(v)
		return s
	case reflect.String:
		return &shape.Shape{Type: "string", Takes: "text", Default: defaultOf(v)}
	case reflect.Bool:
		return orFromOutside(shape.Shape{Type: "boolean", Takes: "true or false", Default: defaultOf(v)})
	case reflect.Float32, reflect.Float64:
		return orFromOutside(shape.Shape{Type: "number", Default: defaultOf(v)})
	case reflect.Interface:
		return &shape.Shape{}
	default:
		return orFromOutside(shape.Shape{Type: "integer", Takes: "whole number", Default: defaultOf(v)})
	}
}

// selfRead guesses the shape of a type that decodes itself and does not say it: a list may stand for one item too, a struct
// with keys takes its keys, all else takes anything.
func selfRead(t reflect.Type, busy map[reflect.Type]bool) *shape.Shape {
	switch t.Kind() {
	case reflect.Slice:
		item := shapeOf(newValue(t.Elem()), busy)
		return shape.AnyOf(item, shape.ListOf(item))
	case reflect.Struct:
		keys := 0
		eachField(reflect.New(t).Elem(), func(_ reflect.StructField, _ reflect.Value, key string, _ bool) {
			if key != "" {
				keys++
			}
		})
		if keys > 0 {
			return nil
		}
	}
	return &shape.Shape{}
}

// newValue makes a fresh value with its defaults, as Decode does.
func newValue(t reflect.Type) reflect.Value {
	p := reflect.New(t)
	setDefaults(p)
	return p.Elem()
}

func structShape(v reflect.Value, busy map[reflect.Type]bool) *shape.Shape {
	s := &shape.Shape{Type: "object", Of: v.Type()}
	eachField(v, func(f reflect.StructField, v reflect.Value, key string, required bool) {
		if key == "" {
			return
		}
		p := shapeOf(v, busy)
		p.Description = f.Tag.Get("help")
		if words := f.Tag.Get("choices"); words != "" {
			p.Enum = strings.Split(words, ",")
		}
		if example := f.Tag.Get("example"); example != "" {
			p.Examples = []any{exampleOf(f, example)}
		}
		s.Properties = append(s.Properties, shape.Property{Key: key, Required: required, Shape: p})
	})
	return s
}

// exampleOf reads an example as the YAML it is written in. For a text field everything is text.
func exampleOf(f reflect.StructField, example string) any {
	n, ms := Parse("the example of "+f.Name, []byte(example))
	if ms != nil || n == nil || n.Kind != List && n.Kind != Map && n.Kind != Bool && n.Kind != Number || f.Type.Kind() == reflect.String {
		return example
	}
	return n.Any()
}

func orFromOutside(s shape.Shape) *shape.Shape {
	takes := s.Takes
	if takes == "" {
		takes = s.Type
	}
	d := s.Default
	s.Default = nil
	return &shape.Shape{Takes: takes, Default: d, AnyOf: []*shape.Shape{&s, {Type: "string", Pattern: fromOutside}}}
}

// defaultOf returns what a field holds before anything is decoded, nil when that is nothing.
func defaultOf(v reflect.Value) any {
	if v.IsZero() {
		return nil
	}
	if s, ok := v.Interface().(fmt.Stringer); ok && v.Kind() != reflect.Slice && v.Kind() != reflect.Map {
		return s.String()
	}
	switch v.Kind() {
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			if list[i] = defaultOf(v.Index(i)); list[i] == nil {
				return nil
			}
		}
		return list
	case reflect.Map:
		m := map[string]any{}
		for _, k := range v.MapKeys() {
			if m[k.String()] = defaultOf(v.MapIndex(k)); m[k.String()] == nil {
				return nil
			}
		}
		return m
	case reflect.Struct, reflect.Pointer, reflect.Interface:
		return nil
	}
	return v.Interface()
}
