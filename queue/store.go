package queue

import (
	"context"
	"time"

	"headgate/queue/stream"
)

// store is what this package needs of the streams. Package stream keeps these promises with NATS JetStream; its conformance test
// holds every kind of server to them.
type store interface {
	// Publish stores a message and returns its sequence once it is as durable as the configuration demands. It fails with
	// stream.ErrConflict when the expectation does not hold; after most other errors it may have been stored.
	Publish(ctx context.Context, subject string, data []byte, expect stream.Expectation) (uint64, error)
	// Get returns the message with that sequence, or stream.ErrNone when there is none.
	Get(ctx context.Context, stream string, seq uint64) (stream.Message, error)
	// Last returns a subject's last message, or stream.ErrNone. It is never a stale answer.
	Last(ctx context.Context, stream, subject string) (stream.Message, error)
	// Next returns the subject's first message from that sequence on, or stream.ErrNone. It is never a stale answer.
	Next(ctx context.Context, stream, subject string, from uint64) (stream.Message, error)
	// Read returns at most that many messages of the subject from that sequence on, in order; none means that there are no more
	// now. A node of a cluster that lags may miss the newest.
	Read(ctx context.Context, stream, subject string, from uint64, most int) ([]stream.Message, error)
	// FirstSince returns the sequence of the first message stored at that time or later, or stream.ErrNone.
	FirstSince(ctx context.Context, stream string, t time.Time) (uint64, error)
	// Remove deletes a message. It succeeds when there is none.
	Remove(ctx context.Context, stream string, seq uint64) error
	// Purge deletes the subject's messages below a sequence, or all of them when it is 0. An empty subject stands for all.
	Purge(ctx context.Context, stream, subject string, below uint64) error
	// Info returns the state of a stream, with the number of messages of each subject that matches the pattern.
	Info(ctx context.Context, stream, pattern string) (stream.State, error)

	// Ask sends a question to all processes of a cluster that answer, and calls fn with what they send back until it returns false
	// or ctx ends.
	Ask(ctx context.Context, question []byte, fn func(message []byte) (more bool)) error
	// Answer sends back what fn returns for each question, this process's own included, until ctx ends.
	Answer(ctx context.Context, fn func(question []byte) (messages [][]byte)) error

	// Alive is cancelled when a server inside this process stops working: its answers will not come.
	Alive() context.Context
	// Broken reports whether a server inside this process has stopped working.
	Broken() bool
	// Restart starts a broken server again; it succeeds when there is a working one.
	Restart(ctx context.Context) error
	// StartedWell notes that the last start did not end in a crash.
	StartedWell() error
	// Close ends the server or the connection.
	Close()
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
