package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"headgate/queue/stream"
)

// Follower reads the groups of all writers in the order of the log, at its own pace. Unlike a cursor it holds nothing up: the log
// does not know how far it has come, drops groups without it, and counts nothing for it.
type Follower struct {
	log  *Log
	wake chan struct{}
}

// followers are told of new groups.
type followers struct {
	mu  sync.Mutex
	all []*Follower
}

// lookAgain is how long a follower waits for groups that nobody tells it of: those of other processes.
const lookAgain = 500 * time.Millisecond

// Follower returns a new follower of the log. It works until the log is closed.
func (l *Log) Follower() *Follower {
	f := &Follower{log: l, wake: make(chan struct{}, 1)}
	l.state.followers.mu.Lock()
	defer l.state.followers.mu.Unlock()
	l.state.followers.all = append(l.state.followers.all, f)
	return f
}

func (fs *followers) tell() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.all {
		signal(f.wake)
	}
}

// Bounds returns the places of the oldest and the newest group.
func (f *Follower) Bounds(ctx context.Context) (first, last uint64, err error) {
	return f.log.Bounds(ctx)
}

// Oldest returns when the oldest group was accepted, the zero time when there is none.
func (f *Follower) Oldest(ctx context.Context) (time.Time, error) {
	info, err := f.log.store.Info(ctx, stream.Log, "")
	if err != nil || info.Messages == 0 {
		return time.Time{}, err
	}
	return info.Oldest, nil
}

// At returns the place after which the groups lie that were accepted since a time.
func (f *Follower) At(ctx context.Context, since time.Time) (uint64, error) {
	seq, err := f.log.store.FirstSince(ctx, stream.Log, since)
	if errors.Is(err, stream.ErrNone) {
		_, last, err := f.Bounds(ctx)
		return last, err
	}
	if err != nil {
		return 0, fmt.Errorf("look for %s in the log: %w", since.Format(time.RFC3339), err)
	}
	return seq - 1, nil
}

// Next calls fn with the events of the groups after a place, some groups at most, and returns the place of the last of them. It
// blocks until there are any or ctx ends. Groups that cannot be read are passed over.
func (f *Follower) Next(ctx context.Context, after uint64, fn func(Stored)) (uint64, error) {
	for {
		some, err := f.log.store.Read(ctx, stream.Log, stream.LogSubject(stream.Any), after+1, stream.ReadAtOnce)
		if err != nil {
			return after, fmt.Errorf("read the log: %w", err)
		}
		for _, m := range some {
			after = m.Seq
			g, err := storedGroup(m)
			if err != nil {
				continue // queue verify reports it
			}
			for _, e := range g.Events {
				fn(e)
			}
		}
		if len(some) > 0 {
			return after, nil
		}
		if err := f.sleep(ctx); err != nil {
			return after, err
		}
	}
}

func (f *Follower) sleep(ctx context.Context) error {
	t := time.NewTimer(lookAgain)
	defer t.Stop()
	select {
	case <-f.wake:
		return nil
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-f.log.working.Done():
		return ErrClosed
	}
}
