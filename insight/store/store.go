package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"headgate/document"
	"headgate/insight/count"
)

// Options are what a store is opened with.
type Options struct {
	Folder string
	Now    func() time.Time
	Logger *slog.Logger
}

// Store is the rows of one Headgate. All methods may be called from anywhere.
type Store struct {
	folder string
	now    func() time.Time
	logger *slog.Logger

	writing sync.Mutex // held by what changes files; taken before mu
	number  int        // of the newest file

	opening sync.RWMutex // held by readers while they open files, and by what removes some; taken before mu

	mu       sync.Mutex
	manifest manifest
	memory   *memory
	flushing *memory // is being written; nil when nothing is
	indexes  map[string]*index
}

// manifest says which files count, and how far in the log their rows reach. It is replaced as a whole.
type manifest struct {
	Version  int    `json:"version"`
	Number   int    `json:"number"` // of the newest file
	Position uint64 `json:"position"`
	Parts    []part `json:"parts"` // in the order in which they were written
}

const (
	manifestVersion = 1
	manifestFile    = "manifest.json"
)

// Open opens the store of a folder, made if necessary. Files that belong to nothing are removed.
func Open(o Options) (*Store, error) {
	st := &Store{folder: o.Folder, now: o.Now, logger: o.Logger, manifest: manifest{Version: manifestVersion}, indexes: map[string]*index{}}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of insight: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(o.Folder, manifestFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("read insight: %w", err)
	default:
		var m manifest
		if err := json.Unmarshal(text, &m); err != nil || m.Version != manifestVersion {
			o.Logger.Error("what insight has stored cannot be read by this version; it begins anew from the log; run headgate insight rebuild", "file", manifestFile)
		} else {
			st.manifest = m
		}
	}
	st.dropLost()
	st.memory, st.number = newMemory(st.manifest.Position), st.manifest.Number
	return st, st.tidy()
}

// dropLost forgets parts whose files are gone or cut off.
func (st *Store) dropLost() {
	st.manifest.Parts = slices.DeleteFunc(st.manifest.Parts, func(p part) bool {
		o, err := p.open(st.folder)
		if err == nil {
			err = o.Close()
		}
		if err != nil {
			st.logger.Error("a file of insight cannot be read: its events are not counted; run headgate insight rebuild", "file", p.File, "error", err)
		}
		return err != nil
	})
}

// tidy removes files that the manifest does not name, which a crash has left.
func (st *Store) tidy() error {
	entries, err := os.ReadDir(st.folder)
	if err != nil {
		return fmt.Errorf("read insight: %w", err)
	}
	named := map[string]bool{}
	for _, p := range st.manifest.Parts {
		named[p.File], named[noteOf(p.File)] = true, true
	}
	var errs []error
	for _, e := range entries {
		ours := filepath.Ext(e.Name()) == partSuffix || filepath.Ext(e.Name()) == noteSuffix || strings.HasPrefix(e.Name(), halfMade)
		if ours && !named[e.Name()] {
			errs = append(errs, os.Remove(filepath.Join(st.folder, e.Name())))
		}
	}
	return errors.Join(errs...)
}

// Position returns how far in the log the rows reach.
func (st *Store) Position() uint64 {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.memory.position
}

// Add adds events, which reach up to that position in the log. They are counted at once.
func (st *Store) Add(records []Record, position uint64) {
	st.mu.Lock()
	defer st.mu.Unlock()
	m := st.memory
	if len(records) > 0 {
		m.add(records, st.now())
	}
	m.position = position
}

// snapshot returns what there is now, in the order in which it arrived.
func (st *Store) snapshot() ([]part, []view) {
	st.mu.Lock()
	defer st.mu.Unlock()
	var views []view
	for _, m := range []*memory{st.flushing, st.memory} {
		if m != nil && m.size > 0 {
			views = append(views, m.view())
		}
	}
	return st.manifest.Parts, views
}

// Files names the files that have the rows of a day, UTC, which begins at a time in Unix milliseconds. As long as the answer is the same
// the rows are; it is false where rows of that day are in memory, which may change at any time.
func (st *Store) Files(since int64) (names []string, settled bool) {
	day := dayOf(since)
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, m := range []*memory{st.flushing, st.memory} {
		if m != nil && m.days[day] {
			return nil, false
		}
	}
	for _, p := range st.manifest.Parts {
		if p.Day == day {
			names = append(names, p.File)
		}
	}
	return names, true
}

// Days returns when the days that have files begin, in Unix milliseconds, oldest first.
func (st *Store) Days() (days []int64) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, p := range st.manifest.Parts {
		days = append(days, p.Day*count.Day)
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// commit puts a list of parts in force, and at the same moment what change does with mu held. The caller holds writing.
func (st *Store) commit(parts []part, position uint64, change func()) error {
	next := manifest{Version: manifestVersion, Number: st.number, Position: position, Parts: parts}
	text, err := json.Marshal(next)
	if err == nil {
		err = document.Replace(filepath.Join(st.folder, manifestFile), text)
	}
	if err != nil {
		return fmt.Errorf("write the list of insight's files: %w", err)
	}
	st.mu.Lock()
	old := st.manifest.Parts
	st.manifest = next
	change()
	for file := range st.indexes {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.File == file }) {
			delete(st.indexes, file)
		}
	}
	st.mu.Unlock()
	st.opening.Lock() // readers that know the old list have opened its files
	defer st.opening.Unlock()
	var errs []error
	for _, p := range old {
		if !slices.ContainsFunc(parts, func(q part) bool { return q.File == p.File }) {
			errs = append(errs, st.removePart(p.File))
		}
	}
	if err := errors.Join(errs...); err != nil {
		st.logger.Warn("files of insight that are no longer used were not removed", "error", err)
	}
	return nil
}

// newPart begins a file for a day. The caller holds writing.
func (st *Store) newPart(day int64) (*writer, error) {
	st.number++
	name := fmt.Sprintf("%s-%d"+partSuffix, time.UnixMilli(day*count.Day).UTC().Format(time.DateOnly), st.number)
	return newWriter(st.folder, name, day, st.now().UnixMilli())
}

// Status is what the store holds.
type Status struct {
	Events   int   `json:"events"`
	InMemory int   `json:"in_memory"`
	Files    int   `json:"files"`
	Bytes    int64 `json:"bytes"`
}

// Status returns what the store holds.
func (st *Store) Status() Status {
	st.mu.Lock()
	defer st.mu.Unlock()
	s := Status{Files: len(st.manifest.Parts)}
	for _, m := range []*memory{st.flushing, st.memory} {
		if m != nil {
			s.InMemory += m.size
		}
	}
	s.Events = s.InMemory
	for _, p := range st.manifest.Parts {
		s.Events += p.Rows
		s.Bytes += p.Bytes
	}
	return s
}
