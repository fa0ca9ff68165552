package queue

import (
	"context"

	"headgate/queue/ledger"
)

// store is what this package needs of the streams. Package stream keeps these promises with NATS JetStream; its conformance test
// holds every kind of server to them.
type store interface {
	ledger.Store

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
