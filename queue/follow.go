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
		g.Events[i] = storedIn(f, writer, i)
	}
	return g, nil
}
