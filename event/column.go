package event

import (
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// Column is a field of the vocabulary made ready for the hot path: where it lies in the struct, instead of a function that
// says so, and its key in JSON. Writing an event is then one loop without calls, and Fields stays the only list of names.
type Column struct {
	Tag    byte       // its number in the log's layout
	Kind   ColumnKind // what lies there
	offset uintptr    // from the beginning of the Event or Item
	group  string     // the object of JSON that it stands in, with its quotes and colon; "" for the event itself
	key    string     // "name":
}

// Cells are the fields of one Event or Item.
type Cells struct{ base unsafe.Pointer }

// Cells returns the fields of the event, which EventColumns tell.
func (e *Event) Cells() Cells { return Cells{unsafe.Pointer(e)} }

// Cells returns the fields of the item, which ItemColumns tell.
func (i *Item) Cells() Cells { return Cells{unsafe.Pointer(i)} }

// At returns the field of a column, which is one of those that tell these cells.
func (c Cells) At(column *Column) Cell { return Cell{unsafe.Add(c.base, column.offset)} }

// Cell is one field. It is had by the method of its column's kind.
type Cell struct{ at unsafe.Pointer }

// Text is the field of a TextColumn.
func (c Cell) Text() *string { return (*string)(c.at) }

// Bool is the field of a BoolColumn.
func (c Cell) Bool() *bool { return (*bool)(c.at) }

// Whole is the field of a WholeColumn.
func (c Cell) Whole() *int64 { return (*int64)(c.at) }

// Time is the field of a TimeColumn.
func (c Cell) Time() *time.Time { return (*time.Time)(c.at) }

// Number is the field of a NumberColumn.
func (c Cell) Number() *Number { return (*Number)(c.at) }

// Map is the field of a MapColumn.
func (c Cell) Map() *Map { return (*Map)(c.at) }

// Items is the field of an ItemsColumn.
func (c Cell) Items() *[]Item { return (*[]Item)(c.at) }

// ColumnKind is the Go type of a field.
type ColumnKind uint8

// The kinds: string, bool, int64, time.Time, Number, Map and []Item.
const (
	TextColumn ColumnKind = iota
	BoolColumn
	WholeColumn
	TimeColumn
	NumberColumn
	MapColumn
	ItemsColumn
)

// EventColumns are Fields as columns, in their order.
var EventColumns = func() []Column {
	e := new(Event)
	columns := make([]Column, len(Fields))
	for i, f := range Fields {
		columns[i] = newColumn(f.Tag, f.Path, f.Ref(e), unsafe.Pointer(e))
	}
	return columns
}()

// ItemColumns are ItemFields as columns, in their order.
var ItemColumns = func() []Column {
	item := new(Item)
	columns := make([]Column, len(ItemFields))
	for i, f := range ItemFields {
		columns[i] = newColumn(f.Tag, f.Path, f.Ref(item), unsafe.Pointer(item))
	}
	return columns
}()

// newColumn prepares the field that ref points to within the struct at base.
func newColumn(tag byte, path string, ref any, base unsafe.Pointer) Column {
	c := Column{Tag: tag}
	group, name, nested := strings.Cut(path, ".")
	if nested {
		c.group = string(AppendString(nil, group)) + ":"
	} else {
		name = path
	}
	c.key = string(AppendString(nil, name)) + ":"
	var at unsafe.Pointer
	switch p := ref.(type) {
	case *string:
		c.Kind, at = TextColumn, unsafe.Pointer(p)
	case *bool:
		c.Kind, at = BoolColumn, unsafe.Pointer(p)
	case *int64:
		c.Kind, at = WholeColumn, unsafe.Pointer(p)
	case *time.Time:
		c.Kind, at = TimeColumn, unsafe.Pointer(p)
	case *Number:
		c.Kind, at = NumberColumn, unsafe.Pointer(p)
	case *Map:
		c.Kind, at = MapColumn, unsafe.Pointer(p)
	case *[]Item:
		c.Kind, at = ItemsColumn, unsafe.Pointer(p)
	default:
		panic("BUG: a field of a type that the vocabulary does not have")
	}
	c.offset = uintptr(at) - uintptr(base)
	return c
}

// Empty reports whether a field of the column says nothing. It is inlined where fields are written, which methods of at would be too much for.
func (c *Column) Empty(at Cell) bool {
	switch c.Kind {
	case TextColumn:
		return *(*string)(at.at) == ""
	case BoolColumn:
		return !*(*bool)(at.at)
	case WholeColumn:
		return *(*int64)(at.at) == 0
	case TimeColumn:
		return (*time.Time)(at.at).IsZero()
	case NumberColumn:
		return !(*Number)(at.at).Known
	case MapColumn:
		return len(*(*Map)(at.at)) == 0
	}
	return len(*(*[]Item)(at.at)) == 0
}

// appendMembers appends the fields that say something as members of a JSON object just begun.
func appendMembers(b []byte, columns []Column, f Cells) []byte {
	group := ""
	for i := range columns {
		c := &columns[i]
		at := f.At(c)
		if c.Empty(at) {
			continue
		}
		if c.group != group {
			if group != "" {
				b = append(b, '}')
			}
			if group = c.group; group != "" {
				b = append(appendComma(b), group...)
				b = append(b, '{')
			}
		}
		b = append(appendComma(b), c.key...)
		b = c.appendJSON(b, at)
	}
	if group != "" {
		b = append(b, '}')
	}
	return b
}

// appendComma appends the comma before a member, but for the first of its object: no value ends with a brace that opens.
func appendComma(b []byte) []byte {
	if b[len(b)-1] == '{' {
		return b
	}
	return append(b, ',')
}

func (c *Column) appendJSON(b []byte, at Cell) []byte {
	switch c.Kind {
	case TextColumn:
		return AppendString(b, *at.Text())
	case BoolColumn:
		return strconv.AppendBool(b, *at.Bool())
	case WholeColumn:
		return strconv.AppendInt(b, *at.Whole(), 10)
	case TimeColumn:
		return AppendTime(b, *at.Time())
	case NumberColumn:
		return appendNumber(b, at.Number().Float)
	case MapColumn:
		return at.Map().AppendJSON(b)
	}
	b = append(b, '[')
	items := *at.Items()
	for i := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = items[i].AppendJSON(b)
	}
	return append(b, ']')
}
