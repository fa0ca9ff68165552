// Package snowflake is the driver that keeps events as rows of a Snowflake table, over Snowpipe Streaming's REST interface, which needs no
// warehouse; tables are made with the SQL API.
//
// It promises that an event is delivered only when Snowflake has committed it, and that a batch which comes again is there once: the
// offset token of a channel, which is committed with the rows, names the last batches. It makes the table and widens it where `schema:
// manage` lets it, and never changes or removes a column or a row that is there, but for a person's rows when Erase is asked to.
package snowflake

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"headgate/destinations"
	"headgate/destinations/rest"
	"headgate/destinations/rows"
	"headgate/destinations/tables"
	"headgate/document"
)

// Driver writes to one table of events and, where they are wanted, one of decisions.
type Driver struct {
	name      string // of the destination
	sql       sqlAPI
	ingest    *ingest
	preparer  tables.Preparer
	events    table[destinations.Sending]
	decisions *table[rows.Decision] // nil when they are not wanted
}

// slowly is how long an answer may take where the entry says nothing else: a statement is answered after 45 seconds at the latest.
const slowly = time.Minute

// NewDriver checks the settings of snowflake.yaml; Deliver is the first to connect.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	set := o.Settings
	var ms document.Mistakes
	address, err := url.Parse(set.Text("url"))
	if err != nil || address.Hostname() == "" {
		ms.Add(set.Place("url"), "url: it is not an address", "write it as https://ORGANISATION-ACCOUNT.snowflakecomputing.com")
	}
	if err := rest.CheckKey(set.Text("private_key"), set.Text("passphrase")); err != nil {
		ms.Add(set.Place("private_key"), "private_key: "+err.Error(), "make one with: openssl genrsa 2048 | openssl pkcs8 -topk8 -nocrypt -inform PEM -out key.p8")
	}
	name := strings.Split(strings.ToUpper(set.Text("table")), ".")
	if len(name) != 2 || name[0] == "" || name[1] == "" {
		ms.Add(set.Place("table"), "table: expected a schema and a table", "write it as public.events")
	}
	if len(ms) > 0 {
		return nil, ms
	}
	known := newIdentity(set.Text("account"), set.Text("user"), set.Text("private_key"), set.Text("passphrase"), o.Now)
	answer := cmp.Or(o.Written.Timeout.Std(), slowly)
	account := &rest.Client{HTTP: rest.NewHTTP(o.Dial, answer), Authorize: known.authorize, Forget: known.token.Forget}
	base := strings.TrimSuffix(address.String(), "/")
	place := place{database: strings.ToUpper(set.Text("database")), schema: name[0]}
	d := &Driver{name: o.Name, preparer: tables.Preparer{Schema: set.Text("schema"), Widened: o.Widened},
		sql:    sqlAPI{client: account, address: base, place: place, warehouse: set.Text("warehouse"), role: set.Text("role"), pause: rest.Pause},
		ingest: newIngest(account, base, place, rest.NewHTTP(o.Found, answer), o.Now),
	}
	d.events = newTable(&d.sql, name[1], rows.Events(o.Columns))
	d.preparer.Tables = []tables.Definition{d.events.definition()}
	if wanted, _ := set.Value("decisions").Bool(); wanted {
		t := newTable(&d.sql, name[1]+"_DECISIONS", rows.Decisions())
		d.decisions = &t
		d.preparer.Tables = append(d.preparer.Tables, t.definition())
	}
	return d, nil
}

// Pace asks for batches that are worth their wait: rows are committed some seconds after they are taken.
func (d *Driver) Pace(p destinations.Delivery) destinations.Delivery {
	p.Events, p.Wait, p.AtOnce = 10_000, 5*time.Second, 1
	return p
}

// Deliver stores the events. What is more than a request may have is sent in parts.
func (d *Driver) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	return tables.Deliver(ctx, batch, d.write)
}

// write stores events and what was decided about them. A table that vanished is looked at again once.
func (d *Driver) write(ctx context.Context, batch []destinations.Sending) tables.Result {
	err := d.preparer.Write(ctx, isGone, func() error { return d.store(ctx, batch) })
	got := tables.Result{Verdict: tables.Judge(err, func(err error) (destinations.Kind, time.Duration) { return blame(err, len(batch)) }), Split: isTooMuch(err)}
	if lost := (*dropped)(nil); errors.As(err, &lost) {
		// Halves would not tell which: the others are stored. Each of them is a dead letter, so that none is lost. Where a column was
		// removed by a person, the next batch finds it.
		d.preparer.Forget()
		got.Wrong = map[int]destinations.Verdict{}
		for i := range batch {
			got.Wrong[i] = got.Verdict
		}
	}
	return got
}

func (d *Driver) store(ctx context.Context, batch []destinations.Sending) error {
	events, decided := tables.Rows(batch, d.decisions != nil)
	name, writer := destinations.BatchName(batch), batch[0].Place.Writer
	err := store(ctx, d, &d.events, writer, name, events)
	if err == nil && len(decided) > 0 {
		err = store(ctx, d, d.decisions, writer, name, decided)
	}
	return err
}

// DDL is what makes the tables.
func (d *Driver) DDL() []string { return d.preparer.DDL() }

// Close lets connections go.
func (d *Driver) Close(context.Context) error {
	d.sql.client.HTTP.CloseIdleConnections()
	d.ingest.client.HTTP.CloseIdleConnections()
	return nil
}
