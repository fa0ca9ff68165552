package bigquery_test

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"headgate/destinations"
	"headgate/destinations/bigquery"
	"headgate/destinations/bigquery/bigquerytest"
	"headgate/destinations/conformance"
	"headgate/destinations/conformance/link"
	"headgate/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type fake struct{ *bigquerytest.Fake }

func newFake(t *testing.T) *fake { return &fake{bigquerytest.New(t)} }

func (f *fake) open(t *testing.T, more string) *destinations.Destination {
	t.Helper()
	return f.openAt(t, f.Server.URL, more)
}

func (f *fake) openAt(t *testing.T, address, more string) *destinations.Destination {
	t.Helper()
	d, ms := conformance.Open(t, "bigquery", bigquery.With(f.Now, f.Later), f.SettingsAt(address, more))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

// mistakes are what is wrong with the settings.
func (f *fake) mistakes(t *testing.T) string {
	t.Helper()
	_, ms := conformance.Open(t, "bigquery", bigquery.NewDriver, f.SettingsAt(f.Server.URL, ""))
	return ms.Error()
}

func TestItConforms(t *testing.T) {
	for mode, c := range map[string]struct {
		refused time.Time
		store   conformance.Store
	}{
		"stream": {conformance.Noon.AddDate(-20, 0, 0), conformance.Store{ByID: true}},
		"load":   {time.Date(12001, 1, 1, 0, 0, 0, 0, time.UTC), conformance.Store{Erases: true}},
	} {
		t.Run(mode, func(t *testing.T) {
			conformance.Run(t, func(t *testing.T) conformance.Store {
				f := newFake(t)
				f.Working = true
				s := c.store
				s.Open = func(t *testing.T) *destinations.Destination { return f.open(t, ", mode: "+mode) }
				s.Behind = func(t *testing.T) (*destinations.Destination, *link.Link) {
					l := link.New(t)
					return f.openAt(t, "http://"+l.To(t, strings.TrimPrefix(f.Server.URL, "http://")), ", mode: "+mode), l
				}
				s.Rows = func(*testing.T) []event.Map { return f.Read("events") }
				s.Refused = &event.Event{ID: "bad", Name: "page_view", Time: c.refused, Received: conformance.Noon}
				return s
			})
		})
	}
}

func TestALoadWhoseAnswerIsLostIsThereOnce(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ", mode: load, decisions: true"), conformance.Batch(1, 20)
	for i := range batch {
		batch[i].Consent = &event.Record{Rule: "europe", Model: "opt_in"}
		batch[i].Outcomes = []event.Outcome{{Destination: "a"}, {Destination: "b", Action: event.Deny, Reason: event.PurposeDenied}}
	}
	lost := 0
	f.Lose = func(call, _ string) bool {
		if strings.Contains(call, "/upload/") && lost < 2 {
			lost++
			return true
		}
		return false
	}
	conformance.Expect(t, d, batch, destinations.Retry, "HTTP 502")
	conformance.Expect(t, d, batch, destinations.Retry, "HTTP 502") // now the job of the decisions
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	if e, r := len(f.Read("events")), len(f.Read("events_decisions")); e != 20 || r != 40 {
		t.Errorf("%d events, %d decisions", e, r)
	}
	f.Lose = nil
	if got, err := d.Erase(t.Context(), destinations.Person{Field: "user.client_id", Values: []string{"it's"}}); err != nil || got.Removed != 0 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestABatchWhoseJobHasFailedGetsAnother(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ", mode: load, schema: \"off\""), conformance.Batch(1, 3)
	conformance.Expect(t, d, batch, destinations.Halt, "Not found: Table shop-production:shop.events (notFound)")
	conformance.Expect(t, d, batch, destinations.Halt, "Not found")
	conformance.Expect(t, f.open(t, ""), nil, 0, "")
	f.open(t, "").Deliver(t.Context(), conformance.Batch(9, 1)) // makes the table
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	if n := len(f.Read("events")); n != 4 {
		t.Errorf("%d rows", n)
	}
}

