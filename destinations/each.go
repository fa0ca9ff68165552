package destinations

import (
	"headgate/event"
	"headgate/rules"
)

// each yields one element per event of the batch, per item, or per element of what a formula yields.
type each struct {
	over  *rules.Template // nil: the batch, or the items
	items bool            // the products of the event
	where *rules.Formula
	limit int // 0: none
	as    part
}

func (e *each) append(b []byte, f *frame) []byte {
	start := len(b)
	b = e.elements(b, start, f)
	return closeWith(b, start, ']')
}

func (e *each) elements(b []byte, start int, f *frame) []byte {
	switch {
	case e.items:
		return e.ofItems(b, start, f)
	case e.over == nil:
		return e.ofBatch(b, start, f)
	}
	v := f.value(e.over)
	outer, index := f.env.Item, f.env.Index
	n := 0
	for i, one := range v.List() {
		b, n = e.one(b, start, f, one, i, n)
	}
	for i, p := range v.Object() {
		b, n = e.one(b, start, f, pairValue(p), i, n)
	}
	f.env.Item, f.env.Index = outer, index
	return b
}

// pairValue is how a key of an object looks to as: as item.key and item.value.
func pairValue(p event.Pair) event.Value {
	return event.ObjectOf(event.Map{{Key: "key", Value: event.String(p.Key)}, {Key: "value", Value: p.Value}})
}

func (e *each) ofBatch(b []byte, start int, f *frame) []byte {
	n := 0
	for i := range f.rows {
		f.at(&f.rows[i])
		if !f.holds(e.where) || e.limit > 0 && n >= e.limit {
			continue
		}
		before := len(b)
		if b = e.add(b, start, f); len(b) > before {
			n++
		}
	}
	f.at(&f.rows[0])
	return b
}

func (e *each) ofItems(b []byte, start int, f *frame) []byte {
	outer, index := f.env.Item, f.env.Index
	n := 0
	for i, item := range f.itemsOf(f.env.Event) {
		b, n = e.one(b, start, f, item, i, n)
	}
	f.env.Item, f.env.Index = outer, index
	return b
}

// one adds the element for an item, the n-th that is added.
func (e *each) one(b []byte, start int, f *frame, item event.Value, index, n int) ([]byte, int) {
	f.env.Item, f.env.Index = item, index
	if e.limit > 0 && n >= e.limit || !f.holds(e.where) {
		return b, n
	}
	before := len(b)
	if b = e.add(b, start, f); len(b) > before {
		n++
	}
	return b, n
}

func (e *each) add(b []byte, start int, f *frame) []byte {
	if inner, many := e.as.(elements); many {
		return inner.elements(b, start, f)
	}
	before := len(b)
	b = append(b, separator(before == start, '['))
	value := len(b)
	if b = e.as.append(b, f); len(b) == value {
		return b[:before]
	}
	return b
}

// itemsOf are the items of an event as formulas see them. They are made once for an event, in memory that the next event
// uses again: what a formula yields of them is written out before that.
func (f *frame) itemsOf(e *event.Event) []event.Value {
	if f.itemized == e {
		return f.items
	}
	f.itemized = e
	old := f.items[:cap(f.items)]
	f.items = f.items[:0]
	for i := range e.Items {
		var m event.Map
		if i < len(old) {
			m = old[i].Object()[:0]
		}
		f.items = append(f.items, event.ObjectOf(appendItem(m, &e.Items[i])))
	}
	return f.items
}

func appendItem(m event.Map, i *event.Item) event.Map {
	for k := range event.ItemFields {
		field := &event.ItemFields[k]
		switch p := field.Ref(i).(type) {
		case *string:
			if *p != "" {
				m.Add(field.Path, event.String(*p))
			}
		case *event.Number:
			if p.Known {
				m.Add(field.Path, event.Float(p.Float))
			}
		case *event.Map:
			if len(*p) > 0 {
				m.Add(field.Path, event.ObjectOf(*p))
			}
		}
	}
	return m
}
