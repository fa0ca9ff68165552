package clickhouse_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"headgate/destinations"
	"headgate/destinations/clickhouse"
	"headgate/destinations/conformance"
	"headgate/destinations/conformance/link"
	"headgate/event"
)

// engine is ClickHouse's real engine behind a small HTTP server of ours, that all tests share; each works in a table of its own.
var engine *url.URL

func TestMain(m *testing.M) {
	conformance.Main(m, "clickhouse.sh", func(address *url.URL) func() {
		engine = address
		return http.DefaultClient.CloseIdleConnections
	})
}

var tables atomic.Int64

// newTable is the name of a table that nobody has.
func newTable() string { return fmt.Sprintf("events%d", tables.Add(1)) }

// settings are those of a destination that inserts into a table of the engine, and more.
func settings(table, more string) string {
	password, _ := engine.User.Password()
	return fmt.Sprintf("{url: \"http://%s\", user: %s, password: %q, table: %s%s}", engine.Host, engine.User.Username(), password, table, more)
}

func open(t *testing.T, settings string) *destinations.Destination {
	t.Helper()
	d, ms := conformance.Open(t, "clickhouse", clickhouse.NewDriver, settings)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

// query returns the lines of an answer of the engine.
func query(t *testing.T, sql string) []string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+engine.Host+"/?database=default&default_format=JSONEachRow", strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := engine.User.Password()
	r.Header.Set("X-ClickHouse-User", engine.User.Username())
	r.Header.Set("X-ClickHouse-Key", password)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var lines []string
	scanner := bufio.NewScanner(answer.Body)
	scanner.Buffer(nil, 8<<20)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", sql, lines)
	}
	return lines
}

func rowsOf(t *testing.T, table string) (rows []event.Map) {
	t.Helper()
	if query(t, "EXISTS TABLE "+table)[0] != `{"result":1}` {
		return nil
	}
	for _, line := range query(t, "SELECT id, name, time, received, user_email, page_url, page_title, session_engaged, session_number, params, items FROM "+table+
		" FINAL ORDER BY splitByChar('-', id)[1], toInt64OrZero(splitByChar('-', id)[2]) SETTINGS output_format_json_quote_64bit_integers = 0") {
		rows = append(rows, conformance.Row(t, line))
	}
	return rows
}

func TestTheEngineConforms(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Store {
		table := newTable()
		return conformance.Store{
			Open: func(t *testing.T) *destinations.Destination { return open(t, settings(table, "")) },
			Behind: func(t *testing.T) (*destinations.Destination, *link.Link) {
				l := link.New(t)
				return open(t, strings.Replace(settings(table, ""), engine.Host, l.To(t, engine.Host), 1)), l
			},
			Rows:   func(t *testing.T) []event.Map { return rowsOf(t, table) },
			ByID:   true,
			Erases: true,
		}
	})
}

func TestARowThatTheServerRefusesIsADeadLetter(t *testing.T) {
	table := newTable()
	query(t, "CREATE TABLE "+table+" (id String, name String, time DateTime64(3, 'UTC'), received DateTime64(3, 'UTC'), page_title Nullable(Int64)) "+
		"ENGINE = ReplacingMergeTree(received) PARTITION BY toYYYYMM(time) ORDER BY (name, toDate(time), id) SETTINGS non_replicated_deduplication_window = 1000")
	d := open(t, settings(table, ""))
	batch := conformance.Batch(1, 40)
	batch[17].Event.Page.Title, batch[30].Event.Page.Title, batch[31].Event.Page.Title = "no number", "12", "neither"
	for range 2 {
		for i, v := range d.Deliver(t.Context(), batch) {
			if want := map[bool]destinations.Kind{true: destinations.Reject, false: destinations.Delivered}[i == 17 || i == 31]; v.Kind != want {
				t.Errorf("event %d: %s %q", i, v.Kind, v.Why)
			}
		}
	}
	if n := query(t, "SELECT count() AS n FROM "+table); n[0] != `{"n":38}` { // without FINAL: the part that was sent again has the same name
		t.Errorf("%s rows", n)
	}
}

