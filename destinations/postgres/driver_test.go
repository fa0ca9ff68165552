package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/event"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 123_000_000, time.UTC)

func sendings(events ...*event.Event) []destinations.Sending {
	out := make([]destinations.Sending, len(events))
	for i, e := range events {
		out[i].Event = e
	}
	return out
}

func some(from, to int) (events []*event.Event) {
	for i := from; i < to; i++ {
		events = append(events, &event.Event{ID: fmt.Sprintf("e%04d", i), Name: "page_view", Received: noon})
	}
	return events
}

// deliver fails unless every event has the same verdict, and returns why.
func deliver(t testing.TB, d *destinations.Destination, want destinations.Kind, events ...*event.Event) string {
	t.Helper()
	verdicts := d.Deliver(t.Context(), sendings(events...))
	if len(verdicts) != len(events) {
		t.Fatalf("%d verdicts on %d events", len(verdicts), len(events))
	}
	for i, v := range verdicts {
		if v.Kind != want {
			t.Fatalf("event %d: %s: %s, want %s", i, v.Kind, v.Why, want)
		}
	}
	return verdicts[0].Why
}

func count(t testing.TB, conn *pgx.Conn, sql string) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func run(t testing.TB, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestTheTableIsMadeByTheFirstEvents(t *testing.T) {
	conn, schema := schema(t)
	d := destination(t, address, schema+".events")
	e := &event.Event{ID: "p1", Name: "purchase", Time: noon, Received: noon, Page: event.Page{URL: "https://shop.example/ä?\xff"}}
	e.Session.Engaged, e.Session.Number = true, 3
	e.Params.Set("value", event.Float(20.5))
	e.Params.Set("note", event.String("a \"b\" 漢字"))
	e.Items = []event.Item{{ID: "sku1", Price: event.Num(9.99), Quantity: event.Num(0)}, {ID: "sku2"}}
	deliver(t, d, destinations.Delivered, e, &event.Event{ID: "p2"})

	var got struct {
		when, start   *time.Time
		url, title    *string
		engaged, bot  bool
		number        *int64
		value, price  float64
		note, cookies *string
		items         int
	}
	err := conn.QueryRow(t.Context(), `SELECT time, session_start, page_url, page_title, session_engaged, device_bot, session_number,
		(params->>'value')::float8, (items->0->>'price')::float8, params->>'note', cookies::text, jsonb_array_length(items)
		FROM events WHERE id = 'p1'`).Scan(&got.when, &got.start, &got.url, &got.title, &got.engaged, &got.bot, &got.number,
		&got.value, &got.price, &got.note, &got.cookies, &got.items)
	switch {
	case err != nil:
		t.Fatal(err)
	case !got.when.Equal(noon), got.start != nil:
		t.Errorf("times %v %v", got.when, got.start)
	case *got.url != "https://shop.example/ä?\uFFFD", got.title != nil:
		t.Errorf("texts %v %v", *got.url, got.title)
	case !got.engaged, got.bot, *got.number != 3:
		t.Errorf("session %v %v %v", got.engaged, got.bot, *got.number)
	case got.value != 20.5, got.price != 9.99, got.items != 2, *got.note != `a "b" 漢字`, got.cookies != nil:
		t.Errorf("jsonb %v %v %v %v %v", got.value, got.price, got.items, *got.note, got.cookies)
	}
	bare := `SELECT count(*) FROM events WHERE id = 'p2' AND num_nulls(name, time, page_url, session_number, params, items) = 6 AND NOT session_engaged`
	if count(t, conn, bare) != 1 {
		t.Error("what was not said is not null")
	}
	if n := count(t, conn, "SELECT count(*) FROM information_schema.columns WHERE table_schema = '"+schema+"'"); n != len(event.Fields) {
		t.Errorf("%d columns for %d fields", n, len(event.Fields))
	}
}

func TestAnEventThatIsSentAgainIsThereOnce(t *testing.T) {
	conn, schema := schema(t)
	d := destination(t, address, schema+".events")
	deliver(t, d, destinations.Delivered, some(0, 10)...)
	deliver(t, d, destinations.Delivered, some(5, 15)...)
	deliver(t, d, destinations.Delivered, append(some(20, 22), some(20, 22)...)...)
	if n := count(t, conn, "SELECT count(*) FROM events"); n != 17 {
		t.Errorf("%d rows, want 17", n)
	}
}

func TestAnOlderTableIsWidenedAndKeepsItsRows(t *testing.T) {
	conn, schema := schema(t)
	run(t, conn, "CREATE TABLE events (id varchar(64) PRIMARY KEY, name text, our_own int DEFAULT 7)")
	run(t, conn, "INSERT INTO events VALUES ('old', 'page_view')")
	deliver(t, destination(t, address, schema+".events"), destinations.Delivered, some(0, 3)...)
	if n := count(t, conn, "SELECT count(*) FROM events WHERE our_own = 7 AND (received IS NULL) = (id = 'old')"); n != 4 {
		t.Errorf("%d rows as they should be, want 4", n)
	}
}

func TestATableThatVanishesIsMadeAgain(t *testing.T) {
	conn, schema := schema(t)
	d := destination(t, address, schema+".events")
	deliver(t, d, destinations.Delivered, some(0, 3)...)
	run(t, conn, "DROP TABLE events")
	deliver(t, d, destinations.Delivered, some(3, 6)...)
	run(t, conn, "ALTER TABLE events DROP COLUMN page_url")
	deliver(t, d, destinations.Delivered, some(6, 9)...)
	if n := count(t, conn, "SELECT count(*) FROM events WHERE page_url IS NULL"); n != 6 {
		t.Errorf("%d rows, want 6", n)
	}
}

func TestATableThatIsChangedUnderARunningDriver(t *testing.T) {
	conn, schema := schema(t)
	d := destination(t, address, schema+".events")
	deliver(t, d, destinations.Delivered, some(0, 2)...)
	run(t, conn, "ALTER TABLE events DROP COLUMN page_url")
	e := &event.Event{ID: "url", Page: event.Page{URL: "https://shop.example/"}}
	deliver(t, d, destinations.Delivered, e)
	if n := count(t, conn, "SELECT count(*) FROM events WHERE page_url = 'https://shop.example/'"); n != 1 || d.AddedColumns() != 1 {
		t.Errorf("%d rows have what was dropped, %d columns were added", n, d.AddedColumns())
	}
	run(t, conn, "ALTER TABLE events RENAME TO old")
	deliver(t, d, destinations.Delivered, some(2, 4)...)
	if n, old := count(t, conn, "SELECT count(*) FROM events"), count(t, conn, "SELECT count(*) FROM old"); n != 2 || old != 3 {
		t.Errorf("%d rows in the new table, %d in the old", n, old)
	}
	run(t, conn, "ALTER TABLE events ALTER COLUMN page_url TYPE integer USING NULL")
	if why := deliver(t, d, destinations.Halt, some(4, 5)...); !strings.Contains(why, "page_url") || !strings.Contains(why, "integer") {
		t.Error(why)
	}
}

func TestSeveralMakeTheTableAtOnce(t *testing.T) {
	conn, schema := schema(t)
	var all sync.WaitGroup
	for i := range 6 {
		d := destination(t, address, schema+".events")
		all.Go(func() {
			for _, v := range d.Deliver(t.Context(), sendings(some(i*50, i*50+100)...)) {
				if v.Kind != destinations.Delivered {
					t.Errorf("%s: %s", v.Kind, v.Why)
				}
			}
		})
	}
	all.Wait()
	if n := count(t, conn, "SELECT count(*) FROM events"); n != 350 {
		t.Errorf("%d rows, want 350", n)
	}
}

func TestOneDestinationDeliversManyBatchesAtOnce(t *testing.T) {
	conn, schema := schema(t)
	d := destination(t, address, schema+".events")
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			for _, v := range d.Deliver(t.Context(), sendings(some(i*50, i*50+100)...)) {
				if v.Kind != destinations.Delivered {
					t.Errorf("%s: %s", v.Kind, v.Why)
				}
			}
		})
	}
	all.Wait()
	if n := count(t, conn, "SELECT count(*) FROM events"); n != 650 {
		t.Errorf("%d rows, want 650", n)
	}
	if n := count(t, conn, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'headgate' AND state <> 'idle'"); n != 0 {
		t.Errorf("%d connections are left in a transaction", n)
	}
}

