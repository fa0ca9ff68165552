package snowflake_test

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/conformance/link"
	"headgate/destinations/snowflake"
	"headgate/destinations/snowflake/snowflaketest"
	"headgate/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type fake struct{ *snowflaketest.Fake }

func newFake(t *testing.T) *fake { return &fake{snowflaketest.New(t)} }

func (f *fake) open(t *testing.T, more string) *destinations.Destination {
	t.Helper()
	d, ms := conformance.Open(t, "snowflake", snowflake.With(f.Now, f.Later), f.Settings(more))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

func TestItConforms(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Store {
		f := newFake(t)
		f.Late = true
		return conformance.Store{
			Open:   func(t *testing.T) *destinations.Destination { return f.open(t, ", warehouse: W") },
			Rows:   func(*testing.T) []event.Map { return f.Read("EVENTS") },
			Erases: true,
			Behind: func(t *testing.T) (*destinations.Destination, *link.Link) {
				l := link.New(t)
				f.Host = l.To(t, f.Host)
				return f.open(t, ""), l
			},
		}
	})
}

// holds fails unless the table has exactly so many rows, each id once.
func (f *fake) holds(t *testing.T, table, key string, want int) {
	t.Helper()
	seen := map[string]int{}
	for _, row := range f.Read(table) {
		seen[row.Text(key)]++
	}
	for id, n := range seen {
		if n > 1 && key == "id" {
			t.Errorf("%s is there %d times", id, n)
		}
	}
	if n := len(f.Read(table)); n != want {
		t.Errorf("%s has %d rows, want %d", table, n, want)
	}
}

func TestRowsWhoseAnswerIsLostAreThereOnce(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ", decisions: true"), conformance.Batch(1, 20)
	for i := range batch {
		batch[i].Consent = &event.Record{Rule: "europe", Model: "opt_in"}
		batch[i].Outcomes = []event.Outcome{{Destination: "a"}, {Destination: "b", Action: event.Deny, Reason: event.PurposeDenied}}
	}
	lost := 0
	f.Lose = func(call, _ string) bool {
		if strings.HasSuffix(call, "/rows") && lost < 2 {
			lost++
			return true
		}
		return false
	}
	conformance.Expect(t, d, batch, destinations.Retry, "HTTP 502")
	conformance.Expect(t, d, batch, destinations.Retry, "UNCOMMITTED_DATA") // the channel is opened again, too early
	conformance.Expect(t, d, batch, destinations.Retry, "HTTP 502")         // now the decisions
	conformance.Expect(t, d, batch, destinations.Retry, "UNCOMMITTED_DATA")
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	f.holds(t, "EVENTS", "id", 20)
	f.holds(t, "EVENTS_DECISIONS", "event_id", 40)
}

func TestABatchThatComesAgainAfterOthersIsKnown(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	for group := range 9 {
		conformance.Expect(t, d, conformance.Batch(group+1, 5), destinations.Delivered, "")
	}
	d = f.open(t, "") // after a crash
	for group := 2; group < 9; group++ {
		conformance.Expect(t, d, conformance.Batch(group+1, 5), destinations.Delivered, "")
	}
	f.holds(t, "EVENTS", "id", 45)
	conformance.Expect(t, d, conformance.Batch(1, 5), destinations.Delivered, "")
	if n := len(f.Read("EVENTS")); n != 50 {
		t.Errorf("%d rows: a batch is remembered for longer than seven others, or not as long", n)
	}
}

func TestEventsThatWerePutBackAreNotTakenForDelivered(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	conformance.Expect(t, d, conformance.Batch(6, 5), destinations.Delivered, "")
	conformance.Expect(t, f.open(t, ""), conformance.Batch(5, 5), destinations.Delivered, "") // an earlier group of the log, after a restart
	f.holds(t, "EVENTS", "id", 10)
}

func TestASlowCommitIsWaitedForAgain(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ""), conformance.Batch(1, 3)
	conformance.Expect(t, d, conformance.Batch(9, 1), destinations.Delivered, "")
	f.Before = func(call, _ string) (int, string) {
		if strings.HasSuffix(call, "/rows") {
			f.Before = func(call, _ string) (int, string) {
				for _, table := range f.Tables {
					table.CommitLate(5)
				}
				return 0, ""
			}
		}
		return 0, ""
	}
	conformance.Expect(t, d, batch, destinations.Retry, "not committed yet")
	f.Before = nil
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	f.holds(t, "EVENTS", "id", 4)
	if n := f.Calls["POST /v2/streaming/data/databases/SHOP/schemas/PUBLIC/pipes/EVENTS-STREAMING/channels/HG_warehouse_w/rows"]; n != 2 {
		t.Errorf("rows were sent %d times", n)
	}
}

func TestABatchIsNotTakenForTheOneBeforeItWhoseCommitIsSlow(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	conformance.Expect(t, d, conformance.Batch(1, 1), destinations.Delivered, "")
	f.Before = func(call, _ string) (int, string) {
		f.Tables["EVENTS"].CommitLate(5)
		return 0, ""
	}
	conformance.Expect(t, d, conformance.Batch(2, 3), destinations.Retry, "not committed yet")
	f.Before = nil
	conformance.Expect(t, d, conformance.Batch(3, 3), destinations.Retry, "UNCOMMITTED_DATA") // the channel is opened again, too early
	conformance.Expect(t, d, conformance.Batch(3, 3), destinations.Delivered, "")
	conformance.Expect(t, d, conformance.Batch(2, 3), destinations.Delivered, "")
	f.holds(t, "EVENTS", "id", 7)
}

func TestAnotherProcessTakesTheChannelOver(t *testing.T) {
	f := newFake(t)
	one, other := f.open(t, ""), f.open(t, "")
	conformance.Expect(t, one, conformance.Batch(1, 5), destinations.Delivered, "")
	conformance.Expect(t, other, conformance.Batch(2, 5), destinations.Delivered, "")
	conformance.Expect(t, one, conformance.Batch(3, 5), destinations.Delivered, "") // it opens the channel again
	conformance.Expect(t, one, conformance.Batch(2, 5), destinations.Delivered, "")
	f.holds(t, "EVENTS", "id", 15)
}

func TestTokensAreRenewed(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	conformance.Expect(t, d, conformance.Batch(1, 1), destinations.Delivered, "")
	f.Later(3 * time.Hour)
	conformance.Expect(t, d, conformance.Batch(2, 1), destinations.Delivered, "")
	clear(f.Scoped) // they have ended earlier than expected
	conformance.Expect(t, d, conformance.Batch(3, 1), destinations.Delivered, "")
	if f.Issued != 3 {
		t.Errorf("%d tokens", f.Issued)
	}
	f.holds(t, "EVENTS", "id", 3)
}

func TestTheTableIsMadeWidenedOrChecked(t *testing.T) {
	conformance.Schema(t, "PUBLIC.EVENTS", newFake(t).open)
	f := newFake(t)
	manage := f.open(t, "")
	conformance.Expect(t, manage, conformance.Batch(1, 1), destinations.Delivered, "")
	own := ", columns: {margin: {number: =params.margin}, n: {integer: =params.n}, at: {time: =params.at}}"
	d, batch := f.open(t, own), conformance.Batch(3, 1)
	batch[0].Event.Params = event.Map{{Key: "margin", Value: event.String("a lot")}, {Key: "n", Value: event.Float(1e15)}, {Key: "at", Value: event.Float(1795000000)}}
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	all := f.Read("EVENTS")
	last := all[len(all)-1]
	for column, want := range map[string]string{"margin": "null", "n": "1000000000000000", "at": `"2026-11-18T11:06:40.000Z"`,
		"_rejected": `[{"column":"margin","reason":"it is no number","value":"a lot"}]`} {
		if got := string(last.Get(column).AppendJSON(nil)); got != want {
			t.Errorf("%s is %s, want %s", column, got, want)
		}
	}
	conformance.Expect(t, manage, conformance.Batch(4, 1), destinations.Delivered, "") // whose channel knows the old columns
	delete(f.Tables, "EVENTS")                                                         // by a person, under a running driver
	conformance.Expect(t, manage, conformance.Batch(5, 1), destinations.Delivered, "")
	f.holds(t, "EVENTS", "id", 1)
}

func TestRowsThatSnowflakeDropsBecomeDeadLetters(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	conformance.Expect(t, d, conformance.Batch(1, 1), destinations.Delivered, "")
	f.Tables["EVENTS"].Retype("PAGE_TITLE", "BIGINT") // a person's own table
	batch := conformance.Batch(2, 3)
	batch[1].Event.Page.Title = "no number"
	conformance.Expect(t, d, batch, destinations.Reject, "dropped 1 rows of the batch that this event was in, and does not say which; the others are in the table: the value of PAGE_TITLE")
	f.holds(t, "EVENTS", "id", 3)

	conformance.Expect(t, d, conformance.Batch(5, 1), destinations.Delivered, "")
	f.Tables["EVENTS"].Drop("PAGE_URL") // under a driver that has looked
	batch = conformance.Batch(3, 2)
	batch[0].Event.Page.URL = "https://shop.example/"
	conformance.Expect(t, d, batch, destinations.Reject, "dropped 1 rows")
	batch = conformance.Batch(4, 2)
	batch[0].Event.Page.URL = "https://shop.example/"
	conformance.Expect(t, d, batch, destinations.Delivered, "") // the table was looked at again
}

func TestWhatIsTooLongIsSplitOrRefused(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ""), conformance.Batch(1, 4)
	for i := range batch {
		batch[i].Event.Params.Set("note", event.String(noise(1_800_000)))
	}
	batch[2].Event.Params.Set("note", event.String(noise(6_000_000)))
	for i, v := range d.Deliver(t.Context(), batch) {
		if want := map[bool]destinations.Kind{true: destinations.Reject, false: destinations.Delivered}[i == 2]; v.Kind != want {
			t.Errorf("event %d: %s %q", i, v.Kind, v.Why)
		}
	}
	f.holds(t, "EVENTS", "id", 3)
}

// noise is a text that cannot be compressed much.
func noise(n int) string {
	b, x := make([]byte, n), uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = '!' + byte(x>>24)%90
		if b[i] == '"' || b[i] == '\\' {
			b[i] = 'a'
		}
	}
	return string(b)
}

func TestErasureNeedsAWarehouse(t *testing.T) {
	f := newFake(t)
	batch := conformance.Batch(1, 4)
	batch[1].Event.User.ClientID = "c1"
	for i := range batch {
		batch[i].Consent, batch[i].Outcomes = &event.Record{Rule: "europe"}, []event.Outcome{{Destination: "a"}}
	}
	d := f.open(t, ", decisions: true")
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	f.Read("EVENTS_DECISIONS")
	person := destinations.Person{Field: "user.client_id", Values: []string{"c1", "c2"}}
	if _, err := d.Erase(t.Context(), person); err == nil || !strings.Contains(err.Error(), "No active warehouse") {
		t.Error(err)
	}
	if got, err := f.open(t, ", decisions: true, warehouse: W").Erase(t.Context(), person); err != nil || got.Removed != 1 {
		t.Errorf("%+v %v", got, err)
	}
	f.holds(t, "EVENTS", "id", 3)
	f.holds(t, "EVENTS_DECISIONS", "event_id", 3)
}

func TestTheStatementsMakeTablesAndViews(t *testing.T) {
	d := newFake(t).open(t, ", decisions: true, table: analytics.events")
	all := strings.Join(d.DDL(), ";\n")
	for _, want := range []string{`CREATE TABLE IF NOT EXISTS "SHOP"."ANALYTICS"."EVENTS" (` + "\n    \"ID\" VARCHAR,\n    \"NAME\" VARCHAR,\n    \"TIME\" TIMESTAMP_NTZ(3),", `"SESSION_NUMBER" BIGINT`,
		`"SESSION_ENGAGED" BOOLEAN`, `"PARAMS" VARIANT`, `"ITEMS" VARIANT`, `"SHOP"."ANALYTICS"."EVENTS_DECISIONS"`} {
		if !strings.Contains(all, want) {
			t.Errorf("%s\nlacks %s", all, want)
		}
	}
	views := strings.Join(d.Models(), ";\n")
	for _, want := range []string{`CREATE OR REPLACE VIEW "SHOP"."ANALYTICS"."EVENTS_ONCE" AS`, "GET(ARRAY_AGG(page_url) WITHIN GROUP (ORDER BY time), 0)::VARCHAR",
		"DATEDIFF('millisecond', min(time), max(time)) / 1000", "params:value::DOUBLE", "DATEADD('day', -30, p.time)"} {
		if !strings.Contains(views, want) {
			t.Errorf("%s\nlacks %s", views, want)
		}
	}
}
