package parquet

import (
	"bytes"
	"reflect"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"headgate/event"
)

// newSchema is the table of a file, made from the vocabulary: a column per field of event.Fields. What a warehouse can type
// is typed; what has no fixed shape (params, cookies, ...) is JSON in a text column, which every engine reads, and takes
// apart with its own JSON functions. Items are a real list of structs, so that prices and quantities are numbers after an
// UNNEST.
func newSchema() *parquet.Schema {
	var root record
	for i := range event.Fields {
		f := &event.Fields[i]
		if f.Path == itemsPath {
			var item record
			for k := range event.ItemFields {
				g := &event.ItemFields[k]
				ref := g.Ref(&event.Item{})
				item.add(g.Path, leaf(ref, repeats(event.Content, ref)))
			}
			root.add(f.Column(), parquet.List(item))
			continue
		}
		ref := f.Ref(&event.Event{})
		root.add(f.Column(), leaf(ref, repeats(f.Class, ref)))
	}
	return parquet.NewSchema("event", root)
}

// itemsPath is the one field of the vocabulary that is a list of structs.
const itemsPath = "items"

// leaf is the column of a field. What was not said is null; of a boolean only true is ever said, so those are never null.
func leaf(ref any, repeats bool) parquet.Node {
	switch ref.(type) {
	case *string, *event.Map:
		text := parquet.String()
		if repeats {
			text = parquet.Encoded(text, &parquet.RLEDictionary)
		}
		return parquet.Optional(text)
	case *bool:
		return parquet.Required(parquet.Leaf(parquet.BooleanType))
	case *int64:
		return parquet.Optional(parquet.Int(64))
	case *event.Number:
		return parquet.Optional(parquet.Leaf(parquet.DoubleType))
	case *time.Time:
		return parquet.Optional(parquet.Timestamp(parquet.Millisecond))
	}
	panic("BUG: a field of a type that has no column")
}

// repeats reports whether a field has few different texts, so that a dictionary of them pays: what tells visitors apart
// does not, and neither does JSON.
func repeats(class event.Class, ref any) bool {
	_, isText := ref.(*string)
	return isText && class != event.ID && class != event.Contact
}

// record is a group of columns in the order of the vocabulary; parquet.Group alone would sort them by name.
type record struct {
	parquet.Group // of no fields: all that a group answers besides its fields
	fields        []parquet.Field
}

func (r record) Fields() []parquet.Field { return r.fields }

func (r *record) add(name string, n parquet.Node) { r.fields = append(r.fields, column{n, name}) }

// column is a node with its name.
type column struct {
	parquet.Node
	name string
}

func (c column) Name() string { return c.name }

// Value is for writers of Go structs; rows are written as parquet's own values.
func (column) Value(reflect.Value) reflect.Value { panic("BUG: a column is read from a Go value") }

// rows turns events into parquet's rows. It is used again and again, so that its memory is allocated once.
type rows struct {
	list  []parquet.Row
	bytes []byte // texts of the rows; a row keeps the piece it was given, also when bytes has grown elsewhere since
}

func (r *rows) reset() {
	for i := range r.list {
		r.list[i] = r.list[i][:0]
	}
	r.list, r.bytes = r.list[:0], r.bytes[:0]
}

// next makes room for one more row and returns where it goes.
func (r *rows) next() int {
	n := len(r.list)
	if n < cap(r.list) {
		r.list = r.list[:n+1]
	} else {
		r.list = append(r.list, nil)
	}
	return n
}

func (r *rows) add(e *event.Event) {
	n := r.next()
	row, at := r.list[n], 0
	for i := range event.Fields {
		f := &event.Fields[i]
		if f.Path == itemsPath {
			row = r.addItems(row, at, e.Items)
			at += len(event.ItemFields)
			continue
		}
		v := r.value(f.Ref(e))
		row = append(row, v.Level(0, defined(v, f.Ref(e)), at))
		at++
	}
	r.list[n] = row
}

// addItems writes the columns of the items one after the other. Definition levels: 0 no item, 1 an item without this
// field, 2 with it.
func (r *rows) addItems(row parquet.Row, at int, items []event.Item) parquet.Row {
	for k := range event.ItemFields {
		if len(items) == 0 {
			row = append(row, parquet.NullValue().Level(0, 0, at+k))
			continue
		}
		for i := range items {
			ref := event.ItemFields[k].Ref(&items[i])
			v := r.value(ref)
			row = append(row, v.Level(min(i, 1), 1+defined(v, ref), at+k))
		}
	}
	return row
}

// defined is 1 for what is there in a column that can be null.
func defined(v parquet.Value, ref any) int {
	if _, always := ref.(*bool); always || v.IsNull() {
		return 0
	}
	return 1
}

func (r *rows) value(ref any) parquet.Value {
	switch p := ref.(type) {
	case *string:
		if *p != "" {
			return r.text(append(r.bytes, *p...))
		}
	case *event.Map:
		if len(*p) > 0 {
			return r.text(p.AppendJSON(r.bytes))
		}
	case *bool:
		return parquet.BooleanValue(*p)
	case *int64:
		if *p != 0 {
			return parquet.Int64Value(*p)
		}
	case *event.Number:
		if p.Known {
			return parquet.DoubleValue(p.Float)
		}
	case *time.Time:
		if !p.IsZero() {
			return parquet.Int64Value(p.UnixMilli())
		}
	}
	return parquet.NullValue()
}

// text returns what was appended to r.bytes as a value. Bytes that are not UTF-8 become U+FFFD: a reader may refuse the
// whole file for one of them.
func (r *rows) text(grown []byte) parquet.Value {
	piece := grown[len(r.bytes):len(grown):len(grown)]
	r.bytes = grown
	if !utf8.Valid(piece) {
		piece = bytes.ToValidUTF8(piece, []byte("\uFFFD"))
	}
	return parquet.ByteArrayValue(piece)
}