func TestAStreamedEventIsKnownAgainForAMinute(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ""), conformance.Batch(1, 3)
	batch[0].Event.ID = strings.Repeat("ü", 100) // longer than the id of a row may be
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	f.Later(50 * time.Second)
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	if n := len(f.Read("events")); n != 3 {
		t.Errorf("%d rows", n)
	}
	f.Later(2 * time.Minute)
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	if n := len(f.Read("events")); n != 6 {
		t.Errorf("%d rows: the documented limit has changed", n)
	}
}

func TestATableThatIsNotKnownYetIsWaitedFor(t *testing.T) {
	f := newFake(t)
	f.Slow, f.Dataset = true, false
	d := f.open(t, "")
	v := d.Deliver(t.Context(), conformance.Batch(1, 2))[1]
	if v.Kind != destinations.Retry || v.After != 30*time.Second || !f.Dataset {
		t.Errorf("%+v", v)
	}
	f.Later(6 * time.Minute)
	conformance.Expect(t, d, conformance.Batch(1, 2), destinations.Delivered, "")
	d = f.open(t, ", columns: {margin: {number: =params.margin}}")
	batch := conformance.Batch(2, 2)
	for i := range batch {
		batch[i].Event.Params.Set("margin", event.Float(1.5))
	}
	conformance.Expect(t, d, batch, destinations.Retry, "no such field: margin")
	f.Later(6 * time.Minute)
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	delete(f.Tables, "events") // by a person, under a running driver
	f.Later(time.Hour)
	conformance.Expect(t, d, batch, destinations.Retry, "Not found: Table")
	f.Later(6 * time.Minute)
	conformance.Expect(t, d, batch, destinations.Delivered, "")
}

func TestTheTableIsMadeWidenedOrChecked(t *testing.T) {
	conformance.Schema(t, "shop.events", newFake(t).open)
	f := newFake(t)
	conformance.Expect(t, f.open(t, ""), conformance.Batch(1, 1), destinations.Delivered, "")
	own := ", columns: {margin: {number: =params.margin}, n: {integer: =params.n}, at: {time: =params.at}, deep: {json: =params.deep}}"
	d, batch := f.open(t, own), conformance.Batch(3, 1)
	batch[0].Event.Params = event.Map{{Key: "margin", Value: event.String("a lot")}, {Key: "n", Value: event.Float(1e15)}, {Key: "at", Value: event.Float(1795000000)},
		{Key: "deep", Value: event.ListOf(event.Float(1))}}
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	all := f.Read("events")
	last := all[len(all)-1]
	for column, want := range map[string]string{"margin": "null", "n": "1000000000000000", "at": `"2026-11-18T11:06:40.000Z"`, "deep": "[1]",
		"_rejected": `[{"column":"margin","value":"a lot","reason":"it is no number"}]`} {
		if got := string(last.Get(column).AppendJSON(nil)); got != want {
			t.Errorf("%s is %s, want %s", column, got, want)
		}
	}
}

func TestAColumnOrTableThatAPersonRemovesIsThereAgain(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	conformance.Expect(t, d, conformance.Batch(1, 1), destinations.Delivered, "")
	f.Later(time.Hour)
	f.Tables["events"].Drop("page_url")
	batch := conformance.Batch(2, 2)
	batch[1].Event.Page.URL = "https://shop.example/"
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	f.Later(time.Hour)
	f.Tables["earlier"] = f.Tables["events"]
	delete(f.Tables, "events")
	conformance.Expect(t, d, conformance.Batch(3, 2), destinations.Delivered, "")
}

func TestADatasetOfAnotherLocationHalts(t *testing.T) {
	for _, mode := range []string{"stream", "load"} {
		f := newFake(t)
		f.Location = "US" // the settings say EU
		conformance.Expect(t, f.open(t, ", mode: "+mode), conformance.Batch(1, 2), destinations.Halt, "location EU")
	}
}

