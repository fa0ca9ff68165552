package parquet_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"headgate/destinations"
	"headgate/event"
)

func TestDecisionsAreKeptInFilesOfTheirOwn(t *testing.T) {
	to := t.TempDir()
	d, ms := destination(t, `{to: "`+to+`", wait: 5ms, decisions: true}`)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	record := &event.Record{Rule: "europe", Model: "opt_in", States: []event.State{{Purpose: "ads", State: "denied", Basis: "choice", Source: "gcs"}}}
	outcomes := []event.Outcome{{Destination: "archive", Reason: event.Delivered}, {Destination: "meta", Action: event.Deny, Reason: event.PurposeDenied, Because: "ads: denied by gcs"}}
	var batch []destinations.Sending
	for _, id := range []string{"e1", "e2"} {
		batch = append(batch, destinations.Sending{Event: &event.Event{ID: id, Name: "purchase", Received: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}, Consent: record, Outcomes: outcomes})
	}
	for _, v := range d.Deliver(t.Context(), batch) {
		if v.Kind != destinations.Delivered {
			t.Fatal(v)
		}
	}
	files, err := filepath.Glob(filepath.Join(to, "decisions", "date=2026-11-22", "*.parquet"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	type row struct {
		EventID     *string `parquet:"event_id,optional"`
		Destination *string `parquet:"destination,optional"`
		Action      *string `parquet:"action,optional"`
		Because     *string `parquet:"because,optional"`
		Monitor     bool    `parquet:"monitor"`
		States      *string `parquet:"states,optional"`
	}
	rows, err := parquet.ReadFile[row](files[0])
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if r := rows[3]; *r.EventID != "e2" || *r.Destination != "meta" || *r.Action != "deny" || *r.Because != "ads: denied by gcs" ||
		*r.States != `{"ads":{"state":"denied","basis":"choice","source":"gcs"}}` {
		t.Errorf("%+v", r)
	}
	if events, _ := filepath.Glob(filepath.Join(to, "date=*", "*.parquet")); len(events) != 1 {
		t.Errorf("%d files of events", len(events))
	}
}
