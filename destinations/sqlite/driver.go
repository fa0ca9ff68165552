// Package sqlite is the driver that keeps events as rows of a table in a file of SQLite, for a site that has no database server. What it
// promises is package relational's.
package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"modernc.org/sqlite"

	"headgate/destinations"
	"headgate/destinations/relational"
	"headgate/document"
)

// Driver writes to one table of events and, where they are wanted, one of decisions.
type Driver struct{ *relational.Driver }

const (
	slowly = 30 * time.Second // how long a delivery may take where the entry says nothing else
	// mostValues is how many a statement takes: https://www.sqlite.org/limits.html
	mostValues = 32_766
)

var tableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// NewDriver checks the settings of sqlite.yaml; Deliver is the first to touch the file.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	var ms document.Mistakes
	if !tableName.MatchString(o.Settings.Text("table")) {
		ms.Add(o.Settings.Place("table"), "table: expected a name of letters, digits and _", "write events")
	}
	path, err := filepath.Abs(o.Settings.Text("file"))
	if err != nil {
		ms.Add(o.Settings.Place("file"), "file: it is not the path of a file", "write it as /var/lib/headgate/events.db")
	}
	if len(ms) > 0 {
		return nil, ms
	}
	db := sql.OpenDB(file(path))
	db.SetMaxOpenConns(1) // SQLite has one writer
	return &Driver{relational.NewDriver(db, dialect{}, relational.Limits{Bytes: 8 << 20, Values: mostValues, Times: times}, cmp.Or(o.Written.Timeout.Std(), slowly), o)}, nil
}

// file is the path of a database, which is made when it is not there.
type file string

// Connect opens the file. Readers do not wait for a transaction (WAL), and what was committed survives a power cut (FULL).
func (f file) Connect(context.Context) (driver.Conn, error) {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o750); err != nil {
		return nil, err
	}
	made, err := os.OpenFile(string(f), os.O_CREATE|os.O_RDONLY, 0o640) //nolint:gosec // personal data: a group may read it, and not everybody, as SQLite would have it
	if err != nil {
		return nil, err
	}
	if err := made.Close(); err != nil {
		return nil, err
	}
	q := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"}, "_txlock": {"immediate"}}
	return new(sqlite.Driver).Open((&url.URL{Scheme: "file", Path: string(f), RawQuery: q.Encode()}).String())
}

// Driver is there for database/sql.
func (file) Driver() driver.Driver { return new(sqlite.Driver) }

// Pace asks for batches that are worth a sync of the disk.
func (d *Driver) Pace(p destinations.Delivery) destinations.Delivery {
	p.AtOnce = 1
	return p
}
