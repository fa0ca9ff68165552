package bigquery_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"headgate/destinations"
	"headgate/destinations/bigquery"
	"headgate/destinations/conformance"
	"headgate/destinations/conformance/link"
	"headgate/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// settings are those of a destination at a fake, and more.
func (f *fake) settings(more string) string { return f.settingsAt(f.server.URL, more) }

func (f *fake) settingsAt(address, more string) string {
	return fmt.Sprintf("{project: shop-production, dataset: shop, location: EU, endpoint: %q, token_url: %q, service_account: %q%s}",
		address, address+"/token", f.account(), more)
}

func (f *fake) open(t *testing.T, more string) *destinations.Destination {
	t.Helper()
	return f.openAt(t, f.server.URL, more)
}

func (f *fake) openAt(t *testing.T, address, more string) *destinations.Destination {
	t.Helper()
	d, ms := conformance.Open(t, "bigquery", bigquery.With(f.clock, f.later), f.settingsAt(address, more))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

// mistakes are what is wrong with the settings.
func (f *fake) mistakes(t *testing.T) string {
	t.Helper()
	_, ms := conformance.Open(t, "bigquery", bigquery.NewDriver, f.settings(""))
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
				f.working = true
				s := c.store
				s.Open = func(t *testing.T) *destinations.Destination { return f.open(t, ", mode: "+mode) }
				s.Behind = func(t *testing.T) (*destinations.Destination, *link.Link) {
					l := link.New(t)
					return f.openAt(t, "http://"+l.To(t, strings.TrimPrefix(f.server.URL, "http://")), ", mode: "+mode), l
				}
				s.Rows = func(*testing.T) []event.Map { return f.read("events") }
				s.Refused = &event.Event{ID: "bad", Name: "page_view", Time: c.refused, Received: conformance.Noon}
				return s
			})
		})
	}
}

// deliver delivers and compares the verdict of every event.
func deliver(t *testing.T, d *destinations.Destination, batch []destinations.Sending, kind destinations.Kind, why string) {
	t.Helper()
	for i, v := range d.Deliver(t.Context(), batch) {
		if v.Kind != kind || !strings.Contains(v.Why, why) {
			t.Fatalf("%s: %s %q, want %s %q", batch[i].Event.ID, v.Kind, v.Why, kind, why)
		}
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
	f.answer = func(call string) (int, string) {
		if strings.Contains(call, "/upload/") && lost < 2 {
			lost++
			return 502, "bad gateway"
		}
		return 0, ""
	}
	deliver(t, d, batch, destinations.Retry, "HTTP 502")
	deliver(t, d, batch, destinations.Retry, "HTTP 502") // now the job of the decisions
	deliver(t, d, batch, destinations.Delivered, "")
	if e, r := len(f.read("events")), len(f.read("events_decisions")); e != 20 || r != 40 {
		t.Errorf("%d events, %d decisions", e, r)
	}
	f.answer = nil
	if got, err := d.Erase(t.Context(), destinations.Person{Field: "user.client_id", Values: []string{"it's"}}); err != nil || got.Removed != 0 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestABatchWhoseJobHasFailedGetsAnother(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ", mode: load, schema: \"off\""), conformance.Batch(1, 3)
	deliver(t, d, batch, destinations.Halt, "Not found: Table shop-production:shop.events (notFound)")
	deliver(t, d, batch, destinations.Halt, "Not found")
	deliver(t, f.open(t, ""), nil, 0, "")
	f.open(t, "").Deliver(t.Context(), conformance.Batch(9, 1)) // makes the table
	deliver(t, d, batch, destinations.Delivered, "")
	deliver(t, d, batch, destinations.Delivered, "")
	if n := len(f.read("events")); n != 4 {
		t.Errorf("%d rows", n)
	}
}

func TestAStreamedEventIsKnownAgainForAMinute(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ""), conformance.Batch(1, 3)
	batch[0].Event.ID = strings.Repeat("ü", 100) // longer than the id of a row may be
	deliver(t, d, batch, destinations.Delivered, "")
	f.later(50 * time.Second)
	deliver(t, d, batch, destinations.Delivered, "")
	if n := len(f.read("events")); n != 3 {
		t.Errorf("%d rows", n)
	}
	f.later(2 * time.Minute)
	deliver(t, d, batch, destinations.Delivered, "")
	if n := len(f.read("events")); n != 6 {
		t.Errorf("%d rows: the documented limit has changed", n)
	}
}

