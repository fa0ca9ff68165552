// Package disk stores messages durably in files of this machine, for a Headgate that is alone.
//
// It knows sequences, subjects and bytes, never groups, cursors or events. It promises that Publish returns once a message is on disk,
// that what was not stored whole is never returned, and that damage keeps neither it from opening nor the rest from being read. Where
// the disk fails to read, which may be temporary, readers return the error until it can be read or somebody has moved the file away.
//
// A stream is a folder of segments: files of records, named after the first one's sequence, written one after the other and dropped
// whole. Which of a segment's records were removed is in a small file beside it.
package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"headgate/queue/stream"
)

// Options are what Open needs.
type Options struct {
	Dir        string // the folder of the streams
	MaxBytes   int64  // of the log, the retries and the dead letters together
	MaxMessage int    // bytes
	NoSync     bool   // the operating system decides when to write to disk
	Key        string // encrypts what messages say and what they are about; "" does not
	CheckOnly  bool   // read all segments, and change nothing: nothing can be published then
	Logger     *slog.Logger
	Damaged    func(what string) // called during Open for each piece that cannot be read
}

// Store keeps the streams. All methods may be called from anywhere.
type Store struct {
	journals map[string]*journal

	closed atomic.Bool
}

const (
	slack        = 1 << 20 // bytes that a message may take beyond MaxMessage, for what surrounds it
	largest      = 8 << 20 // bytes of a segment
	smallest     = 64 << 10
	segmentShare = 16 // segments at least that a stream of limited size has
)

// folders are where the streams are, by their names.
var folders = map[string]string{stream.Log: "log", stream.Retries: "retries", stream.DeadLetters: "dead", stream.Checkpoints: "checkpoints"}

// order is that in which the streams are opened. The log comes last: it sets space aside, which on a disk that is nearly full the others
// would lack.
var order = []string{stream.Checkpoints, stream.Retries, stream.DeadLetters, stream.Log}

// Open opens the streams, which it makes where there are none. It fails when another key is given than they were made with.
func Open(ctx context.Context, o Options) (*Store, error) {
	if _, err := os.Stat(filepath.Join(o.Dir, "jetstream")); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has the log of an earlier version, which this one does not read: have the earlier version deliver what is pending, "+
			"and move that folder away", o.Dir)
	}
	if o.Damaged == nil {
		o.Damaged = func(string) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if !o.CheckOnly {
		if err := os.MkdirAll(o.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the log's folder: %w", err)
		}
	}
	secret, err := checkKey(o.Dir, o.Key, !o.CheckOnly)
	if err != nil {
		return nil, err
	}
	s := &Store{journals: map[string]*journal{}}
	for _, name := range order {
		folder := folders[name]
		j := &journal{o: o, dir: filepath.Join(o.Dir, folder), secret: secret, segmentBytes: 1 << 20}
		switch name {
		case stream.Log:
			j.max, j.ahead, j.inOrder = o.MaxBytes/4*3, !o.NoSync, true
			j.segmentBytes = min(max(j.max/segmentShare, smallest), largest)
		case stream.Retries, stream.DeadLetters:
			j.max = o.MaxBytes / 8
			j.segmentBytes = min(max(j.max/segmentShare, smallest), 1<<20)
		}
		s.journals[name] = j
		if err := j.open(); err != nil {
			s.Close()
			return nil, fmt.Errorf("open the log's folder %s: %w", folder, err)
		}
		if !o.CheckOnly {
			j.tidyAll()
		}
		if ctx.Err() != nil {
			s.Close()
			return nil, ctx.Err()
		}
	}
	return s, nil
}

// Close ends everything. What was stored stays.
func (s *Store) Close() {
	if s.closed.Swap(true) {
		return
	}
	for _, j := range s.journals {
		j.close()
	}
}

// Broken reports whether a stream can no longer be written, until Restart succeeds.
func (s *Store) Broken() bool {
	for _, j := range s.journals {
		if j.broken.Load() {
			return !s.closed.Load()
		}
	}
	return false
}

// Restart has streams that could not be written go on in new segments; it fails when there is no room for one. It does nothing while all
// can be written.
func (s *Store) Restart(context.Context) error {
	for _, j := range s.journals {
		if err := j.heal(); err != nil {
			return err
		}
	}
	return nil
}

// Publish stores data and returns its sequence once it is on disk. It fails with ErrConflict when the expectation does not hold; after
// ErrDown it is not stored once Restart has succeeded.
func (s *Store) Publish(_ context.Context, subject string, data []byte, expect stream.Expectation) (uint64, error) {
	if j := s.journals[stream.Of(subject)]; j != nil {
		return j.publish(subject, data, expect, time.Now())
	}
	return 0, fmt.Errorf("no stream keeps %s", subject)
}

// Remove deletes messages. It succeeds for those that are not there.
func (s *Store) Remove(_ context.Context, name string, seqs ...uint64) error {
	return s.journals[name].remove(seqs)
}

// Purge deletes the messages below a sequence, or all when it is 0, of the subject, or of all when it is empty.
func (s *Store) Purge(_ context.Context, name, subject string, below uint64) error {
	return s.journals[name].purge(subject, below)
}
