package stored

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"headgate/queue/recent"
	"headgate/queue/stream"
)

// Follower reads the groups of all writers in the order of the log, at its own pace. Unlike a cursor it holds nothing up: the log
// does not know how far it has come, drops groups without it, and counts nothing for it. One goroutine at a time may use it.
//
// The newest groups of this process wait for it in memory, as they were decided: they need not be read and decoded again.
type Follower struct {
	among *Followers
	wake  chan struct{}

	mu    sync.Mutex
	fresh []freshGroup // oldest first
	held  int          // bytes of memory of fresh
	last  uint64       // the newest group of this process, 0 when there was none since the follower began
}

type freshGroup struct {
	Group
	held int
}

// freshBytes is how much memory may wait for a follower. Of one that falls behind further everything is dropped; it reads the log.
const freshBytes = 8 << 20

// Followers are all followers of a log; they are given what this process writes. NewFollowers makes them.
type Followers struct {
	store  Store
	shared bool            // other processes write to the log, too
	open   context.Context // ends when the log is closed

	mu  sync.Mutex
	all []*Follower
}

// lookAgain is how long a follower waits before it looks for groups of other processes.
const lookAgain = 500 * time.Millisecond

// NewFollowers returns the followers of a log, none yet. open ends when the log is closed; shared says that other processes write to
// it, too.
func NewFollowers(open context.Context, s Store, shared bool) *Followers {
	return &Followers{store: s, shared: shared, open: open}
}

// New returns a new follower of the log. It works until the log is closed.
func (fs *Followers) New() *Follower {
	f := &Follower{among: fs, wake: make(chan struct{}, 1)}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.all = append(fs.all, f)
	return f
}

// Add gives a group that this process has just stored to all followers. Of g it reads Number, Seq, Time, Held and Entries.
func (fs *Followers) Add(writer string, g recent.Group) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if len(fs.all) == 0 {
		return
	}
	fresh := freshGroup{Group{Seq: g.Seq}, g.Held}
	if g.Held <= freshBytes {
		fresh.Events = make([]Event, len(g.Entries))
		for i := range g.Entries {
			e := &g.Entries[i]
			fresh.Events[i] = Event{Writer: writer, Group: g.Number, Index: i, Time: g.Time, Bytes: e.Bytes, Live: e.Live, Names: e.Roster.Names(), States: e.States}
		}
	}
	for _, f := range fs.all {
		f.add(fresh)
		select {
		case f.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

func (f *Follower) add(g freshGroup) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = g.Seq
	if f.held+g.held > freshBytes {
		f.fresh, f.held = nil, 0
	}
	if g.held <= freshBytes {
		f.fresh, f.held = append(f.fresh, g), f.held+g.held
	}
}

// take returns the groups after a place that wait in memory, and whether there can be none but those.
func (f *Follower) take(after uint64) (some []Group, all bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for n < len(f.fresh) && f.fresh[n].Seq <= after {
		n++
	}
	for n < len(f.fresh) && f.fresh[n].Seq == after+1 {
		some = append(some, f.fresh[n].Group)
		after, n = after+1, n+1
	}
	for i := range f.fresh[:n] {
		f.held -= f.fresh[i].held
	}
	clear(f.fresh[:n])
	if f.fresh = f.fresh[n:]; len(f.fresh) == 0 {
		f.fresh = nil
	}
	return some, f.last > 0 && after >= f.last && !f.among.shared
}

// read returns some groups after a place, without events where they cannot be read; and whether there are no more now.
func (f *Follower) read(ctx context.Context, after uint64) (some []Group, end bool, err error) {
	if some, end = f.take(after); len(some) > 0 || end {
		return some, end, nil
	}
	stored, err := f.among.store.Read(ctx, stream.Log, stream.LogSubject(stream.Any), after+1, stream.ReadAtOnce)
	if err != nil {
		return nil, false, fmt.Errorf("read the log: %w", err)
	}
	for _, m := range stored {
		g, err := decode(m)
		if err != nil {
			g = Group{Seq: m.Seq} // queue verify reports it
		}
		some = append(some, g)
	}
	return some, len(some) == 0, nil
}

// Follow calls fn with the groups after a place, oldest first, until fn returns false or there are no more now. A group that cannot
// be read has no events.
func (f *Follower) Follow(ctx context.Context, after uint64, fn func(Group) bool) error {
	for {
		some, end, err := f.read(ctx, after)
		if err != nil {
			return err
		}
		for _, g := range some {
			if after = g.Seq; !fn(g) {
				return nil
			}
		}
		if end {
			return nil
		}
	}
}

// Wait blocks until there may be new groups, at most that long, or until ctx ends.
func (f *Follower) Wait(ctx context.Context, most time.Duration) {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-f.wake:
	case <-t.C:
	case <-ctx.Done():
	}
}

// Bounds returns the places of the oldest and the newest group.
func (f *Follower) Bounds(ctx context.Context) (first, last uint64, err error) {
	return Bounds(ctx, f.among.store)
}

// Oldest returns when the oldest group was accepted, the zero time when there is none.
func (f *Follower) Oldest(ctx context.Context) (time.Time, error) {
	info, err := f.among.store.Info(ctx, stream.Log, "")
	if err != nil || info.Messages == 0 {
		return time.Time{}, err
	}
	return info.Oldest, nil
}

// At returns the place after which the groups lie that were accepted since a time.
func (f *Follower) At(ctx context.Context, since time.Time) (uint64, error) {
	seq, err := f.among.store.FirstSince(ctx, stream.Log, since)
	if errors.Is(err, stream.ErrNone) {
		_, last, err := f.Bounds(ctx)
		return last, err
	}
	if err != nil {
		return 0, fmt.Errorf("look for %s in the log: %w", since.Format(time.RFC3339), err)
	}
	return seq - 1, nil
}

// Next calls fn with the events of the groups after a place, each with the place of its group, some groups at most, and returns the
// place of the last of them. It blocks until there are any or ctx ends. Groups that cannot be read are passed over.
func (f *Follower) Next(ctx context.Context, after uint64, fn func(place uint64, e Event)) (uint64, error) {
	for {
		some, _, err := f.read(ctx, after)
		if err != nil {
			return after, err
		}
		for _, g := range some {
			after = g.Seq
			for _, e := range g.Events {
				fn(g.Seq, e)
			}
		}
		if len(some) > 0 {
			return after, nil
		}
		f.Wait(ctx, lookAgain)
		if err := ctx.Err(); err != nil {
			return after, err
		}
		if f.among.open.Err() != nil {
			return after, stream.ErrClosed
		}
	}
}
