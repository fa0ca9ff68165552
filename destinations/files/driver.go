// Package files is what the drivers share that write files: into a local folder or into object storage that speaks S3's protocol.
//
// It promises that a file is there as a whole or not at all, that an event is delivered only when its file is, and that a batch
// which is delivered again after a crash replaces its own files: a file is named by the events in it (destinations.BatchName).
// It never changes or removes another file. What a file looks like inside is the Format's.
package files

import (
	"context"
	"strings"
	"time"

	"headgate/destinations"
	"headgate/destinations/files/loaders"
	"headgate/destinations/rows"
	"headgate/document"
)

// Driver writes the files of one destination.
type Driver struct {
	target
	folder    partition
	events    NewWriter[destinations.Sending]
	decisions NewWriter[rows.Decision] // nil when they are not wanted
	wait      time.Duration
	manifest  bool
	now       func() time.Time
	columns   []loaders.Column // of events
	partition string           // as it is set
}

// NewDriver judges the settings; files and connections are first touched by Deliver.
func NewDriver(o destinations.DriverOptions, f Format) (destinations.Driver, document.Mistakes) {
	var ms document.Mistakes
	columns := rows.Events(o.Columns)
	d := &Driver{target: target{format: f}, wait: o.Settings.Duration("wait"), now: o.Now, events: f.Events(columns), partition: o.Settings.Text("partition")}
	for i := range columns {
		d.columns = append(d.columns, loaders.Column{Name: columns[i].Name, Type: columns[i].Type})
	}
	lines, _ := o.Settings.Value("rows").Float()
	if d.rows = int(lines); float64(d.rows) != lines {
		ms.Add(o.Settings.Place("rows"), "rows: expected a whole number", "")
	}
	size, err := document.ParseSize(o.Settings.Text("size"))
	if err != nil || size <= 0 {
		ms.Add(o.Settings.Place("size"), "size: expected a size", "write it as 512KiB, 64MiB or 1GiB")
	}
	d.size = int64(size)
	if d.wait <= 0 {
		ms.Add(o.Settings.Place("wait"), "wait: a file must be closed at some time", "write it as 30s or 10m")
	}
	var wrong document.Mistakes
	d.store, wrong = openStore(o)
	ms = append(ms, wrong...)
	d.folder, wrong = openPartition(o)
	ms = append(ms, wrong...)
	d.manifest, _ = o.Settings.Value("manifest").Bool()
	if wanted, _ := o.Settings.Value("decisions").Bool(); wanted {
		d.decisions = f.Decisions(rows.Decisions())
	}
	if len(ms) > 0 {
		return nil, ms
	}
	return d, nil
}

// openStore is the store that `to` names.
func openStore(o destinations.DriverOptions) (store, document.Mistakes) {
	to := o.Settings.Text("to")
	scheme, rest, remote := strings.Cut(to, "://")
	switch {
	case !remote:
		return openLocal(to), nil
	case scheme == "s3" || scheme == "gs":
		return openBucket(o, scheme, rest)
	}
	var ms document.Mistakes
	ms.Add(o.Settings.Place("to"), "to: no storage is known as "+scheme+"://", "write ./data/archive for a folder, s3://bucket/path or gs://bucket/path")
	return nil, ms
}

// Pace has a batch become a file: rows and wait say when one is full.
func (d *Driver) Pace(p destinations.Delivery) destinations.Delivery {
	p.Events, p.Wait, p.AtOnce = d.rows, d.wait, 2
	return p
}

// Deliver returns when the files that hold the events are stored. When one of them cannot be, all of the batch is tried again, and
// replaces what was stored of it.
func (d *Driver) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	v := d.DeliverEvents(ctx, destinations.All(batch))
	verdicts := make([]destinations.Verdict, len(batch))
	for i := range verdicts {
		verdicts[i] = v
	}
	return verdicts
}

// DeliverEvents is Deliver for a batch of any size. It reads the events once for each folder that they go into.
func (d *Driver) DeliverEvents(ctx context.Context, events destinations.Events) destinations.Verdict {
	if err := d.write(ctx, events); err != nil {
		return destinations.Verdict{Kind: d.store.blame(err), Why: "cannot store the file: " + err.Error()}
	}
	return destinations.Verdict{Kind: destinations.Delivered}
}

func (d *Driver) write(ctx context.Context, events destinations.Events) error {
	b, err := look(events, d.folder, d.now)
	if err != nil || b.empty {
		return err
	}
	stored, err := writeFolders(ctx, &d.target, b, d.events, "", &b.folders, func(s *destinations.Sending) []*destinations.Sending { return []*destinations.Sending{s} })
	if err == nil && d.decisions != nil {
		_, err = writeFolders(ctx, &d.target, b, d.decisions, "decisions", &b.decided, rows.DecisionsOf)
	}
	if err == nil && d.manifest {
		err = put(ctx, d.store, "_manifest/"+b.name+".json", "application/json", manifestOf(b.name, stored))
	}
	return err
}

// Loading is what makes another store load the files.
func (d *Driver) Loading(store string) ([]string, error) {
	return loaders.Statements(store, loaders.Files{Address: strings.TrimSuffix(d.store.address(""), "/"), Parquet: d.format.Extension == ".parquet",
		Partition: d.partition, Columns: d.columns})
}

// Close lets connections go.
func (d *Driver) Close(context.Context) error {
	d.store.close()
	return nil
}
