package sqlite_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/sqlite"
	"headgate/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// store is a file of SQLite, which the tests read through a connection of their own.
type store struct {
	path string
	db   *sql.DB
}

func newStore(t testing.TB) *store {
	t.Helper()
	s := &store{path: filepath.Join(t.TempDir(), "a folder?", "events 100%.db")}
	t.Cleanup(func() {
		if s.db != nil {
			_ = s.db.Close()
		}
	})
	return s
}

func (s *store) open(t testing.TB, more string) *destinations.Destination {
	t.Helper()
	d, ms := conformance.Open(t, "sqlite", sqlite.NewDriver, fmt.Sprintf("{file: %q%s}", s.path, more))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

func (s *store) connect(t testing.TB) *sql.DB {
	t.Helper()
	if s.db == nil {
		db, err := sql.Open("sqlite", strings.NewReplacer("%", "%25", "?", "%3f").Replace("file:"+s.path))
		if err != nil {
			t.Fatal(err)
		}
		s.db = db
	}
	return s.db
}

func (s *store) run(t testing.TB, statement string) {
	t.Helper()
	if _, err := s.connect(t).ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (s *store) query(t testing.TB, statement string) []string {
	t.Helper()
	return conformance.Query(t, s.connect(t), statement)
}

func (s *store) count(t testing.TB, table string) string {
	t.Helper()
	return s.query(t, "SELECT count(*) AS n FROM "+table)[0]
}

// rows are those of the table as a reader sees them.
func (s *store) rows(t *testing.T) (list []event.Map) {
	if _, err := os.Stat(s.path); err != nil || s.count(t, "sqlite_master WHERE name = 'events'") == `{"n":0}` {
		return nil
	}
	for _, line := range s.query(t, "SELECT * FROM events ORDER BY rowid") {
		list = append(list, conformance.Row(t, line))
	}
	return list
}

func TestTheFileConforms(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Store {
		s := newStore(t)
		return conformance.Store{
			Open: func(t *testing.T) *destinations.Destination { return s.open(t, "") },
			Rows: s.rows, ByID: true, Erases: true,
		}
	})
}

func TestARowThatTheTableRefusesIsADeadLetter(t *testing.T) {
	s := newStore(t)
	conformance.Expect(t, s.open(t, ", table: first"), conformance.Batch(9, 1), destinations.Delivered, "") // makes the folder
	s.run(t, "CREATE TABLE events (id TEXT PRIMARY KEY, page_title INTEGER, time TEXT) STRICT")
	d, batch := s.open(t, ", decisions: true"), conformance.Batch(1, 40)
	for i := range batch {
		batch[i].Consent, batch[i].Outcomes = &event.Record{Rule: "europe", Model: "opt_in"}, []event.Outcome{{Destination: "a"}, {Destination: "b"}}
	}
	batch[17].Event.Page.Title, batch[30].Event.Page.Title, batch[31].Event.Page.Title = "no number", "12", "neither"
	for range 2 {
		for i, v := range d.Deliver(t.Context(), batch) {
			if want := map[bool]destinations.Kind{true: destinations.Reject, false: destinations.Delivered}[i == 17 || i == 31]; v.Kind != want || strings.Contains(v.Why, "neither") {
				t.Errorf("event %d: %s %q", i, v.Kind, v.Why)
			}
		}
	}
	if n := s.count(t, "events") + s.count(t, "events_decisions"); n != `{"n":38}{"n":76}` {
		t.Errorf("%s rows", n)
	}
}

func TestATableThatDoesNotTakeWhatWasDecidedIsNoEventsFault(t *testing.T) {
	s := newStore(t)
	conformance.Expect(t, s.open(t, ""), conformance.Batch(1, 1), destinations.Delivered, "")
	s.run(t, "CREATE TABLE events_decisions (event_id TEXT, destination TEXT, reason INTEGER, PRIMARY KEY (event_id, destination)) STRICT")
	batch := conformance.Batch(2, 3)
	batch[1].Outcomes = []event.Outcome{{Destination: "meta", Action: event.Deny, Reason: event.PurposeDenied}}
	batch[1].Consent = &event.Record{}
	conformance.Expect(t, s.open(t, ", decisions: true"), batch, destinations.Halt, "events_decisions.reason")
	if n := s.count(t, "events"); n != `{"n":1}` {
		t.Error(n)
	}
}

func TestTheTableIsMadeWidenedOrChecked(t *testing.T) {
	s := newStore(t)
	conformance.Schema(t, "events", func(t *testing.T, more string) *destinations.Destination { return s.open(t, more) })
	check, manage := s.open(t, ", schema: check"), s.open(t, "")
	conformance.Expect(t, manage, conformance.Batch(1, 1), destinations.Delivered, "")
	conformance.Expect(t, check, conformance.Batch(2, 1), destinations.Delivered, "")
	own := ", columns: {margin: {number: =params.margin}, n: {integer: =params.n}, at: {time: =params.at}}"
	d, batch := s.open(t, own), conformance.Batch(6, 1)
	batch[0].Event.Params = event.Map{{Key: "margin", Value: event.String("a lot")}, {Key: "n", Value: event.Float(1e15)}, {Key: "at", Value: event.Float(1795000000)}}
	conformance.Expect(t, d, batch, destinations.Delivered, "")
	got := s.query(t, "SELECT margin, n, at, json_extract(_rejected, '$[0].reason') AS why FROM events WHERE id = 'g6-0'")[0]
	if want := `{"margin":null,"n":1000000000000000,"at":"2026-11-18 11:06:40.000","why":"it is no number"}`; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	s.run(t, "ALTER TABLE events DROP COLUMN page_url") // under a running driver
	batch = conformance.Batch(7, 1)
	batch[0].Event.Page.URL = "https://shop.example/"
	conformance.Expect(t, manage, batch, destinations.Delivered, "")
	s.run(t, "ALTER TABLE events RENAME TO earlier")
	conformance.Expect(t, check, conformance.Batch(8, 1), destinations.Halt, "there is no table")
	s.run(t, "DROP INDEX events_by_time")
	conformance.Expect(t, manage, conformance.Batch(8, 1), destinations.Delivered, "")
}

func TestLongBatchesAreSeveralStatements(t *testing.T) {
	s := newStore(t)
	batch := conformance.Batch(1, 2000)
	for i := range batch {
		e := conformance.Said()
		e.ID, e.Params = batch[i].Event.ID, nil
		batch[i].Event = e
	}
	batch[7].Event.Params.Set("note", event.String(strings.Repeat("it's ", 2_000_000)))
	conformance.Expect(t, s.open(t, ""), batch, destinations.Delivered, "")
	if n := s.count(t, "events"); n != `{"n":2000}` {
		t.Error(n)
	}
}

func TestWhatCannotBeWrittenToHalts(t *testing.T) {
	folder := t.TempDir()
	other := filepath.Join(folder, "notes.txt")
	if err := os.WriteFile(other, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, why := range map[string]string{other: "not a database", filepath.Join(other, "events.db"): "not a directory", folder: "is a directory"} {
		s := &store{path: path}
		conformance.Expect(t, s.open(t, ""), conformance.Batch(1, 2), destinations.Halt, why)
	}
	s := &store{path: filepath.Join(folder, "events.db")}
	if _, ms := conformance.Open(t, "sqlite", sqlite.NewDriver, fmt.Sprintf("{file: %q, table: a.b}", s.path)); !strings.Contains(ms.Error(), "letters, digits and _") {
		t.Error(ms)
	}
}

func TestAFileThatAnotherProgramLocksIsRetried(t *testing.T) {
	s := newStore(t)
	d := s.open(t, "")
	conformance.Expect(t, d, conformance.Batch(1, 1), destinations.Delivered, "")
	info, err := os.Stat(s.path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	tx, err := s.connect(t).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("DELETE FROM events"); err != nil {
		t.Fatal(err)
	}
	d, ms := conformance.OpenEntry(t, "sqlite", sqlite.NewDriver, fmt.Sprintf("settings: {file: %q, schema: \"off\"}\ndelivery: {timeout: 200ms}", s.path))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	conformance.Expect(t, d, conformance.Batch(2, 1), destinations.Retry, "")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	conformance.Expect(t, d, conformance.Batch(2, 1), destinations.Delivered, "")
}

func TestTheViewsSayWhatHappened(t *testing.T) {
	s, decided := newStore(t), newStore(t)
	run := func(s *store) func(string) { return func(sql string) { s.run(t, sql) } }
	ask := func(s *store) func(string) []string {
		return func(sql string) []string { return s.query(t, sql) }
	}
	view := func(name string) string { return "events_" + name }
	conformance.Models(t, s.open(t, ""), run(s), ask(s), view)
	conformance.DecisionModels(t, decided.open(t, ", decisions: true"), run(decided), ask(decided), view)
}

// BenchmarkRowsIntoSQLite writes to a file, which is synced after every batch.
func BenchmarkRowsIntoSQLite(b *testing.B) {
	d := newStore(b).open(b, "")
	conformance.Rows(b, d, d.Delivery().Events, d.Delivery().AtOnce)
}
