package queue

import (
	"context"
	"fmt"
	"time"

	"headgate/queue/stream"
)

// Status is the state of the log at a moment.
type Status struct {
	Accepted uint64
	Bytes    uint64    // on disk, dead letters and all
	MaxBytes uint64    //
	Oldest   time.Time // when the oldest group that is still kept was accepted
	Error    string    // why Append fails, "" when it does not
	Damage   []Damage  // found since the start
	Cursors  []CursorStatus
}

// Status returns the accounts, including those of other processes on the same cluster as of their last checkpoints.
func (l *Log) Status(ctx context.Context) (Status, error) {
	s := Status{MaxBytes: uint64(l.o.Config.MaxBytes)}
	for _, name := range [...]string{stream.Log, stream.Retries, stream.DeadLetters, stream.Checkpoints} {
		info, err := l.store.Info(ctx, name, "")
		if err != nil {
			return s, err
		}
		s.Bytes += info.Bytes
		if name == stream.Log && info.Messages > 0 {
			s.Oldest = info.Oldest
		}
	}
	sums, err := l.ledgers.Accounts(ctx)
	if err != nil {
		return s, err
	}
	s.Accepted, s.Cursors, s.Damage = sums.Accepted, sums.Cursors, l.ledgers.Damage()
	if sums.Refused != nil {
		s.Error = sums.Refused.Error()
	}
	return s, nil
}

// Writers returns the accounts by writer, sorted by name: of other processes as of their last checkpoints.
func (l *Log) Writers(ctx context.Context) ([]WriterStatus, error) {
	var holders map[string]string
	if l.clustered {
		var err error
		if holders, err = l.Peers().Holders(ctx); err != nil {
			return nil, fmt.Errorf("ask who delivers whose events: %w", err)
		}
	}
	return l.ledgers.ByWriter(ctx, holders)
}
