package document

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// This file finds keys that stand one level too far out or in, and says where they belong. What it recognizes it also puts
// there, so that nothing is reported a second time for being absent.

// keyed is a struct that is being decoded: its keys and the types of their values.
type keyed struct {
	order []string
	types map[string]reflect.Type
	tags  map[string]reflect.StructTag
}

func keysOf(t reflect.Type) keyed {
	k := keyed{types: map[string]reflect.Type{}, tags: map[string]reflect.StructTag{}}
	eachField(reflect.New(t).Elem(), func(f reflect.StructField, _ reflect.Value, key string, _ bool) {
		if key != "" {
			k.order = append(k.order, key)
			k.types[key], k.tags[key] = f.Type, f.Tag
		}
	})
	return k
}

func (k *keyed) has(key string) bool { _, ok := k.types[key]; return ok }

// inside returns the struct that a type holds: of a struct, an item of a list or a value of a map; ok is false when it holds none.
func inside(t reflect.Type) (of reflect.Type, ok bool) {
	for t.Kind() == reflect.Pointer && t != nodeType {
		t = t.Elem()
	}
	if o, is := reflect.New(t).Interface().(interface{ element() reflect.Type }); is {
		t = o.element()
	} else if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if _, custom := reflect.New(t).Interface().(Decoder); custom {
		return nil, false
	}
	return t, t.Kind() == reflect.Struct
}

// holdsKeys reports whether a value of the type is written as keys with values.
func holdsKeys(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer && t != nodeType {
		t = t.Elem()
	}
	_, ordered := reflect.New(t).Interface().(interface{ element() reflect.Type })
	_, text := reflect.New(t).Interface().(filler)
	return t == nodeType || ordered || !text && (t.Kind() == reflect.Struct || t.Kind() == reflect.Map)
}

// straighten reports the keys of a map that belong elsewhere and returns the map as it was intended. column is that of the key
// whose value the map is. What stays unknown is left for the caller.
func (d *decoder) straighten(n *Node, k keyed, column int) *Node {
	if n.Kind != Map || !slices.ContainsFunc(n.Fields, func(f Field) bool { return !k.has(f.Key) }) {
		return n
	}
	out := *n
	out.Fields = nil
	above, follow := -1, false // the last known key, and whether what comes goes below it
	for _, f := range n.Fields {
		switch {
		case k.has(f.Key):
			above, follow = len(out.Fields), false
			out.Fields = append(out.Fields, f)
		case follow:
			out.Fields[above].Value.Fields = append(out.Fields[above].Value.Fields, f)
		case d.unglue(&f, k):
			above = len(out.Fields)
			out.Fields = append(out.Fields, f)
		case !n.flow && above >= 0 && d.below(f, &out.Fields[above], k.types[out.Fields[above].Key], &follow):
		case !n.flow && d.beside(f, k, column):
		case d.rest(f, &out, k):
		default:
			out.Fields = append(out.Fields, f)
		}
	}
	return &out
}

// unglue repairs a key that stands together with its value: use:parquet.
func (d *decoder) unglue(f *Field, k keyed) bool {
	key, value, glued := strings.Cut(f.Key, ":")
	if !glued || value == "" || f.Value.Kind != Null || !k.has(key) {
		return false
	}
	d.mistakes.Add(f.At, fmt.Sprintf("a space is missing after the colon of %q", f.Key), fmt.Sprintf(`write "%s: %s"`, key, value))
	at := f.At
	at.Column += len([]rune(key)) + 1
	f.Key, f.Value = key, &Node{At: at, Kind: Text, Text: value}
	return true
}

// below finds that f belongs below the key above it: since nothing else stands there, since it is a key of what stands there, or
// since it looks like one more of them.
func (d *decoder) below(f Field, above *Field, t reflect.Type, follow *bool) bool {
	v := above.Value
	by := above.At.Column + 2 - f.At.Column
	if v.Kind == Null && v.Text == "" && holdsKeys(t) {
		d.indent(f, above.Key, by)
		above.Value = &Node{At: f.At, Kind: Map, Fields: []Field{f}}
		*follow = true
		return true
	}
	of, ok := inside(t)
	if !ok || v.flow {
		return false
	}
	k, last := keysOf(of), v
	if k.looksLike(f.Value) && v.Kind == Map && len(v.Fields) > 0 {
		d.indent(f, above.Key, v.Fields[0].At.Column-f.At.Column)
		grown := *v
		grown.Fields = append(slices.Clone(v.Fields), f)
		above.Value = &grown
		return true
	}
	if v.Kind == List && len(v.Items) > 0 {
		last = v.Items[len(v.Items)-1]
	} else if n := len(v.Fields); n > 0 && !k.has(v.Fields[0].Key) {
		last = v.Fields[n-1].Value
	}
	if !k.has(f.Key) || last.Kind != Map || len(last.Fields) == 0 || last.flow || last.Get(f.Key) != nil {
		return false
	}
	d.indent(f, above.Key, last.Fields[0].At.Column-f.At.Column)
	last.Fields = append(last.Fields, f)
	return true
}

