package personal

import (
	"slices"
	"strings"

	"headgate/event"
	"headgate/event/keys"
)

// alwaysKept are the fields that every event needs.
var alwaysKept = []string{"id", "name", "time", "received", "source", "site", "consent"}

// rewriter passes the texts of an event through a change.
type rewriter struct {
	with    interface{ change(string) string }
	gone    keys.Meaning // keys that go with their values
	numbers bool         // numbers too, which become texts where they change
}

// swept are the fields that may hold personal data although they are for something else.
var swept = func() (fields []*event.Field) {
	for i := range event.Fields {
		f := &event.Fields[i]
		switch {
		case f.Class != event.Content, slices.Contains(alwaysKept, f.Path):
		case strings.HasPrefix(f.Path, "geo."), strings.HasPrefix(f.Path, "device."), strings.HasPrefix(f.Path, "traffic."),
			f.Path == "page.referrer_class": // found out here, not sent by a client
		default:
			fields = append(fields, f)
		}
	}
	return fields
}()

// event rewrites the fields that swept names; maps and items are copied where they change.
func (w *rewriter) event(e *event.Event) {
	for _, f := range swept {
		switch ref := f.Ref(e).(type) {
		case *string:
			*ref = w.with.change(*ref)
		case *event.Map:
			*ref, _ = w.object(*ref)
		}
	}
	e.Items = w.items(e.Items)
}

// items returns items with their texts rewritten, a copy where anything changes.
func (w *rewriter) items(items []event.Item) []event.Item {
	copied := false
	for i := range items {
		item := items[i]
		if !w.item(&item) {
			continue
		}
		if !copied {
			items, copied = slices.Clone(items), true
		}
		items[i] = item
	}
	return items
}

func (w *rewriter) item(item *event.Item) (changed bool) {
	for k := range event.ItemFields {
		switch ref := event.ItemFields[k].Ref(item).(type) {
		case *string:
			if s := w.with.change(*ref); s != *ref {
				*ref, changed = s, true
			}
		case *event.Map:
			m, inside := w.object(*ref)
			*ref, changed = m, changed || inside
		}
	}
	return changed
}

// object rewrites every key and every text in a map, at any depth, into a copy, and leaves the keys out that go. A map in
// which nothing changes is returned itself. Of two keys that become the same the last one wins.
func (w *rewriter) object(m event.Map) (_ event.Map, changed bool) {
	var out event.Map
	for i := range m {
		key, v, inside := m[i].Key, m[i].Value, false
		goes := w.gone != 0 && keys.MeaningOf(key)&w.gone != 0
		if !goes {
			key = w.with.change(key)
			v, inside = w.value(v)
		}
		same := !goes && !inside && key == m[i].Key
		if !changed {
			if same {
				continue
			}
			out, changed = append(make(event.Map, 0, len(m)), m[:i]...), true
		}
		switch {
		case goes:
		case key == m[i].Key:
			out.Add(key, v)
		default:
			out.Set(key, v)
		}
	}
	if !changed {
		return m, false
	}
	return out, true
}

func (w *rewriter) value(v event.Value) (_ event.Value, changed bool) {
	switch v.Kind() {
	case event.Text:
		if s := w.with.change(v.Text()); s != v.Text() {
			return event.String(s), true
		}
	case event.Numeric:
		if !w.numbers {
			return v, false
		}
		if text := v.Text(); len(text) >= shortestText {
			if s := w.with.change(text); s != text {
				return event.String(s), true
			}
		}
	case event.Object:
		if m, changed := w.object(v.Object()); changed {
			return event.ObjectOf(m), true
		}
	case event.List:
		if list, changed := w.list(v.List()); changed {
			return event.ListOf(list...), true
		}
	}
	return v, false
}

func (w *rewriter) list(values []event.Value) (_ []event.Value, changed bool) {
	for i, one := range values {
		clean, inside := w.value(one)
		if !inside {
			continue
		}
		if !changed {
			values, changed = slices.Clone(values), true
		}
		values[i] = clean
	}
	return values, changed
}
