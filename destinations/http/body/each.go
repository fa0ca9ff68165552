package body

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

func (e *each) append(b []byte, f *Frame) []byte {
	start := len(b)
	b = e.elements(b, start, f)
	return closeWith(b, start, ']')
}

func (e *each) elements(b []byte, start int, f *Frame) []byte {
	switch {
	case e.items:
		return e.ofItems(b, start, f)
	case e.over == nil:
		return e.ofBatch(b, start, f)
	}
	v := f.Value(e.over)
	outer, index := f.Env.Item, f.Env.Index
	n := 0
	for i, one := range v.List() {
		f.Env.Item = one
		b, n = e.one(b, start, f, i, n)
	}
	for i, p := range v.Object() {
		f.Env.Item = PairValue(p)
		b, n = e.one(b, start, f, i, n)
	}
	f.Env.Item, f.Env.Index = outer, index
	return b
}

// PairValue is a key of an object as as: sees it: item.key and item.value.
func PairValue(p event.Pair) event.Value {
	return event.ObjectOf(event.Map{{Key: "key", Value: event.String(p.Key)}, {Key: "value", Value: p.Value}})
}

func (e *each) ofBatch(b []byte, start int, f *Frame) []byte {
	n := 0
	for i := range f.Rows {
		f.At(&f.Rows[i])
		if !f.Holds(e.where) || e.limit > 0 && n >= e.limit {
			continue
		}
		before := len(b)
		if b = e.add(b, start, f); len(b) > before {
			n++
		}
	}
	f.At(&f.Rows[0])
	return b
}

func (e *each) ofItems(b []byte, start int, f *Frame) []byte {
	outer, index := f.Env.Product, f.Env.Index
	items := f.Env.Event.Items
	n := 0
	for i := range items {
		f.Env.Product = &items[i]
		b, n = e.one(b, start, f, i, n)
	}
	f.Env.Product, f.Env.Index = outer, index
	return b
}

// one adds the element for the frame's current item; n elements were added before.
func (e *each) one(b []byte, start int, f *Frame, index, n int) ([]byte, int) {
	f.Env.Index = index
	if e.limit > 0 && n >= e.limit || !f.Holds(e.where) {
		return b, n
	}
	before := len(b)
	if b = e.add(b, start, f); len(b) > before {
		n++
	}
	return b, n
}

func (e *each) add(b []byte, start int, f *Frame) []byte {
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