func (d *decoder) indent(f Field, below string, by int) {
	d.mistakes.Add(f.At, fmt.Sprintf("%q belongs below %q, and is not indented that far", f.Key, below),
		fmt.Sprintf("indent it, and what belongs to it, by %d more spaces", by))
}

// looksLike reports whether a value is a map that has these keys and no others.
func (k *keyed) looksLike(n *Node) bool {
	return n.Kind == Map && len(n.Fields) > 0 && !slices.ContainsFunc(n.Fields, func(f Field) bool { return !k.has(f.Key) })
}

// beside finds that f is no key of this map, but a map of the same kind that should stand beside it.
func (d *decoder) beside(f Field, k keyed, column int) bool {
	if !k.looksLike(f.Value) || column == 0 || column >= f.At.Column {
		return false
	}
	d.mistakes.Add(f.At, fmt.Sprintf("%q looks like an entry of its own, and stands inside the one above", f.Key),
		fmt.Sprintf("take away %d of the spaces before it, and before what belongs to it", f.At.Column-column))
	return true
}

// rest puts an unknown key below the one that takes keys of others' choice, if there is such a key and no word is close.
func (d *decoder) rest(f Field, out *Node, k keyed) bool {
	for _, key := range k.order {
		if k.tags[key].Get("others") == "" || Suggest(f.Key, k.order) != "" || k.alias(f) != "" {
			continue
		}
		d.mistakes.Add(f.At, fmt.Sprintf("unknown key %q", f.Key), fmt.Sprintf("%s stand below %q: write it there", k.tags[key].Get("others"), key+":"))
		for i := range out.Fields {
			if v := out.Fields[i].Value; out.Fields[i].Key == key && v.Kind == Map {
				grown := *v
				grown.Fields = append(slices.Clone(v.Fields), f)
				out.Fields[i].Value = &grown
				return true
			}
		}
		out.Fields = append(out.Fields, Field{key, f.At, &Node{At: f.At, Kind: Map, Fields: []Field{f}}})
		return true
	}
	return false
}

// alias is the cure for a key that has another name here; "" when no key is known by it. The tag aka lists such names; after
// "not" come those that say the opposite.
func (k *keyed) alias(f Field) string {
	for _, key := range k.order {
		same, opposite, _ := strings.Cut(k.tags[key].Get("aka"), " not ")
		switch {
		case slices.Contains(strings.Split(same, ","), f.Key):
			return fmt.Sprintf("did you mean %q?", key)
		case f.Value.Kind == Bool && slices.Contains(strings.Split(opposite, ","), f.Key):
			return fmt.Sprintf(`write "%s: %t"`, key, strings.EqualFold(f.Value.Text, "false"))
		}
	}
	return ""
}

// entries straightens an ordered map of structs: a name that is a key of such a struct belongs into the entry above.
func (d *decoder) entries(n *Node, t reflect.Type) *Node {
	of, ok := inside(reflect.PointerTo(t))
	if !ok || n.flow {
		return n
	}
	k, out := keysOf(of), *n
	out.Fields = nil
	for _, f := range n.Fields {
		last := len(out.Fields) - 1
		if last < 0 || !k.has(f.Key) || k.looksLike(f.Value) {
			out.Fields = append(out.Fields, f)
			continue
		}
		above := &out.Fields[last]
		switch v := above.Value; {
		case v.Kind == Null && v.Text == "":
			d.indent(f, above.Key, above.At.Column+2-f.At.Column)
			above.Value = &Node{At: f.At, Kind: Map, Fields: []Field{f}}
		case v.Kind == Map && !v.flow && len(v.Fields) > 0 && v.Get(f.Key) == nil:
			d.indent(f, above.Key, v.Fields[0].At.Column-f.At.Column)
			v.Fields = append(v.Fields, f)
		default:
			out.Fields = append(out.Fields, f)
		}
	}
	return &out
}
