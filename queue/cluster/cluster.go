// Package cluster is what several Headgates on one NATS cluster share besides the log: who delivers which writer's events
// (leases), and short lines that all of them must know (the board). It knows nothing of groups or cursors.
package cluster

import (
	"context"
	"time"

	"headgate/queue/stream"
)

// store is what this package needs of the streams; see queue.
type store interface {
	Publish(ctx context.Context, subject string, data []byte, expect stream.Expectation) (uint64, error)
	Last(ctx context.Context, stream, subject string) (stream.Message, error)
	Read(ctx context.Context, stream, subject string, from uint64, most int) ([]stream.Message, error)
	FirstSince(ctx context.Context, stream string, t time.Time) (uint64, error)
	Remove(ctx context.Context, stream string, seqs ...uint64) error
	Purge(ctx context.Context, stream, subject string, below uint64) error
	Info(ctx context.Context, stream, pattern string) (stream.State, error)
}
