package event

import (
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// column is a field of the vocabulary made ready for the hot path: where it lies in the struct, instead of a function that
// says so, and its key in JSON. Writing an event is then one loop without calls, and Fields stays the only list of names.
type column struct {
	tag    byte
	kind   columnKind
	offset uintptr
	group  string // the object of JSON that it stands in, with its quotes and colon; "" for the event itself
	key    string // "name":
}

type columnKind uint8

const (
	textColumn columnKind = iota
	boolColumn
	wholeColumn
	timeColumn
	numberColumn
	mapColumn
	itemsColumn
)

var eventColumns = func() []column {
	e := new(Event)
	columns := make([]column, len(Fields))
	for i, f := range Fields {
		columns[i] = newColumn(f.Tag, f.Path, f.Ref(e), unsafe.Pointer(e))
	}
	return columns
}()

var itemColumns = func() []column {
	item := new(Item)
	columns := make([]column, len(ItemFields))
	for i, f := range ItemFields {
		columns[i] = newColumn(f.Tag, f.Path, f.Ref(item), unsafe.Pointer(item))
	}
	return columns
}()

// newColumn prepares the field that ref points to within the struct at base.
func newColumn(tag byte, path string, ref any, base unsafe.Pointer) column {
	c := column{tag: tag}
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
		c.kind, at = textColumn, unsafe.Pointer(p)
	case *bool:
		c.kind, at = boolColumn, unsafe.Pointer(p)
	case *int64:
		c.kind, at = wholeColumn, unsafe.Pointer(p)
	case *time.Time:
		c.kind, at = timeColumn, unsafe.Pointer(p)
	case *Number:
		c.kind, at = numberColumn, unsafe.Pointer(p)
	case *Map:
		c.kind, at = mapColumn, unsafe.Pointer(p)
	case *[]Item:
		c.kind, at = itemsColumn, unsafe.Pointer(p)
	default:
		panic("BUG: a field of a type that the vocabulary does not have")
	}
	c.offset = uintptr(at) - uintptr(base)
	return c
}

// empty reports whether the field at that address says nothing.
func (c *column) empty(at unsafe.Pointer) bool {
	switch c.kind {
	case textColumn:
		return *(*string)(at) == ""
	case boolColumn:
		return !*(*bool)(at)
	case wholeColumn:
		return *(*int64)(at) == 0
	case timeColumn:
		return (*time.Time)(at).IsZero()
	case numberColumn:
		return !(*Number)(at).Known
	case mapColumn:
		return len(*(*Map)(at)) == 0
	}
	return len(*(*[]Item)(at)) == 0
}

// appendMembers appends the fields of the struct at base that say something as members of a JSON object just begun.
func appendMembers(b []byte, columns []column, base unsafe.Pointer) []byte {
	group := ""
	for i := range columns {
		c := &columns[i]
		at := unsafe.Add(base, c.offset)
		if c.empty(at) {
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

func (c *column) appendJSON(b []byte, at unsafe.Pointer) []byte {
	switch c.kind {
	case textColumn:
		return AppendString(b, *(*string)(at))
	case boolColumn:
		return strconv.AppendBool(b, *(*bool)(at))
	case wholeColumn:
		return strconv.AppendInt(b, *(*int64)(at), 10)
	case timeColumn:
		return AppendTime(b, *(*time.Time)(at))
	case numberColumn:
		return appendNumber(b, (*Number)(at).Float)
	case mapColumn:
		return (*Map)(at).AppendJSON(b)
	}
	b = append(b, '[')
	items := *(*[]Item)(at)
	for i := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = items[i].AppendJSON(b)
	}
	return append(b, ']')
}
