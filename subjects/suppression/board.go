package suppression

import (
	"context"
	"time"
)

// Board is what all Headgates of a cluster share: lines that any of them posts and each of them reads, its own included.
type Board interface {
	// Post returns nil when the line is there for good. After an error it may be there, and may be posted again.
	Post(ctx context.Context, topic string, line []byte) error
	// Read calls fn with all lines whose Post had returned, and returns the place to continue from.
	Read(ctx context.Context, fn func(line []byte)) (next uint64, err error)
	// News calls fn with what is there from a place on, and does not wait. queue.ErrBoardLost: Read again.
	News(ctx context.Context, from uint64, fn func(line []byte)) (next uint64, err error)
	// Forget drops the lines of a topic that were posted before that time.
	Forget(ctx context.Context, topic string, before time.Time) error
}

// The topics of the board: withdrawals are dropped after withdrawalsKept, the others never.
const (
	topicKey        = "key" // where the cluster's key stands
	topicSuppressed = "suppressed"
	topicWithdrawn  = "withdrawn"
)
