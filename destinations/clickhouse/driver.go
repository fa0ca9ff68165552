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
	"strconv"
	"sync"
	"time"

	"headgate/destinations"
	"headgate/destinations/rows"
	"headgate/document"
)

// Driver writes to one table of events and, where they are wanted, one of decisions.
type Driver struct {
	server    server
	cluster   string // "" for one server
	schema    string // manage, check or off
	async     bool
	events    table[destinations.Sending]
	decisions *table[destinations.DecisionRow] // nil when they are not wanted
	widened   func(table string, columns []string)

	mu       sync.Mutex
	prepared bool // the tables are there and have our columns
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
		cluster: set.Text("cluster"), schema: set.Text("schema"), widened: o.Widened,
	}
	d.async, _ = set.Value("async").Bool()
	d.events = eventTable(set.Text("database"), set.Text("table"), rows.Events(o.Columns))
	if wanted, _ := set.Value("decisions").Bool(); wanted {
		t := decisionTable(set.Text("database"), set.Text("table")+"_decisions", rows.Decisions())
		d.decisions = &t
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
	verdicts := make([]destinations.Verdict, len(batch))
	at := make([]int, len(batch))
	for i := range at {
		at[i] = i
	}
	d.deliver(ctx, batch, at, verdicts)
	return verdicts
}

// deliver inserts events; at says where the verdict of each belongs. It returns false when delivering others is pointless.
func (d *Driver) deliver(ctx context.Context, batch []destinations.Sending, at []int, verdicts []destinations.Verdict) bool {
	for len(batch) > 0 {
		err := d.insert(ctx, batch)
		v := verdictOf(err)
		wrong := rowOf(err, len(batch))
		switch {
		case v.Kind == destinations.Reject && wrong >= 0:
			verdicts[at[wrong]] = v
			batch, at = without(batch, wrong), without(at, wrong)
			continue
		case v.Kind == destinations.Reject && len(batch) > 1, isTooLarge(err) && len(batch) > 1:
			half := len(batch) / 2
			if d.deliver(ctx, batch[:half], at[:half], verdicts) {
				return d.deliver(ctx, batch[half:], at[half:], verdicts)
			}
			v, at = verdicts[at[half-1]], at[half:]
		}
		for _, i := range at {
			verdicts[i] = v
		}
		return v.Kind == destinations.Delivered || v.Kind == destinations.Reject
	}
	return true
}

// without returns a list without one element; the list itself stays as it is.
func without[T any](list []T, i int) []T {
	return append(append(make([]T, 0, len(list)-1), list[:i]...), list[i+1:]...)
}

// insert stores events and what was decided about them. A table that vanished, or was changed, is looked at again once.
func (d *Driver) insert(ctx context.Context, batch []destinations.Sending) error {
	err := d.insertOnce(ctx, batch)
	if isGone(err) {
		d.forget()
		err = d.insertOnce(ctx, batch)
	}
	return err
}

func (d *Driver) insertOnce(ctx context.Context, batch []destinations.Sending) error {
	if err := d.prepare(ctx); err != nil {
		return err
	}
	events := make([]*destinations.Sending, len(batch))
	var decided []*destinations.DecisionRow
	for i := range batch {
		events[i] = &batch[i]
		if d.decisions != nil {
			decided = append(decided, batch[i].Decisions()...)
		}
	}
	token := destinations.BatchName(batch)
	err := store(ctx, d, &d.events, events, token)
	if err == nil && len(decided) > 0 {
		err = store(ctx, d, d.decisions, decided, token)
	}
	return err
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
	var body []byte
	for _, row := range list {
		body = rows.AppendLine(body, t.columns, row, rows.Form{})
	}
	return d.server.insert(ctx, "INSERT INTO "+t.name+" ("+t.list()+") FORMAT JSONEachRow", settings, body)
}

// prepare makes or checks the tables, once.
func (d *Driver) prepare(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.prepared || d.schema == "off" {
		return nil
	}
	err := prepare(ctx, d, &d.events)
	if err == nil && d.decisions != nil {
		err = prepare(ctx, d, d.decisions)
	}
	d.prepared = err == nil
	return err
}

// forget makes the next insert look at the tables again.
func (d *Driver) forget() {
	d.mu.Lock()
	d.prepared = false
	d.mu.Unlock()
}

// Close lets connections go.
func (d *Driver) Close(context.Context) error {
	d.server.client.CloseIdleConnections()
	return nil
}

// missing is a table that lacks columns and may not be widened.
type missing struct {
	table   string
	columns []string
}

func (m *missing) Error() string {
	if len(m.columns) == 0 {
		return "there is no table " + m.table + "; make it with what `headgate warehouse ddl` prints, or write schema: manage"
	}
	return "the table " + m.table + " lacks " + strconv.Itoa(len(m.columns)) + " columns, the first is " + m.columns[0] +
		"; add them with what `headgate warehouse ddl` prints, or write schema: manage"
}