func TestATokenThatIsNotAcceptedIsRenewedOnce(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	conformance.Expect(t, d, conformance.Batch(1, 1), destinations.Delivered, "")
	f.Later(40 * time.Minute)
	conformance.Expect(t, d, conformance.Batch(2, 1), destinations.Delivered, "")
	if f.Issued != 1 {
		t.Errorf("%d tokens within an hour", f.Issued)
	}
	f.Later(25 * time.Minute)
	conformance.Expect(t, d, conformance.Batch(3, 1), destinations.Delivered, "")
	clear(f.Tokens) // they are revoked
	conformance.Expect(t, d, conformance.Batch(4, 1), destinations.Delivered, "")
	if f.Issued != 3 {
		t.Errorf("%d tokens", f.Issued)
	}
	f.Before = func(call, _ string) (int, string) {
		if strings.HasSuffix(call, "/insertAll") {
			return 401, `{"error": {"code": 401, "message": "Invalid Credentials", "errors": [{"reason": "authError"}]}}`
		}
		return 0, ""
	}
	conformance.Expect(t, d, conformance.Batch(5, 1), destinations.Halt, "Invalid Credentials")
}

func TestWhatIsTooLongIsSplitOrRefused(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ""), conformance.Batch(1, 12)
	for i := range batch {
		batch[i].Event.Params.Set("note", event.String(strings.Repeat("x", 3_000_000)))
	}
	batch[4].Event.Params.Set("note", event.String(strings.Repeat("x", 11_000_000)))
	for i, v := range d.Deliver(t.Context(), batch) {
		if want := map[bool]destinations.Kind{true: destinations.Reject, false: destinations.Delivered}[i == 4]; v.Kind != want {
			t.Errorf("event %d: %s %q", i, v.Kind, v.Why)
		}
	}
	if n := len(f.Read("events")); n != 11 {
		t.Errorf("%d rows", n)
	}
}

func TestStreamedRowsAreErasedAfterHalfAnHour(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ", decisions: true"), conformance.Batch(1, 4)
	batch[1].Event.User.ClientID = "c1"
	for i := range batch {
		batch[i].Consent, batch[i].Outcomes = &event.Record{Rule: "europe"}, []event.Outcome{{Destination: "a"}}
	}
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	person := destinations.Person{Field: "user.client_id", Values: []string{"c1"}}
	got, err := d.Erase(t.Context(), person)
	if err != nil || len(got.Remains) != 1 || !strings.Contains(got.Advice, "35 minutes") {
		t.Errorf("%+v %v", got, err)
	}
	f.Later(35 * time.Minute)
	if got, err = d.Erase(t.Context(), person); err != nil || got.Removed != 1 || len(f.Read("events_decisions")) != 3 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestTheStatementsMakeDatasetAndTables(t *testing.T) {
	d := newFake(t).open(t, ", decisions: true")
	all := strings.Join(d.DDL(), ";\n")
	for _, want := range []string{"CREATE SCHEMA IF NOT EXISTS `shop-production.shop` OPTIONS (location = 'EU')", "    `id` STRING NOT NULL,\n    `name` STRING,\n    `time` TIMESTAMP,",
		"`session_number` INT64", "`session_engaged` BOOL", "`params` JSON", "`items` JSON", ")\nPARTITION BY DATE(time)\nCLUSTER BY name, id", "CREATE TABLE IF NOT EXISTS `shop-production.shop.events_decisions`"} {
		if !strings.Contains(all, want) {
			t.Errorf("%s\nlacks %s", all, want)
		}
	}
	views := strings.Join(d.Models(), ";\n")
	for _, want := range []string{"CREATE OR REPLACE VIEW `shop-production.shop.events_once` AS", "ARRAY_AGG(page_url IGNORE NULLS ORDER BY time LIMIT 1)[SAFE_OFFSET(0)]",
		"TIMESTAMP_DIFF(max(time), min(time), MILLISECOND) / 1000", "SAFE_CAST(JSON_VALUE(params, '$.value') AS FLOAT64)", "TIMESTAMP_SUB(p.time, INTERVAL 30 DAY)"} {
		if !strings.Contains(views, want) {
			t.Errorf("%s\nlacks %s", views, want)
		}
	}
}
