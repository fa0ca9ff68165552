package event

import "unsafe"

// Size is how many bytes of memory an event holds: itself, its texts, keys and values. A text that several events share
// counts in each of them.
func (e *Event) Size() int {
	return int(unsafe.Sizeof(*e)) + sizeOf(EventColumns, e.Cells())
}

// Held is how many bytes of memory d takes. A text that several events share counts in each of them.
func (d *Decision) Held() int {
	if d.Weight > 0 {
		return d.Weight
	}
	return int(unsafe.Sizeof(*d)-unsafe.Sizeof(d.Event)) + d.Event.Size() + len(d.Consent.States)*int(unsafe.Sizeof(State{})) +
		len(d.Consent.Signals)*int(unsafe.Sizeof(Signal{})) + len(d.Outcomes)*int(unsafe.Sizeof(Outcome{}))
}

// Size is how many bytes of memory c takes.
func (c *Changed) Size() int {
	return int(unsafe.Sizeof(*c)) + len(c.Path) + len(c.Rule) + c.Old.size()
}

// sizeOf is what the fields point to.
func sizeOf(columns []Column, f Cells) (n int) {
	for i := range columns {
		at := f.At(&columns[i])
		switch columns[i].Kind {
		case TextColumn:
			n += len(*at.Text())
		case MapColumn:
			n += at.Map().size()
		case ItemsColumn:
			items := *at.Items()
			n += len(items) * int(unsafe.Sizeof(Item{}))
			for i := range items {
				n += sizeOf(ItemColumns, items[i].Cells())
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
