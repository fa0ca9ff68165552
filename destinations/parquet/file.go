package parquet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/parquet-go/parquet-go"
)

// file is one Parquet file while it grows. Until it is complete it has a name that no reader looks at (engines leave out
// names that begin with a dot); then it is synced, gets its name, and the folder is synced: after that it survives a
// power cut. done is closed once that succeeded or failed.
type file struct {
	path      string // its name when it is complete
	partition string // the folder below the archive's
	number    int    // of the writer's files
	temp      *os.File
	w         *parquet.GenericWriter[any]
	rows      int
	broken    error // of a write: it can no longer be completed
	timer     *time.Timer

	once   sync.Once
	onDone func() // called when it is done
	done   chan struct{}
	err    error // set before done is closed
}

// hidden and unfinished mark the name of a file that is not complete.
const (
	hidden     = "."
	unfinished = ".unfinished"
)

// These bound the memory that an open file takes.
const (
	pageBytes       = 64 << 10 // how much of a column is gathered before it is compressed
	dictionaryBytes = 64 << 10 // how long the list of a column's different texts grows before they are written one by one
	groupRows       = 10_000   // rows that are gathered, compressed, before they are written
)

func create(path string, schema *parquet.Schema, codec *codec) (*file, error) {
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	name := filepath.Join(filepath.Dir(path), hidden+filepath.Base(path)+unfinished)
	temp, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640) //nolint:gosec // a loader of the same group reads the archive
	if err != nil {
		return nil, err
	}
	if err := claim(temp); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", name, err), temp.Close(), os.Remove(name))
	}
	w := parquet.NewGenericWriter[any](temp, schema,
		parquet.Compression(codec),
		parquet.PageBufferSize(pageBytes),
		parquet.DictionaryMaxBytes(dictionaryBytes),
		parquet.MaxRowsPerRowGroup(groupRows),
		parquet.DataPageStatistics(true),
		parquet.CreatedBy("headgate", "", ""))
	return &file{path: path, temp: temp, w: w, done: make(chan struct{})}, nil
}

func (f *file) write(list []parquet.Row) error {
	n, err := f.w.WriteRows(list)
	f.rows += n
	if err == nil && n < len(list) {
		return fmt.Errorf("write %s: %d rows of %d", f.path, n, len(list))
	}
	return err
}

// finish completes the file, or removes it when that fails. No more may be written. It may be called more than once and
// concurrently; each call returns when the file is done.
func (f *file) finish() {
	f.once.Do(func() {
		f.timer.Stop()
		f.err = f.complete()
		close(f.done)
		f.onDone()
	})
}

func (f *file) complete() error {
	err := f.broken
	if err == nil {
		err = f.w.Close()
	}
	if err == nil {
		err = f.temp.Sync()
	}
	if err == nil {
		err = os.Rename(f.temp.Name(), f.path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(f.path))
	}
	if closed := f.temp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		// Whatever is left of it would be delivered twice, since its events are tried again.
		_ = os.Remove(f.temp.Name())
		_ = os.Remove(f.path)
	}
	return err
}

// errNoFolder is why nothing can be written below a path.
var errNoFolder = errors.New("there is a file of that name")

// makeFolder makes a folder and those above it, each synced into its parent.
func makeFolder(path string) error {
	if info, err := os.Stat(path); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("make folder %s: %w", path, errNoFolder)
		}
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := makeFolder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(parent)
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// sweep removes what a crash left unfinished below a folder. A file that its writer still holds (a second Headgate, or the
// previous plan that still drains after a reload) is left alone.
func sweep(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() || !strings.HasPrefix(name, hidden) || !strings.HasSuffix(name, unfinished) {
			return nil
		}
		left, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // the folder is the archive's own
		if err != nil {
			return err
		}
		defer left.Close()
		if claim(left) != nil {
			return nil
		}
		return os.Remove(path) //nolint:gosec // the folder is the archive's own
	})
}
