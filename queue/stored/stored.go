// Package stored reads the log as it is kept, whoever wrote it and however far its cursors have come: from a time on, a group at a
// time, or following it as it grows. It changes nothing.
package stored

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/queue/format"
	"headgate/queue/stream"
)

// Event is one event in the log. Events that are due to no cursor are not stored.
type Event struct {
	Writer string // who accepted it
	Group  uint64 // its group's number, counted by writer
	Index  int    // its place in the group
	Time   time.Time
	Bytes  []byte
	Live   any            // its decoded form, where a Follower has it in memory: then Bytes are nil
	Names  []string       // the destinations of its plan,
	States []format.State // and what was decided for each
}

// EventIn returns one of the entries of a writer's frame.
func EventIn(f *format.Frame, writer string, index int) Event {
	e := &f.Entries[index]
	return Event{Writer: writer, Group: f.Number, Index: index, Time: f.Time, Bytes: e.Bytes, Names: f.Rosters[e.Roster], States: e.States}
}

// Store is what is read from. Its methods promise what those of stream.Store do.
type Store interface {
	Messages
	Get(ctx context.Context, stream string, seq uint64) (stream.Message, error)
	FirstSince(ctx context.Context, stream string, t time.Time) (uint64, error)
	Info(ctx context.Context, stream, pattern string) (stream.State, error)
}

// Messages can be read in order.
type Messages interface {
	// Read returns at most that many messages of the subject from that sequence on, in order; none means that there are no more
	// now.
	Read(ctx context.Context, stream, subject string, from uint64, most int) ([]stream.Message, error)
}

// Each calls fn with the subject's messages from that sequence on, until there are no more or fn returns false.
func Each(ctx context.Context, s Messages, name, subject string, from uint64, fn func(stream.Message) bool) error {
	for {
		some, err := s.Read(ctx, name, subject, from, stream.ReadAtOnce)
		if err != nil {
			return err
		}
		if len(some) == 0 {
			return nil
		}
		for _, m := range some {
			if !fn(m) {
				return nil
			}
			from = m.Seq + 1
		}
	}
}

// Scan calls fn with the readable groups of a subject of the log accepted since that time (the zero time: all), oldest first, until
// it returns false.
func Scan(ctx context.Context, s Store, subject string, since time.Time, fn func(stream.Message, *format.Frame) bool) error {
	from := uint64(1)
	if !since.IsZero() {
		var err error
		if from, err = s.FirstSince(ctx, stream.Log, since); errors.Is(err, stream.ErrNone) {
			return nil
		} else if err != nil {
			return fmt.Errorf("look for %s in the log: %w", since.Format(time.RFC3339), err)
		}
	}
	err := Each(ctx, s, stream.Log, subject, from, func(m stream.Message) bool {
		f, err := format.DecodeFrame(m.Data)
		return err != nil || f.Time.Before(since) || fn(m, f)
	})
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	return nil
}
