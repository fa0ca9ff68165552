// Package search is an index of the events in the log: by exact keys, by name, site, destination, state, reason and time.
//
// It promises that it is derived: everything in it was read from the log and can be read again, so it can be deleted at any
// time, and what is damaged is dropped and read again. It is bounded on disk, and holds places in the log and hashes; what identifies
// a person enters as a keyed hash, and leaves when that person is forgotten. It never says what became of an event, only where it is and
// what was decided when it came.
package search

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Key is what an event is found by exactly: the beginning of a hash.
type Key uint64

// Outcome is what was decided about an event for one destination when it came.
type Outcome struct {
	Destination string
	State       string // due, filtered or denied
	Reason      string
}

// Group is a group of the log.
type Group struct {
	Seq    uint64 // in the log; groups are added in the order of these
	Writer string
	Number uint64
	Time   time.Time
}

// Entry is an event of a group.
type Entry struct {
	Index    int // its place in the group
	Name     string
	Site     string
	Outcomes []Outcome // in the order of the destinations
	Keys     []Key
}

// Options are what an Index is opened with.
type Options struct {
	Folder string
	Most   int64 // bytes on disk, beyond which the oldest events are forgotten; 0: DefaultMost
	Logger *slog.Logger
}

// DefaultMost is how much room the index takes at most: about 15 million events.
const DefaultMost = 1 << 30

// Index is safe for concurrent use; one goroutine adds.
type Index struct {
	folder string
	most   int64
	logger *slog.Logger

	mu     sync.RWMutex
	sealed []*segment // oldest first
	open   *rows
}

// Open opens the index in a folder, which it makes. With anything damaged in it, all of it is dropped.
func Open(o Options) (*Index, error) {
	x := &Index{folder: o.Folder, most: o.Most, logger: o.Logger, open: newRows()}
	if x.most == 0 {
		x.most = DefaultMost
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the search index: %w", err)
	}
	entries, err := os.ReadDir(o.Folder)
	if err != nil {
		return nil, fmt.Errorf("list the search index: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(o.Folder, e.Name())
		if !strings.HasSuffix(e.Name(), suffix) {
			_ = os.Remove(path) // one that was being written
			continue
		}
		s, err := openSegment(path)
		if err != nil {
			x.logger.Error("the search index is damaged; it is made again from the log", "error", err)
			return x, x.drop()
		}
		x.sealed = append(x.sealed, s)
	}
	slices.SortFunc(x.sealed, func(a, b *segment) int { return strings.Compare(a.name(), b.name()) })
	return x, nil
}

// drop forgets everything.
func (x *Index) drop() error {
	for _, s := range x.sealed {
		_ = s.file.Close() // it was only read
	}
	x.sealed, x.open = nil, newRows()
	entries, err := os.ReadDir(x.folder)
	for _, e := range entries {
		err = errors.Join(err, os.Remove(filepath.Join(x.folder, e.Name())))
	}
	if err != nil {
		return fmt.Errorf("drop the search index: %w", err)
	}
	return nil
}

// Next is the sequence in the log of the first group that is not in the index, or lower.
func (x *Index) Next() uint64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if n := len(x.open.groups); n > 0 {
		return x.open.groups[n-1].Seq + 1
	}
	if n := len(x.sealed); n > 0 {
		return x.sealed[n-1].last + 1
	}
	return 1
}

// Add adds a group. It writes to disk when enough have come together.
func (x *Index) Add(g Group, entries []Entry) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.open.add(g, entries)
	if len(x.open.row) <= mostRows-largestGroup && len(x.open.groups) < mostRows {
		return nil
	}
	return x.seal()
}

// seal writes the open rows as a segment. The caller holds the mutex.
func (x *Index) seal() error {
	s, err := writeSegment(x.folder, x.open)
	if err != nil {
		return fmt.Errorf("write the search index: %w", err)
	}
	x.sealed, x.open = append(x.sealed, s), newRows()
	total := int64(0)
	for i := len(x.sealed) - 1; i >= 0; i-- {
		if total += x.sealed[i].size; total > x.most && i < len(x.sealed)-1 {
			return x.forgetFirst(i + 1)
		}
	}
	return nil
}

// Trim forgets the groups before a sequence: the log does not have them any more.
func (x *Index) Trim(first uint64) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := 0
	for n < len(x.sealed) && x.sealed[n].last < first {
		n++
	}
	return x.forgetFirst(n)
}

// forgetFirst drops the oldest segments. The caller holds the mutex.
func (x *Index) forgetFirst(n int) error {
	for _, s := range x.sealed[:n] {
		if err := s.remove(); err != nil {
			return fmt.Errorf("forget old events in the search index: %w", err)
		}
	}
	x.sealed = slices.Clone(x.sealed[n:])
	return nil
}

// Forget takes the events out that have one of the keys.
func (x *Index) Forget(keys []Key) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, s := range x.sealed {
		gone, err := s.withAny(keys)
		if err != nil {
			return err
		}
		if len(gone) == 0 {
			continue
		}
		all, err := s.load(true)
		if err != nil {
			return err
		}
		all.remove(gone)
		next, err := writeSegment(x.folder, all) // in the same file's place
		if err != nil {
			return fmt.Errorf("forget someone in the search index: %w", err)
		}
		_ = s.file.Close() // it was only read
		x.sealed[i] = next
	}
	x.open.remove(x.open.withAny(keys))
	return nil
}

// Close ends the use of the files. What was not written is read from the log again.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var errs []error
	for _, s := range x.sealed {
		errs = append(errs, s.file.Close())
	}
	x.sealed = nil
	return errors.Join(errs...)
}
