// Package history keeps counters by the minute for a month: what became of events at each destination and why, what visitors
// chose, how destinations answered.
//
// It promises that counting neither waits nor allocates once a counter is known, that at most the last seconds before a crash are
// lost, that damaged files are reported and cost what they held and nothing else, and that it takes no more room on disk than
// it was given. It holds numbers and the configuration's own words, never anything about a person, and it decides nothing: the log's
// account is the truth, this is how it came about.
package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Options are what a Book is opened with.
type Options struct {
	Folder string
	Keep   time.Duration // older hours are removed; 0: DefaultKeep
	Most   int64         // bytes on disk, beyond which the oldest days are removed; 0: DefaultMost
	Now    func() time.Time
	Logger *slog.Logger
}

// The usual limits.
const (
	DefaultKeep = 30 * 24 * time.Hour
	DefaultMost = 50 << 20
)

// FlushEvery is how long counts are in memory only. It divides a minute, so that a flush falls on its end.
const FlushEvery = 10 * time.Second

// Book holds the counters. It is safe for concurrent use.
type Book struct {
	folder string
	keep   time.Duration
	most   int64
	now    func() time.Time
	logger *slog.Logger
	began  time.Time

	counters    counters
	flows       sync.Map // of flowName to *Flow
	conversions atomic.Pointer[[]string]

	mu      sync.Mutex // of the files
	since   time.Time  // of the counts in memory
	journal *journal
	damage  string // what was found damaged at the start, "" when nothing was
	closed  bool
}

// Open opens the counters in a folder, which it makes. What is damaged is reported to the logger, and counting goes on.
func Open(o Options) (*Book, error) {
	b := &Book{folder: o.Folder, keep: o.Keep, most: o.Most, now: o.Now, logger: o.Logger}
	if b.keep == 0 {
		b.keep = DefaultKeep
	}
	if b.most == 0 {
		b.most = DefaultMost
	}
	if b.now == nil {
		b.now = time.Now
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the history: %w", err)
	}
	b.since = b.now()
	b.counters.all = map[Key]*Counter{}
	if err := b.readBegan(); err != nil {
		return nil, err
	}
	if err := b.checkDays(); err != nil {
		return nil, err
	}
	var err error
	if b.journal, err = openJournal(filepath.Join(o.Folder, "journal")); err != nil {
		return nil, err
	}
	if b.journal.damaged {
		b.damaged("the end of this hour")
	}
	return b, b.seal(hourOf(b.now()))
}

// readBegan learns since when there are counts.
func (b *Book) readBegan() error {
	path := filepath.Join(b.folder, "began")
	text, err := os.ReadFile(path)
	if err == nil {
		if b.began, err = time.Parse(time.RFC3339, string(text)); err == nil {
			return nil
		}
		b.damaged("since when there are counts")
	}
	b.began = b.since.UTC().Truncate(time.Second)
	if names, err := b.days(); err != nil {
		return err
	} else if len(names) > 0 {
		b.began = dayOf(names[0])
	}
	return b.writeBegan()
}

func (b *Book) writeBegan() error {
	path := filepath.Join(b.folder, "began")
	if err := os.WriteFile(path, b.began.AppendFormat(nil, time.RFC3339), 0o600); err != nil {
		return fmt.Errorf("begin the history: %w", err)
	}
	return nil
}

func (b *Book) damaged(what string) {
	if b.damage != "" {
		b.damage += "; "
	}
	b.damage += what
	b.logger.Error("the history of counts is damaged: that part is lost, and counting goes on", "what", what)
}

// Began is since when there are counts: what was before is unknown.
func (b *Book) Began() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if oldest := b.now().Add(-b.keep).UTC().Truncate(time.Minute); oldest.After(b.began) {
		return oldest
	}
	return b.began
}

// Damage says what was damaged at the start, "" when nothing was.
func (b *Book) Damage() string { return b.damage }

// Run writes what was counted every FlushEvery, until ctx ends.
func (b *Book) Run(ctx context.Context) {
	failing := false
	for {
		now := b.now()
		timer := time.NewTimer(now.Truncate(FlushEvery).Add(FlushEvery).Sub(now))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		err := b.Flush()
		if err != nil && !failing {
			b.logger.Warn("the history of counts cannot be written; it is tried again", "error", err)
		}
		failing = err != nil
	}
}

// Flush writes what was counted since the last one. What cannot be written is counted again by the next one.
func (b *Book) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.flush(true)
}

// flush writes to the journal; lasting also to the disk. The caller holds the mutex.
func (b *Book) flush(lasting bool) error {
	if b.closed {
		return nil
	}
	now := b.now()
	minute := minuteOf(b.since)
	if err := b.seal(minute / 60); err != nil {
		return err
	}
	if err := b.journal.write(minute, b.counters.list(), lasting); err != nil {
		return err
	}
	b.since = now
	return b.seal(hourOf(now))
}

// Close writes what is left.
func (b *Book) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	err := b.flush(true)
	b.closed = true
	return errors.Join(err, b.journal.file.Close())
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }
