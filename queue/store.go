package queue

import (
	"context"

	"headgate/queue/ledger"
)

// store is what this package needs of the streams. Package disk keeps these promises in files, package nats in a cluster; one
// conformance test holds both to them.
type store interface {
	ledger.Store

	// Broken reports whether the files cannot be written.
	Broken() bool
	// Restart opens broken files again; it succeeds when there is nothing wrong with them.
	Restart(ctx context.Context) error
	// Close closes the files or ends the connection.
	Close()
}
