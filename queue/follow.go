package queue

import (
	"context"
	"errors"
	"fmt"

	"headgate/queue/format"
	"headgate/queue/stream"
)

// StoredGroup is a group as the log keeps it.
type StoredGroup struct {
	Seq    uint64 // in the log, whoever wrote it
	Events []Stored
}

// ErrNoGroup is returned for a group that the log does not, or no longer, have.
var ErrNoGroup = errors.New("the log has no such group")

// Follow calls fn with the readable groups from that sequence on, oldest first, until fn returns false or there are no more now.
func (l *Log) Follow(ctx context.Context, from uint64, fn func(StoredGroup) bool) error {
	err := each(ctx, l.store, stream.Log, stream.LogSubject(stream.Any), from, func(m stream.Message) bool {
		g, err := storedGroup(m)
		return err != nil || fn(g)
	})
	if err != nil {
		return fmt.Errorf("follow the log: %w", err)
	}
	return nil
}

// GroupAt returns the group with that sequence; ErrNoGroup when there is none.
func (l *Log) GroupAt(ctx context.Context, seq uint64) (StoredGroup, error) {
	m, err := l.store.Get(ctx, stream.Log, seq)
	if err == nil {
		var g StoredGroup
		if g, err = storedGroup(m); err == nil {
			return g, nil
		}
		err = errors.Join(ErrNoGroup, err)
	}
	if errors.Is(err, stream.ErrNone) {
		err = ErrNoGroup
	}
	return StoredGroup{}, fmt.Errorf("read the group at %d: %w", seq, err)
}

// Bounds are the sequences of the oldest and the newest group that are kept.
func (l *Log) Bounds(ctx context.Context) (first, last uint64, err error) {
	info, err := l.store.Info(ctx, stream.Log, "")
	if err != nil {
		return 0, 0, fmt.Errorf("look for the log's ends: %w", err)
	}
	return info.First, info.Last, nil
}

func storedGroup(m stream.Message) (StoredGroup, error) {
	f, err := format.DecodeFrame(m.Data)
	if err != nil {
		return StoredGroup{}, err
	}
	writer := stream.LastName(m.Subject)
	g := StoredGroup{Seq: m.Seq, Events: make([]Stored, len(f.Entries))}
	for i := range f.Entries {
		e := &f.Entries[i]
		g.Events[i] = Stored{writer, f.Number, i, f.Time, e.Bytes, f.Rosters[e.Roster], e.States}
	}
	return g, nil
}
