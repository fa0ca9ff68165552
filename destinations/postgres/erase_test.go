package postgres_test

import (
	"testing"

	"headgate/destinations"
	"headgate/event"
)

func TestErasureRemovesThePersonsRowsAndNoOthers(t *testing.T) {
	conn, name := schema(t)
	d := destination(t, address, name+".events")
	users := []event.User{{ClientID: "c1"}, {ClientID: "C1"}, {ClientID: "c2", Email: "A@Shop.example"}, {Email: "5e884898"}}
	events := some(0, len(users))
	for i, e := range events {
		e.User = users[i]
	}
	deliver(t, d, destinations.Delivered, events...)
	for _, p := range []destinations.Person{
		{Field: "user.client_id", Values: []string{"c1"}},
		{Field: "user.email", Values: []string{"a@shop.example", "5e884898"}, AnyCase: true},
	} {
		got, err := d.Erase(t.Context(), p)
		if want := int64(len(p.Values)); err != nil || got.Removed != want || len(got.Remains) > 0 {
			t.Errorf("%+v: %+v %v", p, got, err)
		}
	}
	if n := count(t, conn, "SELECT count(*) FROM events"); n != 1 {
		t.Errorf("%d rows are left", n)
	}
}
