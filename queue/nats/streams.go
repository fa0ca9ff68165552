package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"headgate/queue/stream"
)

// makeStreams creates the streams or updates their limits: three quarters of the space are for the log, an eighth each for
// retries and dead letters.
func (s *Store) makeStreams(ctx context.Context) error {
	all := s.o.MaxBytes
	for _, c := range []jetstream.StreamConfig{
		{Name: stream.Log, Subjects: []string{stream.LogSubject(stream.Any)}, MaxBytes: all / 4 * 3},
		{Name: stream.Retries, Subjects: []string{stream.RetrySubject(stream.Any, stream.Any)}, MaxBytes: all / 8},
		{Name: stream.DeadLetters, Subjects: []string{stream.DeadSubject(stream.Any, stream.Any), stream.GoneSubject(stream.Any, stream.Any)}, MaxBytes: all / 8},
		{Name: stream.Leases, Subjects: []string{stream.LeaseSubject(stream.Any)}, MaxBytes: -1, MaxMsgsPerSubject: 1, MaxAge: s.o.LeaseTerm},
		{Name: stream.Board, Subjects: []string{stream.BoardSubject(stream.Any)}, MaxBytes: -1},
		{Name: stream.Checkpoints, Subjects: []string{stream.StateSubject(stream.Any)}, MaxBytes: -1, MaxMsgsPerSubject: 8},
	} {
		c.Storage = jetstream.FileStorage
		c.Retention = jetstream.LimitsPolicy
		c.Discard = jetstream.DiscardNew
		c.AllowDirect = true
		c.Duplicates = 100 * time.Millisecond // nothing here relies on it
		c.Replicas = s.o.Replicas
		if c.MaxMsgsPerSubject > 0 {
			c.Discard = jetstream.DiscardOld
		}
		if err := s.makeStream(ctx, c); err != nil {
			return fmt.Errorf("make stream %s: %w", c.Name, err)
		}
	}
	return nil
}

// makeStream tries until ctx ends: a cluster that is starting or has lost a node needs a moment to elect a leader, and one that is
// short of storage is given more. What keeps it from going on is logged once.
func (s *Store) makeStream(ctx context.Context, c jetstream.StreamConfig) error {
	js, err := s.jetstream()
	if err != nil {
		return err
	}
	logged := ""
	for {
		once, cancel := context.WithTimeout(ctx, 5*time.Second)
		_, err = js.CreateOrUpdateStream(once, c)
		cancel()
		var api *jetstream.APIError
		if err == nil || errors.As(err, &api) && api.Code < 500 {
			return err
		}
		if why := whyNotYet(err, c.MaxBytes); why != logged {
			logged = why
			s.o.Logger.Warn("the NATS cluster does not make a stream; it is tried again", "stream", c.Name, "error", why)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// whyNotYet is the reason that a stream of that size could not be made, with the cure where there is one.
func whyNotYet(err error, bytes int64) string {
	var api *jetstream.APIError
	if errors.As(err, &api) && (api.ErrorCode == codeNoResources || api.ErrorCode == codeNoStorage) {
		return fmt.Sprintf("%v: no server has %d MiB left for it; lower queue.max_bytes or raise JetStream's max_file_store", err, bytes>>20)
	}
	return err.Error()
}