func TestATableThatIsNotKnownYetIsWaitedFor(t *testing.T) {
	f := newFake(t)
	f.slow, f.dataset = true, false
	d := f.open(t, "")
	v := d.Deliver(t.Context(), conformance.Batch(1, 2))[1]
	if v.Kind != destinations.Retry || v.After != 30*time.Second || !f.dataset {
		t.Errorf("%+v", v)
	}
	f.later(6 * time.Minute)
	deliver(t, d, conformance.Batch(1, 2), destinations.Delivered, "")
	d = f.open(t, ", columns: {margin: {number: =params.margin}}")
	batch := conformance.Batch(2, 2)
	for i := range batch {
		batch[i].Event.Params.Set("margin", event.Float(1.5))
	}
	deliver(t, d, batch, destinations.Retry, "no such field: margin")
	f.later(6 * time.Minute)
	deliver(t, d, batch, destinations.Delivered, "")
	delete(f.tables, "events") // by a person, under a running driver
	f.later(time.Hour)
	deliver(t, d, batch, destinations.Retry, "Not found: Table")
	f.later(6 * time.Minute)
	deliver(t, d, batch, destinations.Delivered, "")
}

func TestTheTableIsMadeWidenedOrChecked(t *testing.T) {
	f := newFake(t)
	check := f.open(t, ", schema: check")
	deliver(t, check, conformance.Batch(1, 1), destinations.Halt, "there is no table shop.events")
	deliver(t, f.open(t, ""), conformance.Batch(1, 1), destinations.Delivered, "")
	deliver(t, check, conformance.Batch(2, 1), destinations.Delivered, "")
	own := ", columns: {margin: {number: =params.margin}, n: {integer: =params.n}, at: {time: =params.at}, deep: {json: =params.deep}}"
	deliver(t, f.open(t, own+", schema: check"), conformance.Batch(3, 1), destinations.Halt, "lacks 5 columns, the first is margin")
	d, batch := f.open(t, own), conformance.Batch(3, 1)
	batch[0].Event.Params = event.Map{{Key: "margin", Value: event.String("a lot")}, {Key: "n", Value: event.Float(1e15)}, {Key: "at", Value: event.Float(1795000000)},
		{Key: "deep", Value: event.ListOf(event.Float(1))}}
	deliver(t, d, batch, destinations.Delivered, "")
	all := f.read("events")
	last := all[len(all)-1]
	for column, want := range map[string]string{"margin": "null", "n": "1000000000000000", "at": `"2026-11-18T11:06:40.000Z"`, "deep": "[1]",
		"_rejected": `[{"column":"margin","value":"a lot","reason":"it is no number"}]`} {
		if got := string(last.Get(column).AppendJSON(nil)); got != want {
			t.Errorf("%s is %s, want %s", column, got, want)
		}
	}
}

func TestATokenThatIsNotAcceptedIsRenewedOnce(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	deliver(t, d, conformance.Batch(1, 1), destinations.Delivered, "")
	f.later(40 * time.Minute)
	deliver(t, d, conformance.Batch(2, 1), destinations.Delivered, "")
	if f.issued != 1 {
		t.Errorf("%d tokens within an hour", f.issued)
	}
	f.later(25 * time.Minute)
	deliver(t, d, conformance.Batch(3, 1), destinations.Delivered, "")
	clear(f.tokens) // they are revoked
	deliver(t, d, conformance.Batch(4, 1), destinations.Delivered, "")
	if f.issued != 3 {
		t.Errorf("%d tokens", f.issued)
	}
	f.before = func(call string) (int, string) {
		if strings.HasSuffix(call, "/insertAll") {
			return 401, `{"error": {"code": 401, "message": "Invalid Credentials", "errors": [{"reason": "authError"}]}}`
		}
		return 0, ""
	}
	deliver(t, d, conformance.Batch(5, 1), destinations.Halt, "Invalid Credentials")
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
	if n := len(f.read("events")); n != 11 {
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
	deliver(t, d, batch, destinations.Delivered, "")
	person := destinations.Person{Field: "user.client_id", Values: []string{"c1"}}
	got, err := d.Erase(t.Context(), person)
	if err != nil || len(got.Remains) != 1 || !strings.Contains(got.Advice, "35 minutes") {
		t.Errorf("%+v %v", got, err)
	}
	f.later(35 * time.Minute)
	if got, err = d.Erase(t.Context(), person); err != nil || got.Removed != 1 || len(f.read("events_decisions")) != 3 {
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
