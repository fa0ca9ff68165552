// Package insight answers what visitors do on a site, as they do it: it follows the log, keeps a row per event, and counts when it is
// asked. store keeps the rows, count counts, answers says what came of it, terms is what the configuration says.
//
// It promises that an event is counted by its consent, as any destination's: without consent to analytics it is about nobody; that it
// holds up neither a hit, nor a destination, nor the log; and that its store can be deleted and is made again from the log. It never
// tells who a visitor is: all it has of a client id is a keyed hash.
package insight

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"headgate/consent"
	"headgate/consent/people"
	"headgate/event"
	"headgate/insight/answers"
	"headgate/insight/count"
	"headgate/insight/store"
	"headgate/queue"
)

// Options are what Insight is opened with.
type Options struct {
	Data   string // the data folder; rows are in its sub-folder insight
	Log    Log
	Now    func() time.Time
	Logger *slog.Logger
	// Archived calls fn with the events that a destination keeps and that were received since a time and before another, and progress
	// with how many pieces of them have been read, of how many.
	Archived func(ctx context.Context, destination string, since, until time.Time, progress func(read, of int), fn func(*event.Event)) error
}

// Log is the log as it is followed; *queue.Follower is one.
type Log interface {
	// Next calls fn with the events of the groups after a place, each with the place of its group, and returns that of the last; it
	// blocks until there are any.
	Next(ctx context.Context, after uint64, fn func(place uint64, s queue.Stored)) (uint64, error)
	// Bounds returns the places of the oldest and the newest group.
	Bounds(ctx context.Context) (first, last uint64, err error)
	// At returns the place after which the groups lie that were accepted since a time.
	At(ctx context.Context, since time.Time) (uint64, error)
	// Oldest returns when the oldest group was accepted, the zero time when there is none.
	Oldest(ctx context.Context) (time.Time, error)
}

// Insight is the running thing. All methods may be called from anywhere.
type Insight struct {
	*answers.Answerer

	o       Options
	now     func() time.Time
	logger  *slog.Logger
	serving atomic.Pointer[serving]
	policy  atomic.Pointer[consent.Policy]
	store   *store.Store // set before policy is; nil while nothing was ever counted

	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when the follower has ended; nil before it began

	records []store.Record // what count gathers in, again and again; the follower's alone, as is
	due     uint64         // the newest group of the log when it last waited

	erasing  sync.Mutex // held while visitors are erased
	stopped  map[uint64]int64
	removals []removal // of the last day, oldest first

	rebuilding sync.Mutex          // held while a rebuild, or what is asked for, is read from an archive; taken before erasing
	fetched    map[int64]time.Time // by day, when it was read from the store
	fetching   sync.WaitGroup      // of what reads it; Close waits for it

	mu      sync.Mutex
	refill  *refill
	missed  uint64 // groups that the log dropped before they were read
	trouble string
	last    uint64    // the newest group of the log when it was looked at
	counted time.Time // when the newest counted event was accepted
}

// refill is a rebuild under way.
type refill struct {
	since     int64
	from, end uint64 // groups
	done      chan struct{}
}

// Close stops following and writes what is in memory.
func (i *Insight) Close() error {
	i.cancel()
	i.fetching.Wait()
	if i.done == nil {
		return nil
	}
	<-i.done
	if err := i.store.Flush(); err != nil {
		return fmt.Errorf("write insight: %w", err)
	}
	return nil
}

// removal is how many rows of a visitor were removed, and when.
type removal struct {
	visitor uint64
	rows    int
	at      time.Time
}

// Forget removes the rows of visitors who were suppressed, deleted or withdrew consent to analytics. It returns how many rows of
// visitors with these ids were removed since a time, at most a day ago, by this call or by the follower before it.
func (i *Insight) Forget(ctx context.Context, ids []event.IdentifierHash, since time.Time) (removed int, err error) {
	policy := i.policy.Load()
	if policy == nil || i.store == nil {
		return 0, nil
	}
	asked := map[uint64]bool{}
	for _, id := range ids {
		asked[count.VisitorOf(id[:])] = true
	}
	i.erasing.Lock()
	defer i.erasing.Unlock()
	err = i.forget(ctx, policy)
	for _, r := range i.removals {
		if asked[r.visitor] && !r.at.Before(since) {
			removed += r.rows
		}
	}
	return removed, err
}

// forget removes the rows of those who were stopped since it was last called. The caller holds erasing.
func (i *Insight) forget(ctx context.Context, policy *consent.Policy) error {
	due := map[uint64]int64{}
	policy.Suppression.Each(func(hash event.IdentifierHash, s *people.Stop) {
		before := int64(1) << 60
		if !s.Withdrawn.IsZero() {
			if !consent.Stops(s.Purposes, consent.Analytics) {
				return
			}
			before = s.Withdrawn.UnixMilli()
		}
		if n := count.VisitorOf(hash[:]); before > i.stopped[n] && before > due[n] {
			due[n] = before
		}
	})
	removed, err := i.store.Erase(ctx, due)
	now := i.now()
	i.removals = slices.DeleteFunc(i.removals, func(r removal) bool { return now.Sub(r.at) > 24*time.Hour })
	for n, rows := range removed {
		i.removals = append(i.removals, removal{n, rows, now})
	}
	if err != nil {
		return errors.Join(errors.New("erase visitors from insight"), err)
	}
	for n, before := range due {
		i.stopped[n] = before
	}
	return nil
}

// Name is what insight is called among the destinations of a person's data.
func (*Insight) Name() string { return "insight" }
