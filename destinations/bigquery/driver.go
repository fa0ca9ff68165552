// Package bigquery is the driver that keeps events as rows of a BigQuery table, over its REST interface: streamed within seconds, or
// loaded by jobs within minutes, which costs nothing.
//
// It promises that an event is delivered only when BigQuery has stored it. A load that comes again is recognized by the job's id, which
// is made of its batch; a streamed row that comes again by its event's id, for about a minute: later it is there twice, and the view
// once hides that. The driver makes the dataset and the table and widens it where `schema: manage` lets it, and never changes or removes a
// column or a row that is there, but for a person's rows when Erase is asked to.
package bigquery

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"headgate/destinations"
	"headgate/destinations/google"
	"headgate/destinations/rest"
	"headgate/destinations/rows"
	"headgate/destinations/tables"
	"headgate/document"
)

// Driver writes to one table of events and, where they are wanted, one of decisions.
type Driver struct {
	name      string // of the destination
	service   service
	loads     bool
	preparer  tables.Preparer
	events    table[destinations.Sending]
	decisions *table[rows.Decision] // nil when they are not wanted
	now       func() time.Time
	pause     func(context.Context, time.Duration) error

	mu      sync.Mutex
	changed time.Time // when we last made or widened a table
}

const (
	// BigQuery writes some minutes of metadata behind: a table that was made is not found, and a column not known.
	lag      = 10 * time.Minute
	lagAgain = 30 * time.Second // how long to wait meanwhile
	scope    = "https://www.googleapis.com/auth/bigquery"
	slowly   = time.Minute // how long an answer may take where the entry says nothing else
)

// NewDriver checks the settings of bigquery.yaml; Deliver is the first to connect.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	set := o.Settings
	var ms document.Mistakes
	key := set.Text("service_account")
	if key != "" {
		if fact, cure := google.Check(key); fact != "" {
			ms.Add(set.Place("service_account"), "service_account: "+fact, cure)
			return nil, ms
		}
	}
	client := rest.NewHTTP(o.Dial, cmp.Or(o.Written.Timeout.Std(), slowly))
	credentials := google.New(google.Options{Key: key, Scope: scope, TokenURL: set.Text("token_url"), Client: client, Now: o.Now})
	d := &Driver{name: o.Name, loads: set.Text("mode") == "load", now: o.Now, pause: rest.Pause,
		preparer: tables.Preparer{Schema: set.Text("schema"), Widened: o.Widened},
		service: service{client: &rest.Client{HTTP: client, Authorize: credentials.Bearer, Forget: credentials.Forget},
			address: strings.TrimSuffix(set.Text("endpoint"), "/"), project: set.Text("project"), dataset: set.Text("dataset"), location: set.Text("location")},
	}
	d.events = eventTable(&d.service, set.Text("table"), rows.Events(o.Columns))
	d.preparer.Tables, d.preparer.Changed = []tables.Definition{d.events.definition()}, d.touched
	if wanted, _ := set.Value("decisions").Bool(); wanted {
		t := decisionTable(&d.service, set.Text("table")+"_decisions", rows.Decisions())
		d.decisions = &t
		d.preparer.Tables = append(d.preparer.Tables, t.definition())
	}
	return d, nil
}

// Pace asks for requests of the size that BigQuery advises, or for loads that are seldom enough for its quota of 1,500 a day and table:
// https://cloud.google.com/bigquery/quotas
func (d *Driver) Pace(p destinations.Delivery) destinations.Delivery {
	p.Events, p.Wait, p.AtOnce = 500, time.Second, 4
	if d.loads {
		p.Events, p.Wait, p.AtOnce = 50_000, 2*time.Minute, 1
	}
	return p
}

// Deliver stores the events. One that BigQuery cannot take is a dead letter, and the others are stored without it.
func (d *Driver) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	return tables.Deliver(ctx, batch, d.write)
}

// write stores events and what was decided about them. A table that vanished, or was changed, is looked at again once.
func (d *Driver) write(ctx context.Context, batch []destinations.Sending) (got tables.Result) {
	err := d.preparer.Write(ctx, func(err error) bool { return isGone(err) && !d.lagging() }, func() (err error) {
		got, err = d.store(ctx, batch)
		return err
	})
	switch {
	case len(got.Wrong) > 0:
		return got
	case isGone(err) && d.lagging():
		return tables.Result{Verdict: destinations.Verdict{Kind: destinations.Retry, Why: err.Error(), After: lagAgain}}
	}
	return tables.Result{Verdict: tables.Judge(err, blame), Split: isTooMuch(err)}
}

func (d *Driver) store(ctx context.Context, batch []destinations.Sending) (tables.Result, error) {
	events, decided := tables.Rows(batch, d.decisions != nil)
	if d.loads {
		name := destinations.BatchName(batch)
		err := load(ctx, d, &d.events, events, name)
		if err == nil && len(decided) > 0 {
			err = load(ctx, d, d.decisions, decided, name)
		}
		return tables.Result{}, err
	}
	wrong, err := stream(ctx, d, &d.events, events)
	if err == nil && len(wrong) == 0 && len(decided) > 0 {
		err = streamDecisions(ctx, d, decided)
	}
	return tables.Result{Wrong: wrong}, err
}

// touched notes that a table was made or widened.
func (d *Driver) touched() {
	d.mu.Lock()
	d.changed = d.now()
	d.mu.Unlock()
}

// lagging reports whether a table of ours may not be known everywhere yet.
func (d *Driver) lagging() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.changed.IsZero() && d.now().Sub(d.changed) < lag
}

// DDL is what makes the dataset and the tables.
func (d *Driver) DDL() []string {
	return append([]string{d.service.createDataset()}, d.preparer.DDL()...)
}

// Close lets connections go.
func (d *Driver) Close(context.Context) error {
	d.service.client.HTTP.CloseIdleConnections()
	return nil
}
