package event

import "unsafe"

// Size is how many bytes of memory an event holds: itself, its texts, keys and values. A text that several events share
// counts in each of them.
func (e *Event) Size() int {
	return int(unsafe.Sizeof(*e)) + sizeOf(EventColumns, unsafe.Pointer(e))
}

// sizeOf is what the fields of the struct at base point to.
func sizeOf(columns []Column, base unsafe.Pointer) (n int) {
	for i := range columns {
		at := unsafe.Add(base, columns[i].Offset)
		switch columns[i].Kind {
		case TextColumn:
			n += len(*(*string)(at))
		case MapColumn:
			n += (*Map)(at).size()
		case ItemsColumn:
			items := *(*[]Item)(at)
			n += len(items) * int(unsafe.Sizeof(Item{}))
			for i := range items {
				n += sizeOf(ItemColumns, unsafe.Pointer(&items[i]))
			}
		}
	}
	return n
}

const (
	valueSize = int(unsafe.Sizeof(Value{}))
	pairSize  = int(unsafe.Sizeof(Pair{}))
)

func (m Map) size() (n int) {
	for i := range m {
		n += pairSize + len(m[i].Key) + m[i].Value.size()
	}
	return n
}

// size is what v points to.
func (v *Value) size() (n int) {
	switch v.kind {
	case Text:
		return int(v.word)
	case Numeric:
		return int(v.digits)
	case Object:
		return v.object().size()
	case List:
		list := v.list()
		n = len(list) * valueSize
		for i := range list {
			n += list[i].size()
		}
	}
	return n
}
