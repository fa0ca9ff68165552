// Package attempts keeps how destinations answered each attempt to deliver an event: the verdict, the status, the vendor's words and
// the time.
//
// It promises that noting an answer never waits for the disk, that at most the last second before a crash is lost, and that it takes no
// more room than it was given. What is lost costs nobody an event: the log alone says what became of it. It holds places in the log and
// words without personal data, which its callers see to.
package attempts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Attempt is one attempt and its answer.
type Attempt struct {
	Time    time.Time
	Verdict string // delivered, reject, retry or halt
	Status  int    // of HTTP, 0 when there was none
	Why     string // impersonal, at most longestWhy bytes
	Took    time.Duration
}

// Place is where an event was accepted in the log of its writer.
type Place struct {
	Group uint64
	Index int
}

// Shown is how many attempts of one event are shown, the last ones.
const Shown = 10

// Options are what a Store is opened with.
type Options struct {
	Folder string
	Keep   time.Duration // older answers are removed
	Most   int64         // bytes on disk, beyond which the oldest are removed; 0: DefaultMost
	Now    func() time.Time
	Logger *slog.Logger
}

// DefaultMost is how much room the answers take at most.
const DefaultMost = 256 << 20

// Store keeps the answers. It is safe for concurrent use.
type Store struct {
	folder string
	keep   time.Duration
	most   int64
	now    func() time.Time
	logger *slog.Logger

	mu     sync.Mutex
	open   map[string]*block // by destination: what is not written
	failed bool              // the last write failed, which was logged
}

// Open opens the answers in a folder, which it makes.
func Open(o Options) (*Store, error) {
	s := &Store{folder: o.Folder, keep: o.Keep, most: o.Most, now: o.Now, logger: o.Logger, open: map[string]*block{}}
	if s.most == 0 {
		s.most = DefaultMost
	}
	if s.now == nil {
		s.now = time.Now
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the answers: %w", err)
	}
	files, err := s.list()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := trim(filepath.Join(o.Folder, f.name)); err != nil {
			return nil, fmt.Errorf("cut off what was being written of the answers: %w", err)
		}
	}
	return s, s.forget()
}

// Run writes what was noted every second, and removes what is old, until ctx ends.
func (s *Store) Run(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	forgotten := s.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		s.Flush()
		if now := s.now(); now.Sub(forgotten) > 10*time.Minute {
			forgotten = now
			if err := s.forget(); err != nil {
				s.logger.Warn("old answers of destinations cannot be removed", "error", err)
			}
		}
	}
}

// Note notes one answer for events of a writer that were sent to a destination.
func (s *Store) Note(destination, writer string, a *Attempt, places []Place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.open[destination]
	if b != nil && (b.writer != writer || len(b.body) > fullBlock || hourOf(a.Time) != hourOf(b.base)) {
		s.write(destination, b)
		b = nil
	}
	if b == nil {
		b = newBlock(writer, a.Time)
		s.open[destination] = b
	}
	b.add(a, places)
}

// Flush writes what was noted.
func (s *Store) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flush()
}

func (s *Store) flush() {
	for destination, b := range s.open {
		s.write(destination, b)
		delete(s.open, destination)
	}
}

// write appends a block to its file. What cannot be written is lost. The caller holds the mutex.
func (s *Store) write(destination string, b *block) {
	f, err := os.OpenFile(s.file(destination, hourOf(b.base)), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if errors.Is(err, os.ErrNotExist) { // someone removed the folder
		if err = os.MkdirAll(s.folder, 0o700); err == nil {
			f, err = os.OpenFile(s.file(destination, hourOf(b.base)), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		}
	}
	if err == nil {
		_, err = f.Write(b.seal())
		err = errors.Join(err, f.Close())
	}
	if err != nil && !s.failed {
		s.logger.Warn("answers of destinations cannot be written: explain will not show them", "error", err)
	}
	s.failed = err != nil
}

// Close writes what was noted.
func (s *Store) Close() error {
	s.Flush()
	return nil
}

// Of returns the last attempts to deliver an event that was accepted at that time to a destination, oldest first.
func (s *Store) Of(destination, writer string, place Place, accepted time.Time) ([]Attempt, error) {
	s.mu.Lock()
	s.flush()
	s.mu.Unlock()
	files, err := s.list()
	if err != nil {
		return nil, err
	}
	var found []Attempt
	for _, f := range files {
		if f.destination != destination || f.hour < hourOf(accepted) {
			continue
		}
		if found, err = readFile(filepath.Join(s.folder, f.name), writer, place, found); err != nil {
			return nil, fmt.Errorf("read the answers of %s: %w", destination, err)
		}
		found = slices.Clone(found[max(0, len(found)-Shown):])
	}
	slices.SortStableFunc(found, func(a, b Attempt) int { return a.Time.Compare(b.Time) })
	return found, nil
}

// stored is a file of the folder: the answers of a destination in one hour.
type stored struct {
	name, destination string
	hour              int64
}

const suffix = ".answers"

func (s *Store) file(destination string, hour int64) string {
	return filepath.Join(s.folder, destination+"."+strconv.FormatInt(hour, 10)+suffix)
}

// list returns the files, oldest first.
func (s *Store) list() ([]stored, error) {
	entries, err := os.ReadDir(s.folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("list the answers of destinations: %w", err)
	}
	var files []stored
	for _, e := range entries {
		name, ours := strings.CutSuffix(e.Name(), suffix)
		at := strings.LastIndexByte(name, '.')
		if !ours || at < 0 {
			continue
		}
		if hour, err := strconv.ParseInt(name[at+1:], 10, 64); err == nil {
			files = append(files, stored{e.Name(), name[:at], hour})
		}
	}
	slices.SortFunc(files, func(a, b stored) int {
		return cmp.Or(cmp.Compare(a.hour, b.hour), strings.Compare(a.destination, b.destination))
	})
	return files, nil
}

// forget removes what is too old, and the oldest while there is too much.
func (s *Store) forget() error {
	files, err := s.list()
	if err != nil {
		return err
	}
	sizes, total := make([]int64, len(files)), int64(0)
	for i, f := range files {
		if info, err := os.Stat(filepath.Join(s.folder, f.name)); err == nil {
			sizes[i] = info.Size()
			total += sizes[i]
		}
	}
	oldest := hourOf(s.now().Add(-s.keep)) - 1
	for i, f := range files {
		if total <= s.most && f.hour >= oldest {
			break
		}
		if err := os.Remove(filepath.Join(s.folder, f.name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove old answers: %w", err)
		}
		total -= sizes[i]
	}
	return nil
}

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }
