package snowflake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/conformance/link"
	"headgate/destinations/snowflake"
	"headgate/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// settings are those of a destination at a fake, and more.
func (f *fake) settings(more string) string {
	return fmt.Sprintf("{account: acme-shop, user: headgate, role: LOADER, database: shop, url: %q, private_key: %q%s}", f.account.URL, f.text, more)
}

func (f *fake) open(t *testing.T, more string) *destinations.Destination {
	t.Helper()
	d, ms := conformance.Open(t, "snowflake", snowflake.With(f.clock, f.later), f.settings(more))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

func TestItConforms(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Store {
		f := newFake(t)
		f.late = true
		return conformance.Store{
			Open:   func(t *testing.T) *destinations.Destination { return f.open(t, ", warehouse: W") },
			Rows:   func(*testing.T) []event.Map { return f.read("EVENTS") },
			Erases: true,
			Behind: func(t *testing.T) (*destinations.Destination, *link.Link) {
				l := link.New(t)
				f.host = l.To(t, f.host)
				return f.open(t, ""), l
			},
		}
	})
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

// holds fails unless the table has exactly so many rows, each id once.
func (f *fake) holds(t *testing.T, table, key string, want int) {
	t.Helper()
	seen := map[string]int{}
	for _, row := range f.read(table) {
		seen[row.Text(key)]++
	}
	for id, n := range seen {
		if n > 1 && key == "id" {
			t.Errorf("%s is there %d times", id, n)
		}
	}
	if n := len(f.read(table)); n != want {
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
	f.lose = func(call string) bool {
		if strings.HasSuffix(call, "/rows") && lost < 2 {
			lost++
			return true
		}
		return false
	}
	deliver(t, d, batch, destinations.Retry, "HTTP 502")
	deliver(t, d, batch, destinations.Retry, "UNCOMMITTED_DATA") // the channel is opened again, too early
	deliver(t, d, batch, destinations.Retry, "HTTP 502")         // now the decisions
	deliver(t, d, batch, destinations.Retry, "UNCOMMITTED_DATA")
	deliver(t, d, batch, destinations.Delivered, "")
	f.holds(t, "EVENTS", "id", 20)
	f.holds(t, "EVENTS_DECISIONS", "event_id", 40)
}

func TestABatchThatComesAgainAfterOthersIsKnown(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	for group := range 9 {
		deliver(t, d, conformance.Batch(group+1, 5), destinations.Delivered, "")
	}
	d = f.open(t, "") // after a crash
	for group := 2; group < 9; group++ {
		deliver(t, d, conformance.Batch(group+1, 5), destinations.Delivered, "")
	}
	f.holds(t, "EVENTS", "id", 45)
	deliver(t, d, conformance.Batch(1, 5), destinations.Delivered, "")
	if n := len(f.read("EVENTS")); n != 50 {
		t.Errorf("%d rows: a batch is remembered for longer than seven others, or not as long", n)
	}
}

func TestEventsThatWerePutBackAreNotTakenForDelivered(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	deliver(t, d, conformance.Batch(6, 5), destinations.Delivered, "")
	deliver(t, f.open(t, ""), conformance.Batch(5, 5), destinations.Delivered, "") // an earlier group of the log, after a restart
	f.holds(t, "EVENTS", "id", 10)
}

func TestASlowCommitIsWaitedForAgain(t *testing.T) {
	f := newFake(t)
	d, batch := f.open(t, ""), conformance.Batch(1, 3)
	deliver(t, d, conformance.Batch(9, 1), destinations.Delivered, "")
	f.before = func(call string) (int, string) {
		if strings.HasSuffix(call, "/rows") {
			f.before = func(call string) (int, string) {
				for _, table := range f.tables {
					for _, c := range table.channels {
						c.looks = 5
					}
				}
				return 0, ""
			}
		}
		return 0, ""
	}
	deliver(t, d, batch, destinations.Retry, "not committed yet")
	f.before = nil
	deliver(t, d, batch, destinations.Delivered, "")
	f.holds(t, "EVENTS", "id", 4)
	if n := f.calls["POST /v2/streaming/data/databases/SHOP/schemas/PUBLIC/pipes/EVENTS-STREAMING/channels/HG_warehouse_w/rows"]; n != 2 {
		t.Errorf("rows were sent %d times", n)
	}
}

func TestABatchIsNotTakenForTheOneBeforeItWhoseCommitIsSlow(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	deliver(t, d, conformance.Batch(1, 1), destinations.Delivered, "")
	f.before = func(call string) (int, string) {
		for _, c := range f.tables["EVENTS"].channels {
			c.looks = 5
		}
		return 0, ""
	}
	deliver(t, d, conformance.Batch(2, 3), destinations.Retry, "not committed yet")
	f.before = nil
	deliver(t, d, conformance.Batch(3, 3), destinations.Retry, "UNCOMMITTED_DATA") // the channel is opened again, too early
	deliver(t, d, conformance.Batch(3, 3), destinations.Delivered, "")
	deliver(t, d, conformance.Batch(2, 3), destinations.Delivered, "")
	f.holds(t, "EVENTS", "id", 7)
}

func TestAnotherProcessTakesTheChannelOver(t *testing.T) {
	f := newFake(t)
	one, other := f.open(t, ""), f.open(t, "")
	deliver(t, one, conformance.Batch(1, 5), destinations.Delivered, "")
	deliver(t, other, conformance.Batch(2, 5), destinations.Delivered, "")
	deliver(t, one, conformance.Batch(3, 5), destinations.Delivered, "") // it opens the channel again
	deliver(t, one, conformance.Batch(2, 5), destinations.Delivered, "")
	f.holds(t, "EVENTS", "id", 15)
}

func TestTokensAreRenewed(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	deliver(t, d, conformance.Batch(1, 1), destinations.Delivered, "")
	f.later(3 * time.Hour)
	deliver(t, d, conformance.Batch(2, 1), destinations.Delivered, "")
	clear(f.scoped) // they have ended earlier than expected
	deliver(t, d, conformance.Batch(3, 1), destinations.Delivered, "")
	if f.issued != 3 {
		t.Errorf("%d tokens", f.issued)
	}
	f.holds(t, "EVENTS", "id", 3)
}

func TestTheTableIsMadeWidenedOrChecked(t *testing.T) {
	f := newFake(t)
	check := f.open(t, ", schema: check")
	deliver(t, check, conformance.Batch(1, 1), destinations.Halt, "there is no table PUBLIC.EVENTS")
	manage := f.open(t, "")
	deliver(t, manage, conformance.Batch(1, 1), destinations.Delivered, "")
	deliver(t, check, conformance.Batch(2, 1), destinations.Delivered, "")
	own := ", columns: {margin: {number: =params.margin}, n: {integer: =params.n}, at: {time: =params.at}}"
	deliver(t, f.open(t, own+", schema: check"), conformance.Batch(3, 1), destinations.Halt, "lacks 4 columns, the first is MARGIN")
	d, batch := f.open(t, own), conformance.Batch(3, 1)
	batch[0].Event.Params = event.Map{{Key: "margin", Value: event.String("a lot")}, {Key: "n", Value: event.Float(1e15)}, {Key: "at", Value: event.Float(1795000000)}}
	deliver(t, d, batch, destinations.Delivered, "")
	all := f.read("EVENTS")
	last := all[len(all)-1]
	for column, want := range map[string]string{"margin": "null", "n": "1000000000000000", "at": `"2026-11-18T11:06:40.000Z"`,
		"_rejected": `[{"column":"margin","reason":"it is no number","value":"a lot"}]`} {
		if got := string(last.Get(column).AppendJSON(nil)); got != want {
			t.Errorf("%s is %s, want %s", column, got, want)
		}
	}
	deliver(t, manage, conformance.Batch(4, 1), destinations.Delivered, "") // whose channel knows the old columns
	delete(f.tables, "EVENTS")                                              // by a person, under a running driver
	deliver(t, manage, conformance.Batch(5, 1), destinations.Delivered, "")
	f.holds(t, "EVENTS", "id", 1)
}

func TestRowsThatSnowflakeDropsBecomeDeadLetters(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	deliver(t, d, conformance.Batch(1, 1), destinations.Delivered, "")
	for i := range f.tables["EVENTS"].columns {
		if c := &f.tables["EVENTS"].columns[i]; c.name == "PAGE_TITLE" {
			c.kind = "BIGINT" // a person's own table
		}
	}
	batch := conformance.Batch(2, 3)
	batch[1].Event.Page.Title = "no number"
	deliver(t, d, batch, destinations.Reject, "dropped 1 rows of the batch that this event was in, and does not say which; the others are in the table: the value of PAGE_TITLE")
	f.holds(t, "EVENTS", "id", 3)
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
	deliver(t, d, batch, destinations.Delivered, "")
	f.read("EVENTS_DECISIONS")
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