func TestABadEventIsRejectedAlone(t *testing.T) {
	conn, schema := schema(t)
	d := destination(t, address, schema+".events")
	events := some(0, 100)
	events[13].Page.Title = "a\x00b"
	events[14].Params.Set("note", event.String("a\x00b"))
	events[99].ID = ""
	events[57].ID = incompressible(20_000)
	wanted := map[int]string{13: "0x00", 14: "Unicode escape", 57: "54000", 99: "column id"}
	for i, v := range d.Deliver(t.Context(), sendings(events...)) {
		switch why, bad := wanted[i]; {
		case !bad && v.Kind != destinations.Delivered:
			t.Errorf("event %d: %s: %s", i, v.Kind, v.Why)
		case bad && (v.Kind != destinations.Reject || !strings.Contains(v.Why, why)):
			t.Errorf("event %d: %s: %s, want reject with %s", i, v.Kind, v.Why, why)
		}
	}
	if n := count(t, conn, "SELECT count(*) FROM events"); n != 96 {
		t.Errorf("%d rows, want 96", n)
	}
}

func incompressible(n int) string {
	random := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, n)
	for i := range text {
		text[i] = byte('0' + random.IntN(70))
	}
	return string(text)
}

func TestWordsOfARejectionHoldNoValues(t *testing.T) {
	conn, schema := schema(t)
	run(t, conn, "CREATE TABLE events (id text PRIMARY KEY, user_email text CONSTRAINT only_ours CHECK (user_email LIKE '%@shop.example'))")
	e := &event.Event{ID: "e1", User: event.User{Email: "jane@elsewhere.example"}}
	why := deliver(t, destination(t, address, schema+".events"), destinations.Reject, e)
	if !strings.Contains(why, "only_ours") || strings.Contains(why, "jane") {
		t.Errorf("why is %q", why)
	}
}

