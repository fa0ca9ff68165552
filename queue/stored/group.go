package stored

import (
	"context"
	"errors"
	"fmt"

	"headgate/queue/format"
	"headgate/queue/stream"
)

// Group is a group as the log keeps it.
type Group struct {
	Seq    uint64 // in the log, whoever wrote it
	Events []Event
}

// ErrNoGroup is returned for a group that the log does not, or no longer, have.
var ErrNoGroup = errors.New("the log has no such group")

// GroupAt returns the group with that sequence; ErrNoGroup when there is none.
func GroupAt(ctx context.Context, s Store, seq uint64) (Group, error) {
	m, err := s.Get(ctx, stream.Log, seq)
	if err == nil {
		var g Group
		if g, err = decode(m); err == nil {
			return g, nil
		}
		err = errors.Join(ErrNoGroup, err)
	}
	if errors.Is(err, stream.ErrNone) {
		err = ErrNoGroup
	}
	return Group{}, fmt.Errorf("read the group at %d: %w", seq, err)
}

// Bounds returns the sequences of the oldest and the newest group that are kept.
func Bounds(ctx context.Context, s Store) (first, last uint64, err error) {
	info, err := s.Info(ctx, stream.Log, "")
	if err != nil {
		return 0, 0, fmt.Errorf("look for the log's ends: %w", err)
	}
	return info.First, info.Last, nil
}

func decode(m stream.Message) (Group, error) {
	f, err := format.DecodeFrame(m.Data)
	if err != nil {
		return Group{}, err
	}
	writer := stream.LastName(m.Subject)
	g := Group{Seq: m.Seq, Events: make([]Event, len(f.Entries))}
	for i := range f.Entries {
		g.Events[i] = EventIn(f, writer, i)
	}
	return g, nil
}