func TestABatchIsDroppedByItsName(t *testing.T) {
	table := newTable()
	d := open(t, settings(table, ", decisions: true"))
	batch := conformance.Batch(1, 100)
	for i := range batch {
		batch[i].Consent = &event.Record{Rule: "europe", Model: "opt_in"}
		batch[i].Outcomes = []event.Outcome{{Destination: "a"}, {Destination: "b", Action: event.Deny, Reason: event.PurposeDenied}}
	}
	for range 3 {
		d.Deliver(t.Context(), batch)
	}
	if n := query(t, "SELECT (SELECT count() FROM "+table+") AS e, (SELECT count() FROM "+table+"_decisions) AS d"); n[0] != `{"e":100,"d":200}` {
		t.Errorf("%s rows", n)
	}
	got, err := d.Erase(t.Context(), destinations.Person{Field: "user.client_id", Values: []string{"it's"}})
	if err != nil || got.Removed != 0 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestTheTableIsMadeWidenedOrChecked(t *testing.T) {
	table := newTable()
	conformance.Schema(t, "default."+table, func(t *testing.T, more string) *destinations.Destination { return open(t, settings(table, more)) })
	check, manage := open(t, settings(table, ", schema: check")), open(t, settings(table, ""))
	conformance.Expect(t, manage, conformance.Batch(1, 1), destinations.Delivered, "")
	conformance.Expect(t, check, conformance.Batch(2, 1), destinations.Delivered, "")
	query(t, "ALTER TABLE "+table+" DROP COLUMN page_url") // under a running driver
	batch := conformance.Batch(6, 1)
	batch[0].Event.Page.URL = "https://shop.example/"
	if v := manage.Deliver(t.Context(), batch)[0]; v.Kind != destinations.Delivered {
		t.Errorf("after a column was dropped: %s %q", v.Kind, v.Why)
	}
	query(t, "RENAME TABLE "+table+" TO "+table+"_old")
	conformance.Expect(t, check, conformance.Batch(7, 1), destinations.Halt, "there is no table")
	conformance.Expect(t, manage, conformance.Batch(7, 1), destinations.Delivered, "")
}

func TestWrongCredentialsHalt(t *testing.T) {
	d := open(t, strings.Replace(settings(newTable(), ""), "password: ", "password: wrong-", 1))
	v := d.Deliver(t.Context(), conformance.Batch(1, 3))
	if v[2].Kind != destinations.Halt || !strings.Contains(v[2].Why, "Authentication failed") || strings.Contains(v[2].Why, "wrong-") {
		t.Errorf("%+v", v[2])
	}
}

func TestTheViewsSayWhatHappened(t *testing.T) {
	ask := func(sql string) []string {
		return query(t, sql+" SETTINGS output_format_json_quote_64bit_integers = 0, output_format_json_quote_decimals = 0")
	}
	run := func(sql string) { query(t, sql) }
	table, decided := newTable(), newTable()
	conformance.Models(t, open(t, settings(table, "")), run, ask, func(view string) string { return table + "_" + view })
	conformance.DecisionModels(t, open(t, settings(decided, ", decisions: true")), run, ask, func(view string) string { return decided + "_" + view })
}

// BenchmarkRowsIntoClickHouse inserts batches of the size that the destination is shipped with into ClickHouse's engine, which decodes
// them in the same second process.
func BenchmarkRowsIntoClickHouse(b *testing.B) {
	d, ms := conformance.Open(b, "clickhouse", clickhouse.NewDriver, settings(newTable(), ""))
	if len(ms) > 0 {
		b.Fatal(ms)
	}
	conformance.Rows(b, d, d.Delivery().Events, d.Delivery().AtOnce)
}
