package sqlite

import (
	"database/sql"
	"path/filepath"
	"testing"

	"headgate/destinations"
)

// TestWhatSQLiteSaysIsJudged makes SQLite fail in ways that a driver cannot be brought into without a disk of its own.
func TestWhatSQLiteSaysIsJudged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	fail := func(options string, statements ...string) (err error) {
		t.Helper()
		db, err := sql.Open("sqlite", "file:"+path+options)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		for _, s := range statements {
			if _, err = db.ExecContext(t.Context(), s); err != nil {
				return err
			}
		}
		t.Fatalf("%q all succeed", statements)
		return nil
	}
	full := fail("", "CREATE TABLE e (id TEXT PRIMARY KEY, n INTEGER CHECK (n < 3)) STRICT", "PRAGMA max_page_count = 4",
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5000) INSERT INTO e SELECT i, 1 FROM c")
	for _, c := range []struct {
		name string
		err  error
		want destinations.Kind
	}{
		{"a full disk", full, 0}, // the network's rules retry it
		{"a file that may only be read", fail("?mode=ro", "INSERT INTO e VALUES ('a', 1)"), destinations.Halt},
		{"a constraint", fail("", "INSERT INTO e VALUES ('a', 7)"), destinations.Reject},
		{"another type", fail("", "INSERT INTO e VALUES ('a', 'b')"), destinations.Reject},
		{"a value that is too long", fail("", "INSERT INTO e VALUES (zeroblob(1000000001), 1)"), destinations.Reject},
		{"a table that is not there", fail("", "INSERT INTO f VALUES (1)"), destinations.Halt},
	} {
		if got, _ := (dialect{}).Blame(c.err); got != c.want {
			t.Errorf("%s: %v: %s, want %s", c.name, c.err, got, c.want)
		}
	}
	if full.Error() != "database or disk is full (13)" {
		t.Error(full)
	}
}
