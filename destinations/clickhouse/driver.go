// Package clickhouse is the driver that keeps events as rows of a ClickHouse table, over its HTTP interface.
//
// It promises that an event is delivered only when the server has stored it, and that one which is written twice is read once: a
// batch is named in its insert, so that the server drops it when it comes again, and the table replaces rows of the same id. It
// makes the table and widens it where `schema: manage` lets it, and never changes or removes a column or a row that is there,
// but for a person's rows when Erase is asked to.
package clickhouse

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"time"

	"headgate/destinations"
	"headgate/destinations/rows"
	"headgate/destinations/tables"
	"headgate/document"
)

// Driver writes to one table of events and, where they are wanted, one of decisions.
type Driver struct {
	server    server
	cluster   string // "" for one server
	async     bool
	preparer  tables.Preparer
	events    table[destinations.Sending]
	decisions *table[rows.Decision] // nil when they are not wanted
}

// NewDriver checks the settings of clickhouse.yaml; Deliver is the first to connect to the server.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	set := o.Settings
	address, err := url.Parse(set.Text("url"))
	if err != nil || address.Hostname() == "" {
		var ms document.Mistakes
		ms.Add(set.Place("url"), "url: it is not an address", "write it as https://host:8443")
		return nil, ms
	}
	timeout := cmp.Or(o.Written.Timeout.Std(), slowly)
	reader := &http.Client{Transport: &http.Transport{DialContext: o.Dial, MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second, ResponseHeaderTimeout: timeout},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	client := *reader
	client.Timeout = timeout
	d := &Driver{
		server:  server{address: *address, user: set.Text("user"), password: set.Text("password"), database: set.Text("database"), client: &client, reader: reader},
		cluster: set.Text("cluster"), preparer: tables.Preparer{Schema: set.Text("schema"), Widened: o.Widened},
	}
	d.async, _ = set.Value("async").Bool()
	d.events = eventTable(set.Text("database"), set.Text("table"), rows.Events(o.Columns))
	d.preparer.Tables = []tables.Definition{d.events.definition(&d.server, d.cluster)}
	if wanted, _ := set.Value("decisions").Bool(); wanted {
		t := decisionTable(set.Text("database"), set.Text("table")+"_decisions", rows.Decisions())
		d.decisions = &t
		d.preparer.Tables = append(d.preparer.Tables, t.definition(&d.server, d.cluster))
	}
	return d, nil
}

// slowly is how long an answer may take where the entry says nothing else: an idle service starts with the first request.
const slowly = 2 * time.Minute

// Pace asks for few large inserts rather than many small ones: the server merges what is inserted.
func (d *Driver) Pace(p destinations.Delivery) destinations.Delivery {
	p.Events, p.Wait, p.AtOnce = 10_000, 5*time.Second, 2
	return p
}

// Deliver inserts the events. One that the server cannot take is a dead letter, and the others are inserted without it.
func (d *Driver) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	return tables.Deliver(ctx, batch, d.write)
}

// write inserts events and what was decided about them. A table that vanished, or was changed, is looked at again once.
func (d *Driver) write(ctx context.Context, batch []destinations.Sending) tables.Result {
	err := d.preparer.Write(ctx, isGone, func() error { return d.insert(ctx, batch) })
	v := tables.Judge(err, blame)
	if at := rowOf(err, len(batch)); v.Kind == destinations.Reject && at >= 0 {
		return tables.Result{Wrong: map[int]destinations.Verdict{at: v}}
	}
	return tables.Result{Verdict: v, Split: isTooLarge(err)}
}

func (d *Driver) insert(ctx context.Context, batch []destinations.Sending) error {
	events, decided := tables.Rows(batch, d.decisions != nil)
	token := destinations.BatchName(batch)
	err := store(ctx, d, &d.events, events, token)
	if err != nil || len(decided) == 0 {
		return err
	}
	if err := store(ctx, d, d.decisions, decided, token); err != nil {
		return &tables.Unprepared{Err: err} // what was decided is no event's fault
	}
	return nil
}

// store inserts rows. What a server does by default has changed more than once, so everything that matters is said:
// https://clickhouse.com/docs/operations/settings/settings
func store[T any](ctx context.Context, d *Driver, t *table[T], list []*T, token string) error {
	settings := map[string]string{
		"async_insert": "0", "input_format_skip_unknown_fields": "0", "input_format_null_as_default": "1", "date_time_input_format": "best_effort",
	}
	if d.async {
		settings["async_insert"], settings["wait_for_async_insert"], settings["async_insert_deduplicate"] = "1", "1", "1"
	}
	if token != "" {
		settings["insert_deduplication_token"] = token
	}
	return d.server.insert(ctx, "INSERT INTO "+t.name+" ("+tables.Quoted(tables.Names(t.columns), quote)+") FORMAT JSONEachRow", settings, rows.Lines(t.columns, list, rows.Form{}))
}

// DDL is what makes the tables.
func (d *Driver) DDL() []string { return d.preparer.DDL() }

// Close lets connections go.
func (d *Driver) Close(context.Context) error {
	d.server.client.CloseIdleConnections()
	return nil
}
