// Package databricks is the driver that keeps events as rows of a Delta table of Databricks: each batch is some Parquet files in a volume,
// which COPY INTO loads.
//
// It promises that an event is delivered only when its file was loaded, and that a batch which comes again is there once: its files have the
// same names, and COPY INTO loads a name once. A file is removed when it was loaded. The driver makes the table and widens it where `schema:
// manage` lets it, and never changes or removes a column or a row that is there, but for a person's rows when Erase is asked to.
package databricks

import (
	"cmp"
	"context"
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
	workspace workspace
	folder    string // of the volume
	preparer  tables.Preparer
	events    table[destinations.Sending]
	decisions *table[rows.Decision] // nil when they are not wanted
	now       func() time.Time
}

// slowly is how long an answer may take where the entry says nothing else: a statement is waited for half a minute.
const slowly = 2 * time.Minute

// NewDriver checks the settings of databricks.yaml; Deliver is the first to connect.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	set := o.Settings
	var ms document.Mistakes
	if set.Text("token") == "" && (set.Text("client_id") == "" || set.Text("client_secret") == "") {
		ms.Add(set.Place("client_id"), "neither a service principal nor a token is filled in", "write client_id and client_secret, or token")
	}
	name := strings.Split(set.Text("table"), ".")
	if len(name) != 3 || strings.Contains(set.Text("table"), "`") || name[0] == "" || name[1] == "" || name[2] == "" {
		ms.Add(set.Place("table"), "table: expected a catalog, a schema and a table", "write it as main.analytics.events")
	}
	volume := strings.TrimSuffix(set.Text("volume"), "/")
	if !strings.HasPrefix(volume, "/Volumes/") || strings.Count(volume, "/") < 4 || strings.ContainsAny(volume, "'\\") || strings.Contains(volume, "..") {
		ms.Add(set.Place("volume"), "volume: expected the path of a volume", "write it as /Volumes/main/analytics/headgate")
	}
	if len(ms) > 0 {
		return nil, ms
	}
	client, address := &rest.Client{HTTP: rest.NewHTTP(o.Dial, cmp.Or(o.Written.Timeout.Std(), slowly))}, strings.TrimSuffix(set.Text("url"), "/")
	authorize(client, address, set.Text("client_id"), set.Text("client_secret"), set.Text("token"), o.Now)
	d := &Driver{name: o.Name, folder: volume + "/" + safe(o.Name), now: o.Now, preparer: tables.Preparer{Schema: set.Text("schema"), Widened: o.Widened},
		workspace: workspace{client: client, address: address, warehouse: set.Text("warehouse"), pause: rest.Pause},
	}
	d.events = newTable(&d.workspace, name, rows.Events(o.Columns))
	d.preparer.Tables = []tables.Definition{d.events.definition()}
	if wanted, _ := set.Value("decisions").Bool(); wanted {
		t := newTable(&d.workspace, []string{name[0], name[1], name[2] + "_decisions"}, rows.Decisions())
		d.decisions = &t
		d.preparer.Tables = append(d.preparer.Tables, t.definition())
	}
	return d, nil
}

// safe is a name as a folder is called.
func safe(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, name)
}

// Pace asks for few loads: each wakes the SQL warehouse.
func (d *Driver) Pace(p destinations.Delivery) destinations.Delivery {
	p.Events, p.Wait, p.AtOnce = 100_000, 10*time.Minute, 1
	return p
}

// Deliver loads the events.
func (d *Driver) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	verdicts := make([]destinations.Verdict, len(batch))
	v := d.DeliverEvents(ctx, destinations.All(batch))
	for i := range verdicts {
		verdicts[i] = v
	}
	return verdicts
}

// DeliverEvents is Deliver for a batch of any size. It reads the events once for their name and once for each table.
func (d *Driver) DeliverEvents(ctx context.Context, events destinations.Events) destinations.Verdict {
	return tables.Judge(d.preparer.Write(ctx, isGone, func() error { return d.load(ctx, events) }), blame)
}

// DDL is what makes the tables.
func (d *Driver) DDL() []string { return d.preparer.DDL() }

// Close lets connections go.
func (d *Driver) Close(context.Context) error {
	d.workspace.client.HTTP.CloseIdleConnections()
	return nil
}
