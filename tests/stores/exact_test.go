package stores_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"headgate/destinations/conformance"
	"headgate/event"
	"headgate/tests/trial"
)

// TestAnotherEngineReadsInParquetWhatWasSent sends an event with what is hard to store, and one that says nothing.
func TestAnotherEngineReadsInParquetWhatWasSent(t *testing.T) {
	t.Parallel()
	archive, e := t.TempDir(), newEngine(t)
	p := trial.New(t, configuration([]store{{name: "parquet", entry: fmt.Sprintf("settings: {to: %q, wait: 100ms}", archive)}}, archive))
	p.Start()
	said := conformance.Said()
	said.Received, said.Time = time.Time{}, time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond) // received is ours to say, and what is old is corrected
	for _, one := range []*event.Event{said, {ID: "bare", Name: "ping"}} {
		answer, err := http.Post(p.Public+"/e", "application/json", bytes.NewReader(one.AppendJSON(nil)))
		if err != nil || answer.StatusCode >= 300 {
			t.Fatalf("%v %v", answer, err)
		}
		_ = answer.Body.Close()
	}
	drained(t, p, "parquet")
	rows := map[string]event.Map{}
	for line := range bytes.Lines([]byte(e.ask(t, "SELECT * FROM file('"+archive+"/date=*/*.parquet', 'Parquet') FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 0"))) {
		v, err := event.ParseJSON(line)
		if err != nil {
			t.Fatalf("%.200s: %v", line, err)
		}
		row := v.Object()
		rows[row.Text("id")] = row
	}
	row := rows[said.ID]
	for column, want := range map[string]event.Value{
		"name": event.String(said.Name), "page_url": event.String(said.Page.URL), "page_title": event.String(said.Page.Title),
		"params": event.ObjectOf(said.Params), "items": event.ListOf(said.Items[0].Value(), said.Items[1].Value()),
	} {
		if got := nested(t, column, row.Get(column)); !conformance.Same(got, want) {
			t.Errorf("%s is\n%.400s, want\n%.400s", column, got.AppendJSON(nil), want.AppendJSON(nil))
		}
	}
	for _, column := range []string{"page_url", "params", "session_number", "user_email", "items"} {
		if v := rows["bare"].Get(column); !v.IsEmpty() {
			t.Errorf("%s of an event that says nothing is %s", column, v.AppendJSON(nil))
		}
	}
	if n := len(rows); n != 2 {
		t.Errorf("%d rows", n)
	}
}

// nested is a value with the JSON in its texts read: params are texts in a file, those of items too.
func nested(t *testing.T, column string, v event.Value) event.Value {
	t.Helper()
	switch column {
	case "params":
		if v.IsEmpty() {
			return v
		}
		read, err := event.ParseJSON([]byte(v.Text()))
		if err != nil {
			t.Fatalf("%.200s: %v", v.Text(), err)
		}
		return read
	case "items":
		var items []event.Value
		for _, item := range v.List() {
			var fields event.Map
			for _, f := range item.Object() {
				fields.Add(f.Key, nested(t, f.Key, f.Value))
			}
			items = append(items, event.ObjectOf(fields))
		}
		return event.ListOf(items...)
	}
	return v
}
