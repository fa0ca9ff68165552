package parquet

import (
	"cmp"
	"context"
	"strings"

	"headgate/destinations"
	"headgate/document"
	"headgate/event"
)

// Driver is the archive as a destination.
type Driver struct {
	archive   *Archive[*event.Event]
	decisions *Archive[*destinations.DecisionRow] // nil when they are not wanted
}

// NewDriver judges the settings of parquet.yaml; the folder is first touched by Deliver.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	var ms document.Mistakes
	s := Settings{
		To: o.Settings.Text("to"), Wait: o.Settings.Duration("wait"), Partition: o.Settings.Text("partition"),
		Batch: o.Delivery.Events, Now: o.Now,
	}
	if scheme, _, remote := strings.Cut(s.To, "://"); remote {
		ms.Add(o.Settings.Place("to"), "to: expected a local folder, not "+scheme+"://", "write ./data/archive, and let the storage's own tool copy the finished files")
	}
	rows, _ := o.Settings.Value("rows").Float()
	if s.Rows = int(rows); float64(s.Rows) != rows {
		ms.Add(o.Settings.Place("rows"), "rows: expected a whole number", "")
	}
	size, err := document.ParseSize(o.Settings.Text("size"))
	if err != nil || size <= 0 {
		ms.Add(o.Settings.Place("size"), "size: expected a size", "write it as 512KiB, 64MiB or 1GiB")
	}
	s.Bytes = int64(size)
	if s.Wait <= 0 {
		ms.Add(o.Settings.Place("wait"), "wait: a file must be closed at some time", "write it as 30s or 10m")
	}
	if len(ms) > 0 {
		return nil, ms
	}
	d := &Driver{archive: New(s)}
	if wanted, _ := o.Settings.Value("decisions").Bool(); wanted {
		d.decisions = newDecisions(s)
	}
	return d, nil
}

// Deliver returns when the files that hold the events are complete or have failed. A folder that cannot be written to needs
// a person; every other failure (a full disk, a folder that vanished) is retried.
func (d *Driver) Deliver(ctx context.Context, batch []destinations.Sending) []destinations.Verdict {
	events := make([]*event.Event, len(batch))
	for i := range batch {
		events[i] = batch[i].Event
	}
	decided := make(chan []error, 1)
	go func() { decided <- d.writeDecisions(ctx, batch) }()
	errs := d.archive.Write(ctx, events)
	undecided := <-decided
	verdicts := make([]destinations.Verdict, len(batch))
	for i, err := range errs {
		switch err = cmp.Or(err, undecided[i]); {
		case err == nil:
			verdicts[i].Kind = destinations.Delivered
		case misplaced(err):
			verdicts[i] = destinations.Verdict{Kind: destinations.Halt, Why: "cannot write the archive: " + err.Error()}
		default:
			verdicts[i] = destinations.Verdict{Kind: destinations.Retry, Why: "cannot write the archive: " + err.Error()}
		}
	}
	return verdicts
}

// writeDecisions writes the decisions about the events and returns for each event the first error.
func (d *Driver) writeDecisions(ctx context.Context, batch []destinations.Sending) []error {
	errs := make([]error, len(batch))
	if d.decisions == nil {
		return errs
	}
	var all []*destinations.DecisionRow
	var of []int // the event of each row
	for i := range batch {
		for _, row := range batch[i].Decisions() {
			all, of = append(all, row), append(of, i)
		}
	}
	for i, err := range d.decisions.Write(ctx, all) {
		errs[of[i]] = cmp.Or(errs[of[i]], err)
	}
	return errs
}

// Close completes all files.
func (d *Driver) Close(context.Context) error {
	d.archive.Close()
	if d.decisions != nil {
		d.decisions.Close()
	}
	return nil
}