func TestWhatAPersonMustPutRightHalts(t *testing.T) {
	conn, schema := schema(t)
	run(t, conn, "CREATE TABLE of_another_type (id integer PRIMARY KEY)")
	role := schema + "_r"
	run(t, conn, "DROP ROLE IF EXISTS "+role)
	run(t, conn, "CREATE ROLE "+role+" LOGIN PASSWORD 'hunter3'")
	t.Cleanup(func() { _, _ = conn.Exec(context.Background(), "DROP ROLE "+role) })
	weak := with(t, func(u *url.URL) { u.User = url.UserPassword(role, "hunter3") })
	old := schema + "_o"
	run(t, conn, "DROP ROLE IF EXISTS "+old)
	run(t, conn, "CREATE ROLE "+old+" LOGIN PASSWORD 'hunter4' VALID UNTIL '2020-01-01'")
	t.Cleanup(func() { _, _ = conn.Exec(context.Background(), "DROP ROLE "+old) })
	expired := with(t, func(u *url.URL) { u.User = url.UserPassword(old, "hunter4") })
	for name, c := range map[string]struct{ address, table, why string }{
		"wrong password":   {with(t, func(u *url.URL) { u.User = url.UserPassword("headgate", "hunter2") }), "events", "password authentication failed"},
		"expired password": {expired, "events", "password authentication failed"},
		"no such database": {with(t, func(u *url.URL) { u.Path = "/nowhere" }), "events", `"nowhere" does not exist`},
		"no such schema":   {address, "nowhere.events", `schema "nowhere" does not exist`},
		"no right to":      {weak, schema + ".events", "permission denied"},
		"another type":     {address, schema + ".of_another_type", "is of type integer but expression is of type text"},
		"no TLS there":     {with(t, func(u *url.URL) { u.RawQuery = "sslmode=require" }), "events", "refused TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			d := destination(t, c.address, c.table)
			why := deliver(t, d, destinations.Halt, some(0, 3)...)
			if !strings.Contains(why, c.why) {
				t.Errorf("why is %q, want %q in it", why, c.why)
			}
			if strings.Contains(why, "hunter") {
				t.Errorf("the password is in %q", why)
			}
		})
	}
}

func TestAUserWhoMayOnlyInsertIsEnough(t *testing.T) {
	conn, schema := schema(t)
	deliver(t, destination(t, address, schema+".events"), destinations.Delivered, some(0, 1)...)
	role := schema + "_w"
	run(t, conn, "DROP ROLE IF EXISTS "+role)
	run(t, conn, "CREATE ROLE "+role+" LOGIN PASSWORD 'pw'")
	t.Cleanup(func() {
		_, _ = conn.Exec(context.Background(), "DROP OWNED BY "+role)
		_, _ = conn.Exec(context.Background(), "DROP ROLE "+role)
	})
	run(t, conn, "GRANT USAGE ON SCHEMA "+schema+" TO "+role)
	run(t, conn, "GRANT INSERT ON events TO "+role)
	weak := with(t, func(u *url.URL) { u.User = url.UserPassword(role, "pw") })
	deliver(t, destination(t, weak, schema+".events"), destinations.Delivered, some(0, 5)...)
	if n := count(t, conn, "SELECT count(*) FROM events"); n != 5 {
		t.Errorf("%d rows, want 5", n)
	}
}

func TestAnAddressThatEgressDoesNotAllowHalts(t *testing.T) {
	d, ms := open(t, address, "events")
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	if why := deliver(t, d, destinations.Halt, some(0, 1)...); !strings.Contains(why, "egress") {
		t.Errorf("why is %q", why)
	}
}

func TestWrongSettingsAreFoundAtOnce(t *testing.T) {
	for _, c := range []struct{ address, table, want string }{
		{"https://db.example/x", "events", "headgate.yaml:2:12: url: it is not an address of PostgreSQL; write it as postgres://"},
		{"postgres://user:hunter2@/db", "events", "url: it has no host"},
		{"postgres://user:hunter2@db.example/db?sslmode=perhaps", "events", "url: it is not understood"},
		{"postgres://user:hunter2@db.example:x/db", "events", "url: it is not an address of PostgreSQL"},
		{"postgres://user:hunter2@db.example/db", "a.b.c", `headgate.yaml:2:58: table: expected the name of a table`},
		{"postgres://user:hunter2@db.example/db", `ev"il`, `table: expected the name of a table`},
	} {
		_, ms := open(t, c.address, c.table)
		if got := ms.Error(); !strings.Contains(got, c.want) || strings.Contains(got, "hunter2") {
			t.Errorf("%s %s\n got %s\nwant %s", c.address, c.table, got, c.want)
		}
	}
}

// BenchmarkRowsIntoPostgres commits transactions of the size that the destination is shipped with.
func BenchmarkRowsIntoPostgres(b *testing.B) {
	_, schema := schema(b)
	d := destination(b, address, schema+".events")
	conformance.Rows(b, d, d.Delivery().Events, d.Delivery().AtOnce)
}
