// Package postgres is the driver that keeps events as rows of one PostgreSQL table, and the decisions about them, where they are
// wanted, as rows of a second one.
//
// It promises that an event is delivered only when its transaction was committed, and that one which is written twice is
// there once, by its id. It makes the table and widens it by itself, and never changes or removes a column or a row that is
// there, but for a person's rows when Erase is asked to.
package postgres

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"headgate/destinations"
	"headgate/destinations/rows"
	"headgate/destinations/tables"
	"headgate/document"
)

// Driver writes events to one table. Its connections are opened as they are needed and kept.
type Driver struct {
	config    *pgx.ConnConfig
	events    table[destinations.Sending]
	decisions *table[rows.Decision] // nil when they are not wanted
	preparer  tables.Preparer
	timeout   time.Duration // of one transaction
	now       func() time.Time
	idle      chan *pgx.Conn
}

// tableName is a table, or a schema and a table. Quotes are not needed: whatever stands here is quoted.
var tableName = regexp.MustCompile(`^[^."]+(\.[^."]+)?$`)

// NewDriver checks the settings of postgres.yaml; Deliver is the first to connect to the server.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	var ms document.Mistakes
	name := o.Settings.Text("table")
	if !tableName.MatchString(name) {
		ms.Add(o.Settings.Place("table"), "table: expected the name of a table, with its schema before a dot if it has one", "write events, or analytics.events")
	}
	config, fact := configure(o.Settings.Text("url"))
	if fact != "" {
		ms.Add(o.Settings.Place("url"), "url: "+fact, "write it as postgres://user:password@host:5432/database?sslmode=require")
	}
	if len(ms) > 0 {
		return nil, ms
	}
	config.DialFunc = o.Dial
	// The name itself is dialled, so that what egress: allows is judged by the name and by the address that is connected to.
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	byMonth := o.Settings.Text("partition") == "month"
	d := &Driver{config: config, events: eventTable(name, o.Columns, byMonth), preparer: tables.Preparer{Schema: o.Settings.Text("schema"), Widened: o.Widened},
		now: o.Now, timeout: o.Delivery.Timeout, idle: make(chan *pgx.Conn, max(o.Delivery.AtOnce, 1))}
	d.preparer.Tables = []tables.Definition{d.events.definition(d.with)}
	if wanted, _ := o.Settings.Value("decisions").Bool(); wanted {
		decisions := decisionTable(name)
		d.decisions = &decisions
		d.preparer.Tables = append(d.preparer.Tables, decisions.definition(d.with))
	}
	return d, nil
}

// configure reads the address. The fact never quotes it, since it holds the password.
func configure(address string) (config *pgx.ConnConfig, fact string) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, "it is not an address of PostgreSQL"
	}
	if u.Hostname() == "" {
		return nil, "it has no host"
	}
	config, err = pgx.ParseConfig(address)
	if err != nil {
		return nil, "it is not understood"
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "headgate"
	}
	return config, ""
}

// Deliver writes the events in one transaction. When one of them is wrong, it is found by halving.
func (d *Driver) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	return tables.Deliver(ctx, batch, d.write)
}

// write commits the events, or none of them. A table that vanished, or was changed, is looked at again once.
func (d *Driver) write(ctx context.Context, batch []destinations.Sending) tables.Result {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	err := d.preparer.Write(ctx, d.isStale, func() error {
		return d.with(ctx, func(conn *pgx.Conn) error { return d.insert(ctx, conn, batch) })
	})
	v := tables.Judge(err, blame)
	if err != nil {
		v.Why = words(err)
	}
	return tables.Result{Verdict: v}
}

// isStale is isGone; the partitions that are known are forgotten with the tables.
func (d *Driver) isStale(err error) bool {
	if !isGone(err) {
		return false
	}
	if d.events.months != nil {
		d.events.months.forget()
	}
	return true
}

func (d *Driver) insert(ctx context.Context, conn *pgx.Conn, batch []destinations.Sending) error {
	events, decided := tables.Rows(batch, d.decisions != nil)
	if d.events.months != nil && d.preparer.Schema == "manage" {
		if err := d.events.months.ensure(ctx, conn, d.events.name, events, d.now()); err != nil {
			return err
		}
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := d.events.insert(ctx, tx, events); err != nil || len(decided) == 0 {
			return err
		}
		if err := d.decisions.insert(ctx, tx, decided); err != nil {
			return &tables.Unprepared{Err: err} // what was decided is no event's fault
		}
		return nil
	})
}

// DDL is what makes the tables. Partitions are made as they are needed where schema is manage.
func (d *Driver) DDL() []string {
	all := d.preparer.DDL()
	if d.events.months == nil {
		return all
	}
	rest := append(pgx.Identifier(nil), d.events.name...)
	rest[len(rest)-1] += "_other"
	return slices.Insert(all, 1, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s PARTITION OF %s DEFAULT", rest.Sanitize(), d.events.name.Sanitize()))
}
