// Package parquet is the driver that keeps events as Parquet files in a local folder, for DuckDB, ClickHouse, Spark,
// BigQuery and the like.
//
// It promises that a file is complete and synced before it has a name that ends in .parquet, and that an event is delivered
// only when its file is: so Write returns when the files that took its events were closed, by rows, size or time. An
// event is in the folder twice only if the process died between a file getting its name and the verdict being recorded.
// The driver never changes or removes a file that has its name.
package parquet

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/parquet-go/parquet-go"

	"headgate/event"
)

// Archive writes rows of one table to the files of one folder. Any number of goroutines may write at once.
type Archive[T any] struct {
	settings  Settings
	partition partition
	table     table[T]
	codec     *codec
	writer    string // in the names of files: no two writers share it

	mu      sync.Mutex
	swept   bool             // what a crash left behind was removed
	open    map[string]*file // by the folder of their partition
	rows    rows
	files   int         // files begun, also in their names
	backlog *time.Timer // fires when no further call fills the files
	closed  bool
	running sync.WaitGroup // files not yet done
}

// Settings are what a person chooses about the archive.
type Settings struct {
	To        string        // folder; it is made with the first file
	Rows      int           // a file is closed after this many rows
	Bytes     int64         // or when it is about this large
	Wait      time.Duration // or this long after its first row
	Partition string        // date, hour or none
	// Batch is how many events a full call of Write has. One that is full says that more events wait, so when no other call
	// follows, all callers are already waiting for their own files, and these are closed at once. 0 when it is unknown.
	Batch int
	Now   func() time.Time
}

const (
	openFiles = 16                     // partitions written at the same time, as a replay of many days would
	chunk     = 256                    // events turned into rows before they are written
	patience  = 100 * time.Millisecond // how long after a full call another one is expected
)

// table says what one T is in a file.
type table[T any] struct {
	schema   *parquet.Schema
	add      func(*rows, T)
	received func(T) time.Time
}

// New returns an archive of events. Its folder is first touched by Write.
func New(s Settings) *Archive[*event.Event] {
	return newArchive(s, table[*event.Event]{newSchema(), (*rows).add, func(e *event.Event) time.Time { return e.Received }})
}

func newArchive[T any](s Settings, t table[T]) *Archive[T] {
	by, ok := partitions[s.Partition]
	if !ok {
		panic("BUG: no partition " + s.Partition)
	}
	return &Archive[T]{settings: s, partition: by, table: t, codec: newCodec(),
		writer: strings.ToLower(rand.Text()[:8]), open: map[string]*file{}}
}

// errClosed is why a closed archive takes nothing.
var errClosed = errors.New("the archive is being closed")

// Write writes the events and waits until their files are complete. The error of an event's file stands at the
// event's place, nil when the file is complete. When ctx ends, files that still wait for more are closed as they are.
func (a *Archive[T]) Write(ctx context.Context, events []T) []error {
	errs := make([]error, len(events))
	files := make([]*file, len(events))
	a.mu.Lock()
	ready := a.appendLocked(events, files, errs)
	a.expectMoreLocked(len(events))
	a.mu.Unlock()
	for _, f := range ready {
		f.finish()
	}
	for i, f := range files {
		if f == nil {
			continue
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			a.finish(f)
		}
		errs[i] = f.err
	}
	return errs
}

// expectMoreLocked ensures that files are closed when a full call is not followed by another.
func (a *Archive[T]) expectMoreLocked(events int) {
	if a.backlog != nil {
		a.backlog.Stop()
		a.backlog = nil
	}
	if a.settings.Batch > 0 && events >= a.settings.Batch && len(a.open) > 0 {
		a.backlog = time.AfterFunc(patience, a.finishAll)
	}
}

