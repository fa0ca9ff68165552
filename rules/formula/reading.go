package formula

import (
	"strings"
	"time"

	"headgate/event"
)

// This file makes expressions for what is read in place, each with the shortest way to it and with value, the general one.

// TextExpression reads a text.
func TextExpression(at int, name string, read func(*Machine) string) Expression {
	return Expression{Kind: Text, Offset: at, Name: name, unsaid: true, text: read, Value: func(m *Machine) event.Value {
		if s := read(m); s != "" {
			return event.String(s)
		}
		return event.Value{}
	}}
}

// TruthExpression reads true or false.
func TruthExpression(at int, name string, read func(*Machine) bool) Expression {
	return Expression{Kind: Truth, Offset: at, Name: name, truth: read,
		Value: func(m *Machine) event.Value { return event.Boolean(read(m)) }}
}

func numberExpression(at int, name string, read func(*Machine) int) Expression {
	return Expression{Kind: Number, Offset: at, Name: name, Value: func(m *Machine) event.Value { return event.Float(float64(read(m))) }}
}

// MomentExpression reads a time.
func MomentExpression(at int, name string, read func(*Machine) time.Time) Expression {
	return Expression{Kind: Moment, Offset: at, Name: name, moment: read,
		Value: func(m *Machine) event.Value { return event.TimeValue(read(m)) }}
}

// What it costs to make an object of an item or an event, in steps.
const (
	stepsPerItem  = 4
	stepsPerEvent = 16
)

func itemExpression(x Expression) Expression {
	read := x.item
	x.Value = func(m *Machine) event.Value {
		if i := read(m); i != nil {
			return i.Value()
		}
		return event.Value{}
	}
	return x
}

func itemsExpression(x Expression) Expression {
	read := x.Items
	x.Value = func(m *Machine) event.Value {
		all := read(m)
		if len(all) == 0 {
			return event.Value{}
		}
		if !m.Spend(x.Offset, len(all)*stepsPerItem) {
			return event.Value{}
		}
		vs := make([]event.Value, len(all))
		for i := range all {
			vs[i] = all[i].Value()
		}
		return event.ListOf(vs...)
	}
	return x
}

// eventExpression is an event or a group of its fields.
func eventExpression(x Expression) Expression {
	read, of := x.Event, x.group
	x.Value = func(m *Machine) event.Value { return eventValue(read(m), of) }
	return x
}

func eventsExpression(x Expression) Expression {
	read := x.Events
	x.Value = func(m *Machine) event.Value {
		all := read(m)
		if !m.Spend(x.Offset, len(all)*stepsPerEvent) {
			return event.Value{}
		}
		vs := make([]event.Value, len(all))
		for i := range all {
			vs[i] = eventValue(all[i], "")
		}
		return event.ListOf(vs...)
	}
	return x
}

// eventValue returns an event as an object like its JSON, or only the fields of one group.
func eventValue(e *event.Event, of string) event.Value {
	var all, inner event.Map
	last := ""
	flush := func() {
		if len(inner) > 0 {
			all.Add(last, event.ObjectOf(inner))
		}
		inner = nil
	}
	for i := range event.Fields {
		f := &event.Fields[i]
		head, name, nested := strings.Cut(f.Path, ".")
		if of != "" && head != of {
			continue
		}
		if head != last {
			flush()
			last = head
		}
		v := event.ValueAt(f.Ref(e))
		if v.IsNull() {
			continue
		}
		if nested {
			inner.Add(name, v)
		} else {
			all.Add(head, v)
		}
	}
	if of != "" {
		return objectOrNull(inner)
	}
	flush()
	return objectOrNull(all)
}

func objectOrNull(o event.Map) event.Value {
	if len(o) == 0 {
		return event.Value{}
	}
	return event.ObjectOf(o)
}

// AsMoment reads the expression as a time: one itself, RFC 3339 text, a date alone, or unix seconds, milliseconds or
// microseconds.
func (x *Expression) AsMoment(m *Machine) (time.Time, bool) {
	if x.moment != nil {
		t := x.moment(m)
		return t, !t.IsZero()
	}
	v := x.Value(m)
	if v.IsNull() {
		return time.Time{}, false
	}
	t, ok := readTime(v)
	if !ok {
		m.Fail(x.Offset, x.describe(v)+", not a time", timeCure)
	}
	return t, ok
}

const timeCure = "a time is 2026-11-22T10:00:00Z, 2026-11-22, or unix seconds or milliseconds"

func readTime(v event.Value) (time.Time, bool) {
	t, ok := event.ParseTime(v)
	if !ok && v.Kind() == event.Text {
		var err error
		t, err = time.Parse(time.DateOnly, v.Text())
		ok = err == nil
	}
	return t, ok
}

// below is an object of the environment, whose fields are not known beforehand.
func below(at int, name string, root func(*Machine) event.Map) Expression {
	return Expression{Kind: Object, Offset: at, Name: name, Object: root, path: &objectPath{root: root},
		Value: func(m *Machine) event.Value {
			if o := root(m); len(o) > 0 {
				return event.ObjectOf(o)
			}
			return event.Value{}
		}}
}

// descend is what stands under a further key.
func (x *Expression) descend(key, name string) Expression {
	p := &objectPath{root: x.path.root, keys: append(append([]string{}, x.path.keys...), key)}
	for i := range p.keys {
		p.dots = append(p.dots, strings.Join(p.keys[i:], "."))
	}
	below := Expression{Offset: x.Offset, Name: name, path: p, Value: p.find}
	if len(p.keys) == 1 {
		root := p.root
		below.Value = func(m *Machine) event.Value { return root(m).Get(key) }
	}
	return below
}
