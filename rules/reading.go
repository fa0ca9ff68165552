package rules

import (
	"strings"
	"time"

	"headgate/event"
)

// This file makes expressions for what is read in place, each with the shortest way to it and with value, the general one.

func textExpression(at int, name string, read func(*Machine) string) expression {
	return expression{kind: text, offset: at, name: name, unsaid: true, text: read, value: func(m *Machine) event.Value {
		if s := read(m); s != "" {
			return event.String(s)
		}
		return event.Value{}
	}}
}

func truthExpression(at int, name string, read func(*Machine) bool) expression {
	return expression{kind: truth, offset: at, name: name, truth: read,
		value: func(m *Machine) event.Value { return event.Boolean(read(m)) }}
}

func numberExpression(at int, name string, read func(*Machine) int) expression {
	return expression{kind: number, offset: at, name: name, value: func(m *Machine) event.Value { return event.Float(float64(read(m))) }}
}

func momentExpression(at int, name string, read func(*Machine) time.Time) expression {
	return expression{kind: moment, offset: at, name: name, moment: read,
		value: func(m *Machine) event.Value { return event.TimeValue(read(m)) }}
}

// What it costs to make an object of an item or an event, in steps.
const (
	stepsPerItem  = 4
	stepsPerEvent = 16
)

func itemExpression(x expression) expression {
	read := x.item
	x.value = func(m *Machine) event.Value {
		if i := read(m); i != nil {
			return i.Value()
		}
		return event.Value{}
	}
	return x
}

func itemsExpression(x expression) expression {
	read := x.items
	x.value = func(m *Machine) event.Value {
		all := read(m)
		if len(all) == 0 {
			return event.Value{}
		}
		if !m.spend(x.offset, len(all)*stepsPerItem) {
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
func eventExpression(x expression) expression {
	read, of := x.event, x.group
	x.value = func(m *Machine) event.Value { return eventValue(read(m), of) }
	return x
}

func eventsExpression(x expression) expression {
	read := x.events
	x.value = func(m *Machine) event.Value {
		all := read(m)
		if !m.spend(x.offset, len(all)*stepsPerEvent) {
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

// asMoment reads the expression as a time: one itself, RFC 3339 text, a date alone, or unix seconds, milliseconds or
// microseconds.
func (x *expression) asMoment(m *Machine) (time.Time, bool) {
	if x.moment != nil {
		t := x.moment(m)
		return t, !t.IsZero()
	}
	v := x.value(m)
	if v.IsNull() {
		return time.Time{}, false
	}
	t, ok := readTime(v)
	if !ok {
		m.fail(x.offset, x.describe(v)+", not a time", timeCure)
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
