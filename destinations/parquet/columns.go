package parquet

import (
	"bytes"
	"reflect"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"headgate/destinations/rows"
	"headgate/event"
)

// newSchema is the table of a file. What a warehouse can type is typed; what has no fixed shape (params, cookies, ...) is JSON in a
// text column, which every engine reads, and takes apart with its own JSON functions. Items are a real list of structs, so that
// prices and quantities are numbers after an UNNEST.
func newSchema[T any](columns []rows.Column[T]) *parquet.Schema {
	var root record
	for i := range columns {
		c := &columns[i]
		if c.Type == rows.Items {
			var item record
			for k := range event.ItemFields {
				g := &event.ItemFields[k]
				ref := g.Ref(&event.Item{})
				_, text := ref.(*string)
				item.add(g.Path, leaf(rows.ItemType(ref), false, text))
			}
			root.add(c.Name, parquet.List(item))
			continue
		}
		root.add(c.Name, leaf(c.Type, c.Required, c.Repeats))
	}
	return parquet.NewSchema("row", root)
}

// leaf is a column of one value.
func leaf(t rows.Type, required, repeats bool) parquet.Node {
	var n parquet.Node
	switch t {
	case rows.Bool:
		n = parquet.Leaf(parquet.BooleanType)
	case rows.Integer:
		n = parquet.Int(64)
	case rows.Number:
		n = parquet.Leaf(parquet.DoubleType)
	case rows.Time:
		n = parquet.Timestamp(parquet.Millisecond)
	default:
		if n = parquet.String(); repeats {
			n = parquet.Encoded(n, &parquet.RLEDictionary)
		}
	}
	if required {
		return parquet.Required(n)
	}
	return parquet.Optional(n)
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

// lines turns rows into parquet's. It is used again and again, so that its memory is allocated once.
type lines struct {
	list  []parquet.Row
	bytes []byte // texts of the rows; a row keeps the piece it was given, also when bytes has grown elsewhere since
}

func (r *lines) reset() {
	for i := range r.list {
		r.list[i] = r.list[i][:0]
	}
	r.list, r.bytes = r.list[:0], r.bytes[:0]
}

// next makes room for one more row and returns where it goes.
func (r *lines) next() int {
	n := len(r.list)
	if n < cap(r.list) {
		r.list = r.list[:n+1]
	} else {
		r.list = append(r.list, nil)
	}
	return n
}

// add adds a row.
func add[T any](r *lines, columns []rows.Column[T], from *T) {
	n := r.next()
	row, at := r.list[n], 0
	for i := range columns {
		c := &columns[i]
		ref := c.Ref(from)
		if items, is := ref.(*[]event.Item); is {
			row = r.addItems(row, at, *items)
			at += len(event.ItemFields)
			continue
		}
		v := r.value(ref, c.Type)
		defined := 0
		if !c.Required && !v.IsNull() {
			defined = 1
		}
		row = append(row, v.Level(0, defined, at))
		at++
	}
	r.list[n] = row
}

// addItems writes the columns of the items one after the other. Definition levels: 0 no item, 1 an item without this
// field, 2 with it.
func (r *lines) addItems(row parquet.Row, at int, items []event.Item) parquet.Row {
	for k := range event.ItemFields {
		if len(items) == 0 {
			row = append(row, parquet.NullValue().Level(0, 0, at+k))
			continue
		}
		for i := range items {
			ref := event.ItemFields[k].Ref(&items[i])
			v := r.value(ref, rows.ItemType(ref))
			defined := 1
			if !v.IsNull() {
				defined = 2
			}
			row = append(row, v.Level(min(i, 1), defined, at+k))
		}
	}
	return row
}

func (r *lines) value(ref any, t rows.Type) parquet.Value {
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
	case *event.Value:
		if p != nil && !p.IsNull() {
			return r.own(*p, t)
		}
	}
	return parquet.NullValue()
}

// own is a value of a person's own column, which is of the column's type.
func (r *lines) own(v event.Value, t rows.Type) parquet.Value {
	switch t {
	case rows.Bool:
		b, _ := v.Bool()
		return parquet.BooleanValue(b)
	case rows.Number, rows.Integer:
		f, _ := v.Float()
		if t == rows.Integer {
			return parquet.Int64Value(rows.Int64(v))
		}
		return parquet.DoubleValue(f)
	case rows.Time:
		at, _ := event.ParseTime(v)
		return parquet.Int64Value(at.UnixMilli())
	case rows.JSON:
		return r.text(v.AppendJSON(r.bytes))
	}
	return r.text(append(r.bytes, v.Text()...))
}

// text returns what was appended to r.bytes as a value. Bytes that are not UTF-8 become U+FFFD: a reader may refuse the
// whole file for one of them.
func (r *lines) text(grown []byte) parquet.Value {
	piece := grown[len(r.bytes):len(grown):len(grown)]
	r.bytes = grown
	if !utf8.Valid(piece) {
		piece = bytes.ToValidUTF8(piece, []byte("\uFFFD"))
	}
	return parquet.ByteArrayValue(piece)
}