// appendLocked puts each event into the open file of its partition, notes at its place which file that is or why there is none,
// and returns the files that are ready to be finished.
func (a *Archive[T]) appendLocked(events []T, files []*file, errs []error) (ready []*file) {
	for from := 0; from < len(events); {
		folder := a.folder(events[from])
		to := from + 1
		for to < len(events) && to-from < chunk && a.folder(events[to]) == folder {
			to++
		}
		f, err := a.fileOfLocked(folder, &ready)
		if err == nil {
			to = min(to, from+a.settings.Rows-f.rows)
			a.rows.reset()
			for _, e := range events[from:to] {
				a.table.add(&a.rows, e)
			}
			f.broken = f.write(a.rows.list)
			if f.broken != nil || f.rows >= a.settings.Rows || f.w.Size() >= a.settings.Bytes {
				ready = append(ready, a.detachLocked(f))
			}
		}
		for ; from < to; from++ {
			files[from], errs[from] = f, err
		}
	}
	return ready
}

// folder is where an event belongs. It depends on when the event was received, not on the visitor's clock: so a folder is
// complete soon after its time, and nobody can make folders in the far past or future.
func (a *Archive[T]) folder(e T) string {
	t := a.table.received(e)
	if t.IsZero() {
		t = a.settings.Now()
	}
	return a.partition(t.UTC())
}

// fileOfLocked returns the open file of a partition, a new one when there is none.
func (a *Archive[T]) fileOfLocked(folder string, ready *[]*file) (*file, error) {
	if a.closed {
		return nil, errClosed
	}
	if f := a.open[folder]; f != nil {
		return f, nil
	}
	if len(a.open) >= openFiles {
		*ready = append(*ready, a.detachLocked(a.oldestLocked()))
	}
	if !a.swept {
		if err := sweep(a.settings.To); err != nil {
			return nil, fmt.Errorf("remove what a crash left unfinished: %w", err)
		}
		a.swept = true
	}
	a.files++
	name := fmt.Sprintf("%s-%s-%06d.parquet", a.settings.Now().UTC().Format("20060102T150405Z"), a.writer, a.files)
	f, err := create(filepath.Join(a.settings.To, folder, name), a.table.schema, a.codec)
	if err != nil {
		return nil, err
	}
	f.partition, f.number = folder, a.files
	a.open[folder] = f
	a.running.Add(1)
	f.onDone = a.running.Done
	f.timer = time.AfterFunc(a.settings.Wait, func() { a.finish(f) })
	return f, nil
}

func (a *Archive[T]) oldestLocked() (oldest *file) {
	for _, f := range a.open {
		if oldest == nil || f.number < oldest.number {
			oldest = f
		}
	}
	return oldest
}

// detachLocked removes a file from those that take events.
func (a *Archive[T]) detachLocked(f *file) *file {
	if a.open[f.partition] == f {
		delete(a.open, f.partition)
	}
	return f
}

func (a *Archive[T]) finish(f *file) {
	a.mu.Lock()
	a.detachLocked(f)
	a.mu.Unlock()
	f.finish()
}

// finishAll completes all files.
func (a *Archive[T]) finishAll() {
	a.mu.Lock()
	all := make([]*file, 0, len(a.open))
	for _, f := range a.open {
		all = append(all, a.detachLocked(f))
	}
	a.mu.Unlock()
	for _, f := range all {
		f.finish()
	}
}

// Close completes all files and returns when they are. What is written afterwards fails.
func (a *Archive[T]) Close() {
	a.mu.Lock()
	a.closed = true
	a.expectMoreLocked(0)
	a.mu.Unlock()
	a.finishAll()
	a.running.Wait()
}

// partition names the folder, below the archive's, of what was received at t.
type partition func(t time.Time) string

// partitions are the choices of the setting. Folders are named as Hive does, so that engines see the columns date and hour.
var partitions = map[string]partition{
	"date": func(t time.Time) string { return t.Format("date=2006-01-02") },
	"hour": func(t time.Time) string { return t.Format("date=2006-01-02/hour=15") },
	"none": func(time.Time) string { return "" },
}

// misplaced reports whether an error will stay until a person changes the settings or the folder's owner.
func misplaced(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR) ||
		errors.Is(err, errNoFolder)
}
