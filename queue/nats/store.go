// Package nats keeps the streams in a NATS cluster with JetStream. With the driver in destinations/nats it is all of Headgate that
// knows NATS.
//
// It keeps the promises of package ledger's Store: Publish returns once a message is as durable as the cluster's streams are. What
// several processes ask each other passes here too.
package nats

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"headgate/queue/stream"
)

// Options are what Open needs.
type Options struct {
	URL       string // of the cluster: one address, or several separated by commas
	Replicas  int    // on how many nodes each message is kept
	Name      string // how this connection is called in the cluster's reports
	MaxBytes  int64  // of the log, the retries and the dead letters together
	LeaseTerm time.Duration
	Logger    *slog.Logger
}

// Store reads and writes the streams of a cluster.
type Store struct {
	o      Options
	nc     *nats.Conn
	js     jetstream.JetStream // of nc
	closed atomic.Bool
}

// Open connects to the cluster and creates the streams. A cluster that is not ready is waited for until ctx ends.
func Open(ctx context.Context, o Options) (*Store, error) {
	nc, err := nats.Connect(o.URL, connectOptions(ctx, o)...)
	if err != nil {
		return nil, fmt.Errorf("connect to the NATS cluster: %w", err)
	}
	s := &Store{o: o, nc: nc}
	if s.js, err = jetstream.New(nc); err == nil {
		err = s.makeStreams(ctx)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func connectOptions(ctx context.Context, o Options) []nats.Option {
	opts := []nats.Option{
		nats.Name("headgate " + o.Name),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(200 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.IgnoreAuthErrorAbort(),
		nats.PingInterval(5 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.SyncQueueLen(2 * mostRead), // more is never under way
		nats.ReconnectBufSize(-1),       // what cannot be sent now fails now; callers decide about retries
	}
	if until, ok := ctx.Deadline(); ok {
		opts = append(opts, nats.Timeout(time.Until(until)))
	}
	return opts
}

// jetstream returns the streams.
func (s *Store) jetstream() (jetstream.JetStream, error) {
	_, err := s.conn()
	return s.js, err
}

// conn returns the connection.
func (s *Store) conn() (*nats.Conn, error) {
	if s.closed.Load() {
		return nil, stream.ErrClosed
	}
	return s.nc, nil
}

// Broken is never true.
func (s *Store) Broken() bool { return false }

// Restart has nothing to do; it fails on a closed store.
func (s *Store) Restart(context.Context) error { _, err := s.conn(); return err }

// Close ends the connection.
func (s *Store) Close() {
	s.closed.Store(true)
	s.nc.Close()
}
