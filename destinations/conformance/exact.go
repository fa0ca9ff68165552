package conformance

import (
	"strings"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/event"
)

// Said is an event with what is hard to store: texts of any kind, numbers of any size, nesting.
func Said() *event.Event {
	e := &event.Event{ID: "said", Name: "purchase", Time: Noon.Add(123 * time.Millisecond), Received: Noon}
	e.Page.URL, e.Page.Title = "https://shop.example/ä?q=\"a\"&b='c'", "Grüße \\ 日本 🛍\n\ttab"
	e.Session.Engaged, e.Session.Number = true, 3
	e.Params.Set("value", event.Float(1e15))
	e.Params.Set("tiny", event.Float(0.1))
	e.Params.Set("note", event.String(strings.Repeat("läng", 25_000)))
	e.Params.Set("nested", event.ObjectOf(event.Map{{Key: "list", Value: event.ListOf(event.Float(1), event.Boolean(false), event.String(""))}}))
	e.Items = []event.Item{{ID: "sku1", Price: event.Num(9.99), Quantity: event.Num(0)}, {ID: "sku2", Params: event.Map{{Key: "size", Value: event.String("XL")}}}}
	return e
}

func exact(t *testing.T, s Store) {
	e := Said()
	deliver(t, s.Open(t), []destinations.Sending{Sending(e, 1, 0), Sending(&event.Event{ID: "bare", Received: Noon}, 1, 1)})
	rows := map[string]event.Map{}
	for _, row := range s.Rows(t) {
		rows[row.Text("id")] = row
	}
	said := rows["said"]
	for column, want := range map[string]event.Value{
		"name": event.String("purchase"), "page_url": event.String(e.Page.URL), "page_title": event.String(e.Page.Title),
		"session_engaged": event.Boolean(true), "session_number": event.Float(3), "params": event.ObjectOf(e.Params),
		"items": event.ListOf(e.Items[0].Value(), e.Items[1].Value()),
	} {
		if got := said.Get(column); !Same(got, want) {
			t.Errorf("%s is\n%.300s, want\n%.300s", column, got.AppendJSON(nil), want.AppendJSON(nil))
		}
	}
	for column, want := range map[string]time.Time{"time": e.Time, "received": e.Received} {
		if got, ok := event.ParseTime(said.Get(column)); !ok || !got.Equal(want) {
			t.Errorf("%s is %s, want %s", column, said.Get(column).AppendJSON(nil), want)
		}
	}
	for _, column := range []string{"page_url", "params", "items", "session_number", "user_email"} {
		if v := rows["bare"].Get(column); !v.IsEmpty() {
			t.Errorf("%s of an event that says nothing is %s", column, v.AppendJSON(nil))
		}
	}
}

// Same compares by meaning: a store may write the keys of an object in another order, and leave out what is empty in an item.
func Same(a, b event.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case event.Object:
		for _, pair := range a.Object() {
			if !pair.Value.IsEmpty() && !Same(pair.Value, b.Object().Get(pair.Key)) {
				return false
			}
		}
		for _, pair := range b.Object() {
			if !pair.Value.IsEmpty() && a.Object().Get(pair.Key).IsNull() {
				return false
			}
		}
		return true
	case event.List:
		if len(a.List()) != len(b.List()) {
			return false
		}
		for i := range a.List() {
			if !Same(a.List()[i], b.List()[i]) {
				return false
			}
		}
		return true
	case event.Numeric:
		f, _ := a.Float()
		g, _ := b.Float()
		return f == g
	}
	return a.Equal(b)
}
