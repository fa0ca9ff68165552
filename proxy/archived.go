package proxy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/destinations"
	"headgate/event"
)

// ErrNoArchive says that what a destination has written cannot be read again.
var ErrNoArchive = errors.New("keeps nothing that can be read again; name a destination of parquet, jsonl, clickhouse or postgres")

// Archived calls fn with the events that a destination keeps and that were received since a time and before another, and progress with
// how many pieces of them have been read, of how many. ErrNotFound when there is no such destination.
func (s *Server) Archived(ctx context.Context, name string, since, until time.Time, progress func(read, of int), fn func(*event.Event)) error {
	d := s.plan.Load().Destination(name)
	if d == nil {
		return fmt.Errorf("%w: the destination %s", ErrNotFound, name)
	}
	archive := d.Archive()
	if archive == nil {
		return fmt.Errorf("%s %w", name, ErrNoArchive)
	}
	pieces, err := archive.List(ctx, since, until)
	if err != nil {
		return err
	}
	for i, piece := range pieces {
		progress(i, len(pieces))
		var failed error
		err := archive.Read(ctx, piece, func(row event.Map) bool {
			e, err := destinations.EventOf(row)
			if err != nil {
				failed = fmt.Errorf("read %s of %s: %w", piece, name, err)
			} else if e.ID != "" && !e.Received.Before(since) && e.Received.Before(until) {
				fn(e)
			}
			return failed == nil && ctx.Err() == nil
		})
		if err := errors.Join(failed, err, ctx.Err()); err != nil {
			return err
		}
	}
	progress(len(pieces), len(pieces))
	return nil
}
