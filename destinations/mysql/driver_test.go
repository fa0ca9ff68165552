package mysql_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	mysqlclient "github.com/go-sql-driver/mysql"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/conformance/link"
	"headgate/destinations/mysql"
	"headgate/event"
)

// server is the real MariaDB that all tests share; each works in a table of its own.
var (
	server *url.URL
	db     *sql.DB
)

func TestMain(m *testing.M) {
	conformance.Main(m, "mariadb.sh", func(address *url.URL) func() {
		server = address
		password, _ := server.User.Password()
		c := mysqlclient.NewConfig()
		c.User, c.Passwd, c.Net, c.Addr, c.DBName = server.User.Username(), password, "tcp", server.Host, "shop"
		c.Params = map[string]string{"time_zone": "'+00:00'"}
		connector, err := mysqlclient.NewConnector(c)
		if err != nil {
			panic(err)
		}
		db = sql.OpenDB(connector)
		return func() { _ = db.Close() }
	})
}

var names atomic.Int64

// newTable is the name of a table that nobody has.
func newTable() string { return fmt.Sprintf("events%d", names.Add(1)) }

func open(t testing.TB, table, more string) *destinations.Destination {
	t.Helper()
	return openAt(t, server.Host, table, more)
}

func openAt(t testing.TB, host, table, more string) *destinations.Destination {
	t.Helper()
	address := *server
	address.Host = host
	d, ms := conformance.Open(t, "mysql", mysql.NewDriver, fmt.Sprintf("{url: %q, table: %s%s}", address.String(), table, more))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

func run(t testing.TB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func query(t testing.TB, statement string) []string {
	t.Helper()
	return conformance.Query(t, db, statement)
}

func count(t testing.TB, table string) string {
	t.Helper()
	return query(t, "SELECT count(*) AS n FROM "+table)[0]
}

func rowsOf(t *testing.T, table string) (rows []event.Map) {
	t.Helper()
	if query(t, "SELECT count(*) AS n FROM information_schema.tables WHERE table_name = '"+table+"'")[0] == `{"n":0}` {
		return nil
	}
	for _, line := range query(t, "SELECT id, name, time, received, user_email, page_url, page_title, session_engaged, session_number, params, items FROM "+table+
		" ORDER BY length(id), id") {
		rows = append(rows, conformance.Row(t, line))
	}
	return rows
}

func TestTheServerConforms(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Store {
		table := newTable()
		return conformance.Store{
			Open:    func(t *testing.T) *destinations.Destination { return open(t, table, "") },
			Rows:    func(t *testing.T) []event.Map { return rowsOf(t, table) },
			Refused: &event.Event{ID: strings.Repeat("long", 50), Name: "page_view", Time: conformance.Noon, Received: conformance.Noon},
			ByID:    true, Erases: true,
			Behind: func(t *testing.T) (*destinations.Destination, *link.Link) {
				l := link.New(t)
				return openAt(t, l.To(t, server.Host), table, ""), l
			},
		}
	})
}

func TestIdsThatDifferInCaseOrAccentAreDifferent(t *testing.T) {
	table := newTable()
	d, batch := open(t, table, ""), conformance.Batch(1, 4)
	for i, id := range []string{"a", "A", "ä", "á"} {
		batch[i].Event.ID = id
	}
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	if n := count(t, table); n != `{"n":4}` {
		t.Error(n)
	}
}

func TestARowThatTheServerRefusesIsADeadLetter(t *testing.T) {
	table := newTable()
	run(t, "CREATE TABLE "+table+" (id VARCHAR(191) COLLATE utf8mb4_bin PRIMARY KEY, page_title BIGINT, time DATETIME(3))")
	d := open(t, table, ", decisions: true")
	batch := conformance.Batch(1, 40)
	for i := range batch {
		batch[i].Consent, batch[i].Outcomes = &event.Record{Rule: "europe", Model: "opt_in"}, []event.Outcome{{Destination: "a"}, {Destination: "b"}}
	}
	batch[17].Event.Page.Title, batch[30].Event.Page.Title, batch[31].Event.Page.Title = "no 'number'", "12", "neither"
	for range 2 {
		for i, v := range d.Deliver(t.Context(), batch) {
			if want := map[bool]destinations.Kind{true: destinations.Reject, false: destinations.Delivered}[i == 17 || i == 31]; v.Kind != want || strings.Contains(v.Why, "number'") {
				t.Errorf("event %d: %s %q", i, v.Kind, v.Why)
			}
		}
	}
	if n := count(t, table) + count(t, table+"_decisions"); n != `{"n":38}{"n":76}` {
		t.Errorf("%s rows", n)
	}
}

func TestTheTableIsMadeWidenedOrChecked(t *testing.T) {
	table := newTable()
	conformance.Schema(t, table, func(t *testing.T, more string) *destinations.Destination { return open(t, table, more) })
	check, manage := open(t, table, ", schema: check"), open(t, table, "")
	conformance.Expect(t, manage, conformance.Batch(1, 1), destinations.Delivered, "")
	conformance.Expect(t, check, conformance.Batch(2, 1), destinations.Delivered, "")
	own := ", columns: {margin: {number: =params.margin}, n: {integer: =params.n}, at: {time: =params.at}}"
	d, batch := open(t, table, own), conformance.Batch(6, 1)
	batch[0].Event.Params = event.Map{{Key: "margin", Value: event.String("a lot")}, {Key: "n", Value: event.Float(1e15)}, {Key: "at", Value: event.Float(1795000000)}}
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	got := query(t, "SELECT margin, n, at, _rejected FROM "+table+" WHERE id = 'g6-0'")[0]
	rejected, err := json.Marshal(`[{"column":"margin","value":"a lot","reason":"it is no number"}]`)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"margin":null,"n":1000000000000000,"at":"2026-11-18 11:06:40.000","_rejected":` + string(rejected) + `}`; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	run(t, "ALTER TABLE "+table+" DROP COLUMN page_url") // under a running driver
	conformance.Expect(t, manage, conformance.Batch(7, 1), destinations.Delivered, "")
	run(t, "RENAME TABLE "+table+" TO "+table+"_old")
	conformance.Expect(t, check, conformance.Batch(8, 1), destinations.Halt, "there is no table")
	conformance.Expect(t, manage, conformance.Batch(8, 1), destinations.Delivered, "")
}

func TestLongBatchesAreSeveralStatements(t *testing.T) {
	table := newTable()
	d, batch := open(t, table, ""), conformance.Batch(1, 60)
	for i := range batch {
		batch[i].Event.Params.Set("note", event.String(strings.Repeat("it's ", 100_000)))
	}
	batch[40].Event.ID = strings.Repeat("long", 50) // not in the first of them
	for i, v := range d.Deliver(t.Context(), batch) {
		if want := map[bool]destinations.Kind{true: destinations.Reject, false: destinations.Delivered}[i == 40]; v.Kind != want {
			t.Errorf("event %d: %s %q", i, v.Kind, v.Why)
		}
	}
	if n := count(t, table); n != `{"n":59}` {
		t.Error(n)
	}
}

func TestWrongSettingsHaltAndAServerThatIsAwayIsRetried(t *testing.T) {
	wrong := *server
	wrong.User = url.UserPassword("headgate", "hush")
	for address, c := range map[string]struct {
		kind destinations.Kind
		why  string
	}{
		wrong.String(): {destinations.Halt, "Access denied"},
		strings.Replace(server.String(), "/shop", "/nowhere", 1): {destinations.Halt, "Unknown database"},
		server.String() + "?tls=true":                            {destinations.Halt, "TLS"},
		"mysql://u:hush@127.0.0.1:1/shop":                        {destinations.Retry, "refused"},
		"mysql://u:hush@10.0.0.1:3306/shop":                      {destinations.Halt, "egress"},
	} {
		d, ms := conformance.Open(t, "mysql", mysql.NewDriver, fmt.Sprintf("{url: %q}", address))
		if len(ms) > 0 {
			t.Fatal(ms)
		}
		if v := d.Deliver(t.Context(), conformance.Batch(1, 2))[1]; v.Kind != c.kind || !strings.Contains(v.Why, c.why) || strings.Contains(v.Why, "hush") {
			t.Errorf("%+v, want %s %s", v, c.kind, c.why)
		}
	}
	for address, fact := range map[string]string{"postgres://u@h/d": "not an address of MySQL", "mysql:///shop": "no host", "mysql://u:hush@h/": "names no database",
		"mysql://u@h/d?tls=perhaps": "tls is true", "mysql://u@h/d?timeout=3s": "only tls is taken"} {
		if _, ms := conformance.Open(t, "mysql", mysql.NewDriver, fmt.Sprintf("{url: %q, table: a.b.c}", address)); len(ms) != 2 || !strings.Contains(ms.Error(), fact) || strings.Contains(ms.Error(), "hush") {
			t.Errorf("%s: %v", address, ms)
		}
	}
}

func TestAReadOnlyServerIsRetried(t *testing.T) {
	table := newTable()
	d := open(t, table, "")
	conformance.Expect(t, d, conformance.Batch(1, 1), destinations.Delivered, "")
	run(t, "CREATE OR REPLACE USER reader@'127.0.0.1' IDENTIFIED BY 'secret'")
	run(t, "GRANT SELECT, INSERT, UPDATE, CREATE ON shop.* TO reader@'127.0.0.1'")
	reader := *server
	reader.User = url.UserPassword("reader", "secret")
	less, ms := conformance.Open(t, "mysql", mysql.NewDriver, fmt.Sprintf("{url: %q, table: %s}", reader.String(), table))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	run(t, "SET GLOBAL read_only = 1")
	conformance.Expect(t, less, conformance.Batch(2, 1), destinations.Retry, "read-only")
	run(t, "SET GLOBAL read_only = 0")
	conformance.Expect(t, less, conformance.Batch(2, 1), destinations.Delivered, "")
	run(t, "REVOKE INSERT ON shop.* FROM reader@'127.0.0.1'")
	less, ms = conformance.Open(t, "mysql", mysql.NewDriver, fmt.Sprintf("{url: %q, table: %s}", reader.String(), table))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	conformance.Expect(t, less, conformance.Batch(3, 1), destinations.Halt, "INSERT command denied")
}

func TestTheViewsSayWhatHappened(t *testing.T) {
	table := newTable()
	conformance.Models(t, open(t, table, ""), func(sql string) { run(t, sql) }, func(sql string) []string { return query(t, sql) },
		func(view string) string { return table + "_" + view })
}

// BenchmarkRowsIntoMySQL inserts batches of the size that the destination is shipped with into MariaDB, which does not sync its log.
func BenchmarkRowsIntoMySQL(b *testing.B) {
	d := open(b, newTable(), "")
	conformance.Rows(b, d, d.Delivery().Events, d.Delivery().AtOnce)
}

func TestAPasswordThatHasExpiredHalts(t *testing.T) {
	run(t, "CREATE OR REPLACE USER expired@'127.0.0.1' IDENTIFIED BY 'secret' PASSWORD EXPIRE")
	run(t, "GRANT ALL ON shop.* TO expired@'127.0.0.1'")
	u := *server
	u.User = url.UserPassword("expired", "secret")
	d, ms := conformance.Open(t, "mysql", mysql.NewDriver, fmt.Sprintf("{url: %q}", u.String()))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	conformance.Expect(t, d, conformance.Batch(1, 2), destinations.Halt, "SET PASSWORD")
}
