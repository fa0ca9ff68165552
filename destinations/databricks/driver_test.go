package databricks_test

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/conformance/link"
	"headgate/destinations/databricks"
	"headgate/destinations/databricks/databrickstest"
	"headgate/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type fake struct{ *databrickstest.Fake }

func newFake(t *testing.T) *fake { return &fake{databrickstest.New(t)} }

func (f *fake) open(t *testing.T, more string) *destinations.Destination {
	t.Helper()
	d, ms := conformance.Open(t, "databricks", databricks.With(f.Now, f.Later), f.Settings(more))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

func TestItConforms(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Store {
		f := newFake(t)
		f.Slow = true
		return conformance.Store{
			Open:   func(t *testing.T) *destinations.Destination { return f.open(t, "") },
			Rows:   func(*testing.T) []event.Map { return f.Read("events") },
			Erases: true,
			Behind: func(t *testing.T) (*destinations.Destination, *link.Link) {
				l := link.New(t)
				f.Server.URL = "http://" + l.To(t, strings.TrimPrefix(f.Server.URL, "http://"))
				return f.open(t, ""), l
			},
		}
	})
}

func TestALoadWhoseAnswerIsLostIsThereOnceAndItsFileIsRemoved(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ", decisions: true"), conformance.Batch(1, 20)
	for i := range batch {
		batch[i].Consent = &event.Record{Rule: "europe", Model: "opt_in"}
		batch[i].Outcomes = []event.Outcome{{Destination: "a"}, {Destination: "b", Action: event.Deny, Reason: event.PurposeDenied}}
	}
	lost := map[string]bool{}
	f.Lose = func(call, body string) bool {
		for _, what := range []string{"PUT ", "COPY INTO", "DELETE "} {
			if strings.Contains(call+" "+body, what) && !lost[what] {
				lost[what] = true
				return true
			}
		}
		return false
	}
	for range 3 {
		conformance.Expect(t, d, batch, destinations.Retry, "HTTP 502")
	}
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	conformance.Expect(t, f.open(t, ", decisions: true"), batch, destinations.Delivered, "") // after a crash
	if e, r := len(f.Read("events")), len(f.Read("events_decisions")); e != 20 || r != 40 || len(f.Files) != 0 {
		t.Errorf("%d events, %d decisions, %d files", e, r, len(f.Files))
	}
}

func TestTheTableIsMadeWidenedOrChecked(t *testing.T) {
	conformance.Schema(t, "main.analytics.events", newFake(t).open)
	f := newFake(t)
	manage := f.open(t, "")
	conformance.Expect(t, manage, conformance.Batch(1, 1), destinations.Delivered, "")
	own := ", columns: {margin: {number: =params.margin}}"
	d, batch := f.open(t, own), conformance.Batch(3, 2)
	batch[0].Event.Params, batch[1].Event.Params = event.Map{{Key: "margin", Value: event.String("a lot")}}, event.Map{{Key: "margin", Value: event.Float(0.1)}}
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	all := f.Read("events")
	if got := all[len(all)-2].Text("_rejected"); got != `[{"column":"margin","value":"a lot","reason":"it is no number"}]` {
		t.Error(got)
	}
	if got := all[len(all)-1].Text("margin"); got != "0.1" {
		t.Error(got)
	}
	delete(f.Tables, "events") // by a person, under a running driver
	conformance.Expect(t, manage, conformance.Batch(4, 1), destinations.Delivered, "")
	f.Tables["events"].Drop("page_url")
	conformance.Expect(t, manage, conformance.Batch(6, 1), destinations.Delivered, "")
	f.Tables["events"].Retype("page_title", "BIGINT") // a person's own table
	conformance.Expect(t, manage, conformance.Batch(5, 1), destinations.Halt, "COPY_INTO_SCHEMA_MISMATCH")
}

func TestTokensAreRenewed(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	conformance.Expect(t, d, conformance.Batch(1, 1), destinations.Delivered, "")
	f.Later(3 * time.Hour)
	conformance.Expect(t, d, conformance.Batch(2, 1), destinations.Delivered, "")
	clear(f.Tokens)
	conformance.Expect(t, d, conformance.Batch(3, 1), destinations.Delivered, "")
	if f.Issued != 3 {
		t.Errorf("%d tokens", f.Issued)
	}
	f.Tokens["made-by-hand"] = f.Now().Add(time.Hour)
	conformance.Expect(t, f.open(t, ", token: made-by-hand"), conformance.Batch(4, 1), destinations.Delivered, "")
	if f.Issued != 3 {
		t.Errorf("%d tokens", f.Issued)
	}
	d, ms := conformance.Open(t, "databricks", databricks.NewDriver, strings.Replace(f.Settings(""), "client_secret: hush", "client_secret: hush-hush", 1))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	conformance.Expect(t, d, conformance.Batch(5, 1), destinations.Halt, "invalid_client Client authentication failed")
}

