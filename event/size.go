package event

import "unsafe"

// Size is about how many bytes an event's texts, keys and values hold: what it costs to work on it grows with that. A text
// that several events share counts in each of them.
func (e *Event) Size() int { return sizeOf(eventColumns, unsafe.Pointer(e)) }

func sizeOf(columns []column, base unsafe.Pointer) (n int) {
	for i := range columns {
		at := unsafe.Add(base, columns[i].offset)
		switch columns[i].kind {
		case textColumn:
			n += len(*(*string)(at))
		case mapColumn:
			n += (*Map)(at).size()
		case itemsColumn:
			items := *(*[]Item)(at)
			for i := range items {
				n += sizeOf(itemColumns, unsafe.Pointer(&items[i]))
			}
		default:
			n += valueSize
		}
	}
	return n
}

const valueSize = 8 // of what is no text

func (m Map) size() (n int) {
	for i := range m {
		n += len(m[i].Key) + m[i].Value.size()
	}
	return n
}

func (v Value) size() (n int) {
	switch v.Kind() {
	case Text:
		return len(v.Text())
	case Object:
		return valueSize + v.Object().size()
	case List:
		for _, one := range v.List() {
			n += one.size()
		}
	}
	return valueSize + n
}
