package postgres_test

import (
	"fmt"
	"testing"

	"headgate/destinations"
	"headgate/event"
)

func TestDecisionsAreKeptInASecondTableAndGoWithTheirEvents(t *testing.T) {
	conn, name := schema(t)
	d := keeping(t, name+".events")
	record := &event.Record{Rule: "europe", Model: "opt_in", States: []event.State{{Purpose: "ads", State: "denied", Basis: "choice", Source: "gcs"}}}
	outcomes := []event.Outcome{{Destination: "warehouse", Reason: event.Delivered}, {Destination: "meta", Action: event.Deny, Reason: event.PurposeDenied, Because: "ads: denied by gcs"}}
	events := some(0, 3)
	events[0].User.ClientID = "c1"
	batch := sendings(events...)
	for i := range batch {
		batch[i].Consent, batch[i].Outcomes = record, outcomes
	}
	for range 2 { // again, as after a crash
		for _, v := range d.Deliver(t.Context(), batch) {
			if v.Kind != destinations.Delivered {
				t.Fatal(v)
			}
		}
	}
	for sql, want := range map[string]int{
		"SELECT count(*) FROM events":           3,
		"SELECT count(*) FROM events_decisions": 6,
		"SELECT count(*) FROM events_decisions WHERE destination = 'meta' AND action = 'deny' AND reason = 'purpose_denied'": 3,
		"SELECT count(*) FROM events_decisions WHERE states->'ads'->>'state' = 'denied' AND rule = 'europe'":                 6,
	} {
		if n := count(t, conn, sql); n != want {
			t.Errorf("%s: %d, want %d", sql, n, want)
		}
	}
	got, err := d.Erase(t.Context(), destinations.Person{Field: "user.client_id", Values: []string{"c1"}})
	if err != nil || got.Removed != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if n := count(t, conn, "SELECT count(*) FROM events_decisions"); n != 4 {
		t.Errorf("%d decisions are left", n)
	}
}

// keeping opens postgres.yaml with decisions: true.
func keeping(t testing.TB, table string) *destinations.Destination {
	t.Helper()
	d, ms := openWith(t, fmt.Sprintf("{url: %q, table: %q, decisions: true}", address, table), loopback)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}