func TestErasureSaysThatThePastRemains(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ", decisions: true"), conformance.Batch(1, 4)
	batch[1].Event.User.ClientID = "c1"
	for i := range batch {
		batch[i].Consent, batch[i].Outcomes = &event.Record{Rule: "europe"}, []event.Outcome{{Destination: "a"}}
	}
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	got, err := d.Erase(t.Context(), destinations.Person{Field: "user.client_id", Values: []string{"c9", "c1"}})
	if err != nil || got.Removed != 1 || !strings.Contains(got.Advice, "VACUUM") || len(f.Read("events_decisions")) != 3 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestWhatDatabricksAnswersIsJudged(t *testing.T) {
	for _, c := range []struct {
		at     string // in the request
		status int
		answer string
		kind   destinations.Kind
		why    string
	}{
		{"COPY INTO", 200, `{"statement_id": "s", "status": {"state": "FAILED", "error": {"error_code": "BAD_REQUEST", "message": "[INSUFFICIENT_PERMISSIONS] no"}}}`, destinations.Halt, "INSUFFICIENT_PERMISSIONS"},
		{"COPY INTO", 200, `{"statement_id": "s", "status": {"state": "FAILED", "error": {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "starting"}}}`, destinations.Retry, "starting"},
		{"COPY INTO", 200, `{"statement_id": "s", "status": {"state": "FAILED", "error": {"error_code": "BAD_REQUEST", "message": "[DELTA_CONCURRENT_APPEND] again"}}}`, destinations.Retry, "again"},
		{"COPY INTO", 200, `{"statement_id": "s", "status": {"state": "CANCELED"}}`, destinations.Retry, "CANCELED"},
		{"COPY INTO", 404, `{"error_code": "ENDPOINT_NOT_FOUND", "message": "no warehouse w1"}`, destinations.Halt, "no warehouse"},
		{"COPY INTO", 429, `{"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "too often"}`, destinations.Retry, "too often"},
		{"COPY INTO", 200, `hm`, destinations.Retry, "not one of Databricks'"},
		{"PUT", 403, `{"error_code": "PERMISSION_DENIED", "message": "no WRITE VOLUME"}`, destinations.Halt, "WRITE VOLUME"},
		{"PUT", 404, `{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no volume"}`, destinations.Halt, "no volume"},
		{"PUT", 503, `hm`, destinations.Retry, "HTTP 503"},
		{"DELETE", 403, `{"error_code": "PERMISSION_DENIED", "message": "no WRITE VOLUME"}`, destinations.Halt, "WRITE VOLUME"},
		{"/oidc", 500, `hm`, destinations.Retry, "status 500"},
		{"CREATE TABLE", 302, ``, destinations.Halt, "HTTP 302"},
	} {
		f := newFake(t)
		f.Before = func(call, body string) (int, string) {
			if strings.Contains(call+body, c.at) {
				return c.status, c.answer
			}
			return 0, ""
		}
		conformance.Expect(t, f.open(t, ""), conformance.Batch(1, 3), c.kind, c.why)
	}
}

func TestMistakesInSettingsAreSaid(t *testing.T) {
	_, ms := conformance.Open(t, "databricks", databricks.NewDriver, "{url: \"https://ws.example\", client_id: x, warehouse: w1, volume: s3://bucket, table: events}")
	for _, want := range []string{"neither a service principal nor a token", "table: expected a catalog", "volume: expected the path of a volume"} {
		if !strings.Contains(ms.Error(), want) {
			t.Errorf("%v\nlacks %s", ms, want)
		}
	}
}

func TestTheStatementsMakeTablesAndViews(t *testing.T) {
	d := newFake(t).open(t, ", decisions: true")
	all := strings.Join(d.DDL(), ";\n")
	for _, want := range []string{"CREATE TABLE IF NOT EXISTS `main`.`analytics`.`events` (\n    `id` STRING,\n    `name` STRING,\n    `time` TIMESTAMP,", "`session_number` BIGINT", "`session_engaged` BOOLEAN",
		"`params` STRING", "`items` ARRAY<STRUCT<`id`: STRING", "`price`: DOUBLE", "`main`.`analytics`.`events_decisions`"} {
		if !strings.Contains(all, want) {
			t.Errorf("%s\nlacks %s", all, want)
		}
	}
	views := strings.Join(d.Models(), ";\n")
	for _, want := range []string{"CREATE OR REPLACE VIEW `main`.`analytics`.`events_once` AS", "min_by(page_url, time) FILTER (WHERE page_url IS NOT NULL)",
		"(unix_millis(max(time)) - unix_millis(min(time))) / 1000", "try_cast(get_json_object(params, '$.value') AS DOUBLE)", "p.time - INTERVAL 30 DAYS"} {
		if !strings.Contains(views, want) {
			t.Errorf("%s\nlacks %s", views, want)
		}
	}
}

// TestALargeBatchIsSeveralFiles loads a batch that is read from the log, loses the answer, and loads it again.
func TestALargeBatchIsSeveralFiles(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ""), conformance.Batch(1, 20_001)
	lost := 0
	f.Lose = func(call, body string) bool {
		if strings.Contains(body, "COPY INTO") {
			lost++
		}
		return lost == 1
	}
	if v := d.DeliverEvents(t.Context(), destinations.All(batch)); v.Kind != destinations.Retry || len(f.Files) != 2 {
		t.Fatalf("%+v, %d files", v, len(f.Files))
	}
	f.Lose = nil
	if v := d.DeliverEvents(t.Context(), destinations.All(batch)); v.Kind != destinations.Delivered || len(f.Files) != 0 {
		t.Errorf("%+v, %d files are left", v, len(f.Files))
	}
	if n := len(f.Read("events")); n != len(batch) {
		t.Errorf("%d rows", n)
	}
}
