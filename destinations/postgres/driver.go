// Package postgres is the driver that keeps events as rows of one PostgreSQL table, and the decisions about them, where they are
// wanted, as rows of a second one.
//
// It promises that an event is delivered only when its transaction was committed, and that one which is written twice is
// there once, by its id. It makes the table and widens it by itself, and never changes or removes a column or a row that is
// there, but for a person's rows when Erase is asked to.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"headgate/destinations"
	"headgate/document"
)

// Driver writes events to one table. Its connections are opened as they are needed and kept.
type Driver struct {
	config    *pgx.ConnConfig
	events    table[destinations.Sending]
	decisions *table[destinations.DecisionRow] // nil when they are not wanted
	schema    string                           // manage, check or off
	timeout   time.Duration                    // of one transaction
	now       func() time.Time
	widened   func(table string, columns []string)
	idle      chan *pgx.Conn

	mu       sync.Mutex
	prepared bool // the tables are there and have our columns
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
	d := &Driver{config: config, events: eventTable(name, o.Columns, byMonth), schema: o.Settings.Text("schema"), now: o.Now, widened: o.Widened, timeout: o.Delivery.Timeout, idle: make(chan *pgx.Conn, max(o.Delivery.AtOnce, 1))}
	if wanted, _ := o.Settings.Value("decisions").Bool(); wanted {
		decisions := decisionTable(name)
		d.decisions = &decisions
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
	verdicts := make([]destinations.Verdict, len(batch))
	d.deliver(ctx, batch, verdicts)
	return verdicts
}

// deliver fills the verdicts of events. It returns false when delivering the others is pointless.
func (d *Driver) deliver(ctx context.Context, events []destinations.Sending, verdicts []destinations.Verdict) bool {
	if len(events) == 0 {
		return true
	}
	err := d.write(ctx, events)
	v := destinations.Verdict{Kind: destinations.Delivered}
	if err != nil {
		v = destinations.Verdict{Kind: blame(err), Why: words(err)}
	}
	if v.Kind == destinations.Reject && len(events) > 1 {
		half := len(events) / 2
		if d.deliver(ctx, events[:half], verdicts[:half]) {
			return d.deliver(ctx, events[half:], verdicts[half:])
		}
		events, v, verdicts = events[half:], verdicts[half-1], verdicts[half:]
	}
	for i := range events {
		verdicts[i] = v
	}
	return v.Kind == destinations.Delivered || v.Kind == destinations.Reject
}

// write commits the events, or none of them. A pooled connection may have been closed, and the table may have
// been dropped: neither means that the server is failing, so both are tried once more.
func (d *Driver) write(ctx context.Context, events []destinations.Sending) error {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	conn, kept, err := d.borrow(ctx)
	if err != nil {
		return err
	}
	err = d.insert(ctx, conn, events)
	if kept && err != nil && conn.IsClosed() && ctx.Err() == nil {
		if conn, err = pgx.ConnectConfig(ctx, d.config); err != nil {
			return err
		}
		err = d.insert(ctx, conn, events)
	}
	if isGone(err) {
		d.forget()
		err = d.insert(ctx, conn, events)
	}
	d.release(conn)
	return err
}

func (d *Driver) insert(ctx context.Context, conn *pgx.Conn, batch []destinations.Sending) error {
	if err := d.prepare(ctx, conn); err != nil {
		return err
	}
	events := make([]*destinations.Sending, len(batch))
	var decisions []*destinations.DecisionRow
	for i := range batch {
		events[i] = &batch[i]
		if d.decisions != nil {
			decisions = append(decisions, batch[i].Decisions()...)
		}
	}
	if d.events.months != nil && d.schema == "manage" {
		if err := d.events.months.ensure(ctx, conn, d.events.name, events, d.now()); err != nil {
			return err
		}
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		err := d.events.insert(ctx, tx, events)
		if err == nil && len(decisions) > 0 {
			err = d.decisions.insert(ctx, tx, decisions)
		}
		return err
	})
}

// prepare makes or checks the tables, once.
func (d *Driver) prepare(ctx context.Context, conn *pgx.Conn) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.prepared || d.schema == "off" {
		return nil
	}
	check := d.schema == "check"
	added, err := d.events.prepare(ctx, conn, check)
	d.tell(strings.Join(d.events.name, "."), added, err)
	if err == nil && d.decisions != nil {
		added, err = d.decisions.prepare(ctx, conn, check)
		d.tell(strings.Join(d.decisions.name, "."), added, err)
	}
	d.prepared = err == nil
	return err
}

// tell reports that a table was widened.
func (d *Driver) tell(table string, added []string, err error) {
	if err == nil && len(added) > 0 {
		d.widened(table, added)
	}
}

// DDL is what makes the tables. Partitions are made as they are needed where schema is manage.
func (d *Driver) DDL() []string {
	all := []string{d.events.create()}
	if d.events.months != nil {
		rest := append(pgx.Identifier(nil), d.events.name...)
		rest[len(rest)-1] += "_other"
		all = append(all, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s PARTITION OF %s DEFAULT", rest.Sanitize(), d.events.name.Sanitize()))
	}
	if d.decisions != nil {
		all = append(all, d.decisions.create())
	}
	return all
}

// forget makes the next transaction look at the table again.
func (d *Driver) forget() {
	d.mu.Lock()
	d.prepared = false
	d.mu.Unlock()
	if d.events.months != nil {
		d.events.months.forget()
	}
}

// borrow returns a connection that was kept, or a new one.
func (d *Driver) borrow(ctx context.Context) (conn *pgx.Conn, kept bool, err error) {
	select {
	case conn = <-d.idle:
		return conn, true, nil
	default:
		conn, err = pgx.ConnectConfig(ctx, d.config)
		return conn, false, err
	}
}

// release keeps a connection for the next transaction, unless it is broken or enough are kept.
func (d *Driver) release(conn *pgx.Conn) {
	if !conn.IsClosed() && conn.PgConn().TxStatus() == 'I' {
		select {
		case d.idle <- conn:
			return
		default:
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // it holds no data of ours
}

// Close closes the connections that are kept.
func (d *Driver) Close(ctx context.Context) error {
	var errs []error
	for {
		select {
		case conn := <-d.idle:
			errs = append(errs, conn.Close(ctx))
		default:
			return errors.Join(errs...)
		}
	}
}
