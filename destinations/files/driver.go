// Package files is what the drivers share that write files: into a local folder or into object storage that speaks S3's protocol.
//
// It promises that a file is there as a whole or not at all, that an event is delivered only when its file is, and that a batch
// which is delivered again after a crash replaces its own files: a file is named by the events in it (destinations.BatchName).
// It never changes or removes another file. What a file looks like inside is the Format's.
package files

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"
	"time"

	"headgate/destinations"
	"headgate/destinations/rows"
	"headgate/document"
	"headgate/event"
)

// Format is a kind of files.
type Format struct {
	Extension   string // with its dot
	ContentType string
	Events      func([]rows.Column[destinations.Sending]) Encoder[destinations.Sending]
	Decisions   func([]rows.Column[destinations.DecisionRow]) Encoder[destinations.DecisionRow]
	// Read calls fn with the rows of a file of events in their order, until fn returns false.
	Read func(file []byte, fn func(row event.Map) bool) error
	// Mentions reports whether a column of a local file of events has somebody's value.
	Mentions func(path, column string, p destinations.Person) (bool, error)
}

// Encoder makes a file of the first of some rows, as many as fit into about size bytes and at least one; n is how many. The same
// rows make the same bytes. It may be called by several goroutines at once.
type Encoder[T any] func(list []*T, size int64) (file []byte, n int, err error)

// Driver writes the files of one destination.
type Driver struct {
	format    Format
	store     store
	folder    partition
	events    Encoder[destinations.Sending]
	decisions Encoder[destinations.DecisionRow] // nil when they are not wanted
	rows      int                               // most of a file
	size      int64                             // bytes that a file has about at most
	wait      time.Duration
	manifest  bool
	now       func() time.Time
}

// store is where files go.
type store interface {
	// put stores a file as a whole or not at all; one that has its name is replaced. key is a path with slashes.
	put(ctx context.Context, key, contentType string, body []byte) error
	// get returns a file, list the keys of all of them in any order.
	get(ctx context.Context, key string) ([]byte, error)
	list(ctx context.Context) ([]string, error)
	// blame is whose fault an error of put is: Retry or Halt.
	blame(error) destinations.Kind
	// address is a file's, as loaders write it.
	address(key string) string
	close()
}

// NewDriver judges the settings; files and connections are first touched by Deliver.
func NewDriver(o destinations.DriverOptions, f Format) (destinations.Driver, document.Mistakes) {
	var ms document.Mistakes
	d := &Driver{format: f, wait: o.Settings.Duration("wait"), now: o.Now, events: f.Events(rows.Events(o.Columns))}
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
	v := destinations.Verdict{Kind: destinations.Delivered}
	if err := d.write(ctx, batch); err != nil {
		v = destinations.Verdict{Kind: d.store.blame(err), Why: "cannot store the file: " + err.Error()}
	}
	verdicts := make([]destinations.Verdict, len(batch))
	for i := range verdicts {
		verdicts[i] = v
	}
	return verdicts
}

func (d *Driver) write(ctx context.Context, batch []destinations.Sending) error {
	name := d.name(batch)
	var decided []*destinations.DecisionRow
	events := make([]*destinations.Sending, len(batch))
	for i := range batch {
		events[i] = &batch[i]
		if d.decisions != nil {
			decided = append(decided, batch[i].Decisions()...)
		}
	}
	stored, err := put(ctx, d, d.events, "", name, events, func(s *destinations.Sending) string { return d.folder.of(s, d.now) })
	if err == nil {
		_, err = put(ctx, d, d.decisions, "decisions", name, decided, func(r *destinations.DecisionRow) string { return d.folder.day(r.Received, d.now) })
	}
	if err == nil && d.manifest {
		err = d.store.put(ctx, "_manifest/"+name+".json", "application/json", manifestOf(name, stored))
	}
	return err
}

// name is that of a batch's files, without folder and extension: the time of receipt of its first event, so that names sort by time,
// and the batch's own name.
func (d *Driver) name(batch []destinations.Sending) string {
	first := batch[0].Event.Received
	if first.IsZero() {
		first = d.now()
	}
	name := destinations.BatchName(batch)
	if name == "" {
		name = strings.ToLower(rand.Text())
	}
	return first.UTC().Format(nameTime) + "-" + name
}

// nameTime is how a file's name begins.
const nameTime = "20060102T150405Z"

// put stores rows below a folder: a file for each partition, and several where they would be too large.
func put[T any](ctx context.Context, d *Driver, encode Encoder[T], below, name string, list []*T, folder func(*T) string) (stored []entry, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	for _, part := range split(list, folder) {
		for number := 0; len(part.list) > 0; number++ {
			body, n, err := encode(part.list[:min(len(part.list), d.rows)], d.size)
			if err != nil {
				return nil, err
			}
			key := join(below, part.folder, name)
			if number > 0 {
				key += "-" + strconv.Itoa(number)
			}
			key += d.format.Extension
			if err := d.store.put(ctx, key, d.format.ContentType, body); err != nil {
				return nil, err
			}
			stored = append(stored, entryOf(d.store.address(key), body, n))
			part.list = part.list[n:]
		}
	}
	return stored, nil
}

func join(parts ...string) string {
	var path []string
	for _, p := range parts {
		if p != "" {
			path = append(path, p)
		}
	}
	return strings.Join(path, "/")
}

// part is what goes into one folder.
type part[T any] struct {
	folder string
	list   []*T
}

// split sorts rows into folders, in the order in which these come first.
func split[T any](list []*T, folder func(*T) string) (parts []part[T]) {
	known := map[string]int{}
	for _, row := range list {
		f := folder(row)
		i, there := known[f]
		if !there {
			i = len(parts)
			known[f] = i
			parts = append(parts, part[T]{folder: f})
		}
		parts[i].list = append(parts[i].list, row)
	}
	return parts
}

// Close lets connections go.
func (d *Driver) Close(context.Context) error {
	d.store.close()
	return nil
}
