package parquet_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/event"
)

func TestErasureNamesTheFilesThatHoldAPerson(t *testing.T) {
	to := t.TempDir()
	d, ms := destination(t, `{to: "`+to+`", wait: 5ms}`)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	for day, user := range []event.User{{ClientID: "c1", Email: "A@shop.example"}, {ClientID: "c2"}, {ClientID: "C1"}} {
		e := &event.Event{ID: "e", Name: "page_view", Received: time.Date(2026, 11, 1+day, 12, 0, 0, 0, time.UTC), User: user}
		if v := d.Deliver(t.Context(), []destinations.Sending{{Event: e}}); v[0].Kind != destinations.Delivered {
			t.Fatal(v)
		}
	}
	for _, c := range []struct {
		person destinations.Person
		files  int
	}{
		{destinations.Person{Field: "user.client_id", Values: []string{"c1"}}, 1},
		{destinations.Person{Field: "user.email", Values: []string{"hash", "a@shop.example"}, AnyCase: true}, 1},
		{destinations.Person{Field: "user.user_id", Values: []string{"c1"}}, 0},
	} {
		got, err := d.Erase(t.Context(), c.person)
		if err != nil || len(got.Remains) != c.files || (got.Advice != "") != (c.files > 0) || got.Removed != 0 {
			t.Errorf("%+v: %+v %v", c.person, got, err)
		}
		for _, path := range got.Remains {
			if !strings.HasPrefix(path, filepath.Join(to, "date=2026-11-01")) {
				t.Errorf("%+v: %s", c.person, path)
			}
		}
	}
	none, ms := destination(t, `{to: "`+filepath.Join(to, "not there")+`"}`)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	if got, err := none.Erase(t.Context(), destinations.Person{Field: "user.client_id", Values: []string{"c1"}}); err != nil || len(got.Remains) > 0 {
		t.Errorf("a folder that is not there: %+v %v", got, err)
	}
}
