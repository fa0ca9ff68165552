// Package rows is the one model of rows that drivers share: which columns a table of events has and of which types, what stands in
// them, and a row as a line of JSON.
//
// A column is named after its field with _ for the dot. What was not said is null; of a boolean of the vocabulary only true is ever
// said, so those are never null. What has no fixed shape is JSON. After the vocabulary come the columns of a person's own.
package rows

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"headgate/destinations"
	"headgate/event"
)

// Type is what a column holds.
type Type uint8

// The types.
const (
	Text Type = iota
	Bool
	Integer // 64 bits
	Number  // a double
	Time    // UTC, milliseconds
	JSON    // an object, or whatever the person's formula yields
	Items   // a list of the vocabulary's items
)

// Column is one column of a table whose rows are made of T. Ref returns where the row has it: *string, *bool, *int64, *time.Time,
// *event.Map, *[]event.Item or, of a person's own column, *event.Value, which is of the column's type or null.
type Column[T any] struct {
	Name     string
	Type     Type
	Required bool // never null
	Ref      func(*T) any
	// Repeats reports that few different texts are expected. What tells visitors apart does not repeat.
	Repeats bool
}

// Key is the column by which rows of events are known.
const Key = "id"

// Events are the columns of a table of events.
func Events(own []destinations.Column) []Column[destinations.Sending] {
	columns := make([]Column[destinations.Sending], 0, len(event.Fields)+len(own))
	for i := range event.Fields {
		f := &event.Fields[i]
		ref := f.Ref(&event.Event{})
		_, text := ref.(*string)
		columns = append(columns, Column[destinations.Sending]{
			Name: f.Column(), Type: typeOf(ref), Required: typeOf(ref) == Bool, Repeats: text && f.Class != event.ID && f.Class != event.Contact && f.Column() != Key,
			Ref: func(s *destinations.Sending) any { return f.Ref(s.Event) },
		})
	}
	for i, c := range own {
		columns = append(columns, Column[destinations.Sending]{Name: c.Name, Type: ownTypes[c.Type], Ref: func(s *destinations.Sending) any {
			if i >= len(s.Own) {
				return (*event.Value)(nil)
			}
			return &s.Own[i]
		}})
	}
	return columns
}

var ownTypes = map[destinations.ColumnType]Type{
	destinations.TextColumn: Text, destinations.NumberColumn: Number, destinations.IntegerColumn: Integer, destinations.BoolColumn: Bool,
	destinations.TimeColumn: Time, destinations.JSONColumn: JSON,
}

func typeOf(ref any) Type {
	switch ref.(type) {
	case *string:
		return Text
	case *bool:
		return Bool
	case *int64:
		return Integer
	case *event.Number:
		return Number
	case *time.Time:
		return Time
	case *event.Map, *event.Value:
		return JSON
	case *[]event.Item:
		return Items
	}
	panic("BUG: a field of a type that has no column")
}

// ItemType is the type of a field of an item, which ref points to, where a store keeps items as structs.
func ItemType(ref any) Type {
	if t := typeOf(ref); t != Items && t != Bool && t != Time {
		return t
	}
	return Text
}

// Form is how a store takes rows of JSON. The zero Form nests columns of JSON and writes times as 2026-11-02T10:04:01.456Z.
type Form struct {
	Quoted bool   // columns of the types JSON and Items are texts with JSON in them
	Times  string // the layout of times, which are UTC
}

// AppendLine appends a row as one line of JSON, with the newline. What is null is left out. Texts are valid UTF-8.
func AppendLine[T any](b []byte, columns []Column[T], row *T, form Form) []byte {
	start := len(b)
	b = append(b, '{')
	for i := range columns {
		b = appendField(b, &columns[i], row, form, len(b) > start+1)
	}
	return append(b, '}', '\n')
}

func appendField[T any](b []byte, c *Column[T], row *T, form Form, comma bool) []byte {
	v := ValueOf(c.Ref(row))
	if v.IsNull() {
		if !c.Required {
			return b
		}
		v = event.Boolean(false)
	}
	if comma {
		b = append(b, ',')
	}
	b = append(append(append(b, '"'), c.Name...), '"', ':')
	switch {
	case form.Quoted && (c.Type == JSON || c.Type == Items):
		v = event.String(strings.ToValidUTF8(string(v.AppendJSON(nil)), "\uFFFD"))
	case form.Times != "" && c.Type == Time:
		v = event.String(TimeOf(c.Ref(row), v).UTC().Format(form.Times))
	}
	from := len(b)
	b = v.AppendJSON(b)
	if !utf8.Valid(b[from:]) {
		b = append(b[:from], strings.ToValidUTF8(string(b[from:]), "\uFFFD")...)
	}
	return b
}

// TimeOf is the time of a column, which v is as a text.
func TimeOf(ref any, v event.Value) time.Time {
	if at, is := ref.(*time.Time); is {
		return *at
	}
	at, _ := event.ParseTime(v) // a column of a person's own holds times only
	return at
}

// ValueOf is what stands in a column; null for what was not said.
func ValueOf(ref any) event.Value {
	if own, is := ref.(*event.Value); is {
		if own == nil {
			return event.Value{}
		}
		return *own
	}
	if v := event.ValueAt(ref); !v.IsEmpty() {
		return v
	}
	return event.Value{}
}

// Int64 is the number of a column of the type Integer. Numbers beyond what a double holds exactly are read from their digits.
func Int64(v event.Value) int64 {
	if n, err := strconv.ParseInt(v.Text(), 10, 64); err == nil {
		return n
	}
	f, _ := v.Float()
	return int64(f)
}
