// Package mysql is the driver that keeps events as rows of a table of MySQL or MariaDB.
//
// It promises that an event is delivered only when its transaction was committed, and that one which is written twice is there once, by
// its id. It makes the table and widens it where `schema: manage` lets it, and never changes or removes a column or a row that is there,
// but for a person's rows when Erase is asked to.
package mysql

import (
	"cmp"
	"context"
	"crypto/tls"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"headgate/destinations"
	"headgate/destinations/rows"
	"headgate/destinations/tables"
	"headgate/document"
)

// Driver writes to one table of events and, where they are wanted, one of decisions.
type Driver struct {
	db        *sql.DB
	timeout   time.Duration // of one transaction
	preparer  tables.Preparer
	events    table[destinations.Sending]
	decisions *table[destinations.DecisionRow] // nil when they are not wanted
}

const (
	slowly     = 30 * time.Second // how long a transaction may take where the entry says nothing else
	keptFor    = 3 * time.Minute  // servers and what is in between close what is idle
	mostAtOnce = 4
)

// NewDriver checks the settings of mysql.yaml; Deliver is the first to connect to the server.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	var ms document.Mistakes
	set := o.Settings
	config, fact := configure(set.Text("url"), o.Dial)
	if fact != "" {
		ms.Add(set.Place("url"), "url: "+fact, "write it as mysql://user:password@host:3306/database?tls=true")
	}
	name := set.Text("table")
	if strings.Count(name, ".") > 1 || strings.Contains(name, "`") || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") {
		ms.Add(set.Place("table"), "table: expected the name of a table, with its database before a dot if it is in another", "write events, or analytics.events")
	}
	if len(ms) > 0 {
		return nil, ms
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		ms.Add(set.Place("url"), "url: it is not understood", "write it as mysql://user:password@host:3306/database?tls=true")
		return nil, ms
	}
	d := &Driver{db: sql.OpenDB(connector), timeout: cmp.Or(o.Written.Timeout.Std(), slowly), preparer: tables.Preparer{Schema: set.Text("schema"), Widened: o.Widened}}
	d.db.SetMaxOpenConns(mostAtOnce)
	d.db.SetMaxIdleConns(mostAtOnce)
	d.db.SetConnMaxLifetime(keptFor)
	d.events = newTable(name, rows.Events(o.Columns), rows.Key)
	if wanted, _ := set.Value("decisions").Bool(); wanted {
		t := newTable(name+"_decisions", rows.Decisions(), "event_id", "destination")
		d.decisions = &t
	}
	return d, nil
}

// configure reads the address. The fact never quotes it, since it holds the password.
func configure(address string, dial destinations.Dial) (c *mysql.Config, fact string) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "mysql" && u.Scheme != "mariadb" {
		return nil, "it is not an address of MySQL or MariaDB"
	}
	if u.Hostname() == "" {
		return nil, "it has no host"
	}
	c = mysql.NewConfig()
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.Net, c.Addr = "tcp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "3306"))
	c.DialFunc = dial
	if c.DBName = strings.Trim(u.Path, "/"); c.DBName == "" {
		return nil, "it names no database"
	}
	switch way := u.Query().Get("tls"); way {
	case "", "preferred", "skip-verify":
		c.TLSConfig = cmp.Or(way, "preferred")
	case "true":
		c.TLS = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	case "false":
	default:
		return nil, "tls is true, skip-verify, preferred or false"
	}
	for key := range u.Query() {
		if key != "tls" {
			return nil, fmt.Sprintf("it has a parameter %q, and only tls is taken", key)
		}
	}
	// Values that do not fit are errors, not cut; times are UTC; a statement has its values in it, which saves two answers.
	c.Params = map[string]string{"sql_mode": "'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO'", "time_zone": "'+00:00'"}
	c.InterpolateParams, c.Collation = true, "utf8mb4_bin"
	c.MaxAllowedPacket = 0 // the server is asked
	c.Logger = &mysql.NopLogger{}
	return c, ""
}

// Pace asks for batches that make large statements.
func (d *Driver) Pace(p destinations.Delivery) destinations.Delivery {
	p.AtOnce = 2
	return p
}

// Deliver writes the events in one transaction. One that the server cannot take is a dead letter, and the others are written without it.
func (d *Driver) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	return tables.Deliver(ctx, batch, d.write)
}

// write commits the events, or none of them. A table that vanished, or was changed, is looked at again once; so is tried again what was
// chosen to end a deadlock.
func (d *Driver) write(ctx context.Context, batch []destinations.Sending) tables.Result {
	at, err := d.writeOnce(ctx, batch)
	if isGone(err) || isDeadlock(err) {
		if isGone(err) {
			d.preparer.Forget()
		}
		at, err = d.writeOnce(ctx, batch)
	}
	v := verdictOf(err)
	if v.Kind == destinations.Reject && at >= 0 {
		return tables.Result{Wrong: map[int]destinations.Verdict{at: v}}
	}
	return tables.Result{Verdict: v, Split: isTooMuch(err)}
}

// writeOnce is write. wrong is the event that the server named, -1 when it named none.
func (d *Driver) writeOnce(ctx context.Context, batch []destinations.Sending) (wrong int, err error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	if err := d.prepare(ctx); err != nil {
		return -1, &preparing{err}
	}
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return -1, err
	}
	defer func() { _ = tx.Rollback() }() // after a commit there is nothing to roll back
	events, decided := tables.Rows(batch, d.decisions != nil)
	wrong, err = d.events.insert(ctx, tx, events)
	if err == nil && len(decided) > 0 {
		wrong = -1
		_, err = d.decisions.insert(ctx, tx, decided)
	}
	if err == nil {
		err = tx.Commit()
	}
	return wrong, err
}

// prepare makes or checks the tables, once.
func (d *Driver) prepare(ctx context.Context) error {
	list := []tables.Definition{d.events.definition(d.db)}
	if d.decisions != nil {
		list = append(list, d.decisions.definition(d.db))
	}
	_, err := d.preparer.Prepare(ctx, list...)
	return err
}

// DDL is what makes the tables.
func (d *Driver) DDL() []string {
	all := []string{d.events.create()}
	if d.decisions != nil {
		all = append(all, d.decisions.create())
	}
	return all
}

// Close closes the connections.
func (d *Driver) Close(context.Context) error { return d.db.Close() }
