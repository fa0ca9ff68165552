package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/queue/stream"
)

// Board is what all Headgates of a cluster must know, whichever of them learned it: short lines that any of them posts and
// all of them read, its own included, all in the same order. It does not know what they say. They are not encrypted unless
// the cluster encrypts its disks, so they must not identify anyone.
//
// It is a stream of its own: the log's retention and limits would remove lines that must stay. All methods may be called
// from anywhere.
type Board struct{ store store }

const (
	boardMessages = 256 // read at once; a line is far smaller than a group

	boardTry      = 2 * time.Second  // for one attempt
	boardInsists  = 5 * time.Second  // for a line, while a caller waits
	boardPatience = 30 * time.Second // at the start: a cluster that starts needs a moment
)

// ErrBoardLost is for a board that ends before the place to continue from: it was created again, or reset to an older state.
var ErrBoardLost = errors.New("the board has lost lines: read it from the beginning")

// readerTopic is where a reader posts an empty line to learn how far to read.
const readerTopic = "reader"

// NewBoard returns the board that is kept in a store.
func NewBoard(s store) *Board { return &Board{s} }

// Post puts a line on the board under a topic, and returns nil once it is as durable as an event. It retries for five
// seconds. After an error the line may be there anyway, and may be posted again: a reader can see a line twice.
func (b *Board) Post(ctx context.Context, topic string, line []byte) error {
	if _, err := b.post(ctx, boardInsists, topic, line); err != nil {
		return fmt.Errorf("post to the cluster's board: %w", err)
	}
	return nil
}

func (b *Board) post(ctx context.Context, patience time.Duration, topic string, line []byte) (seq uint64, err error) {
	err = insist(ctx, patience, func(ctx context.Context) error {
		seq, err = b.store.Publish(ctx, stream.BoardSubject(topic), line, stream.Expectation{})
		return err
	})
	return seq, err
}

// Read calls fn with the lines of the board, oldest first: at least all whose Post had returned, anywhere, when Read began.
// It returns the place to continue from. It fails when the cluster has not answered for half a minute.
func (b *Board) Read(ctx context.Context, fn func(line []byte)) (next uint64, err error) {
	// A node that was cut off could report an old end. What a majority accepts now comes after everything it accepted before.
	end, err := b.post(ctx, boardPatience, readerTopic, nil)
	if err != nil {
		return 0, fmt.Errorf("find the end of the cluster's board: %w", err)
	}
	for next = 1; next <= end; {
		err := insist(ctx, boardPatience, func(ctx context.Context) error {
			some, err := b.read(ctx, next)
			if err == nil && len(some) == 0 {
				return errLags
			}
			next = b.show(some, next, fn)
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("read the cluster's board: %w", err)
		}
	}
	// This reader's own empty line stays, so that the board ends with a line that others can read up to.
	_ = b.store.Purge(ctx, stream.Board, stream.BoardSubject(readerTopic), end) // if it fails, the next reader does it
	return next, nil
}

var errLags = errors.New("the node that answers has not caught up")

// News calls fn with the lines from a place on that are there by now, and returns the place to continue from. It does not wait
// for any. It fails with ErrBoardLost when the board does not reach that place any more.
func (b *Board) News(ctx context.Context, from uint64, fn func(line []byte)) (next uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, boardTry)
	defer cancel()
	info, err := b.store.Info(ctx, stream.Board, "")
	if err != nil {
		return from, fmt.Errorf("ask for news of the cluster's board: %w", err)
	}
	if info.Last+1 < from {
		return from, ErrBoardLost
	}
	for next = from; next <= info.Last; {
		some, err := b.read(ctx, next)
		if err != nil {
			return next, fmt.Errorf("read news of the cluster's board: %w", err)
		}
		if len(some) == 0 {
			break // the node lags, or the lines have been forgotten
		}
		next = b.show(some, next, fn)
	}
	return next, nil
}

// Forget drops the lines of a topic that were posted before that time.
func (b *Board) Forget(ctx context.Context, topic string, before time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, boardInsists)
	defer cancel()
	seq, err := b.store.FirstSince(ctx, stream.Board, before)
	if errors.Is(err, stream.ErrNone) {
		return nil // a node that lags may also say so; then the newest lines must stay
	}
	if err == nil && seq > 1 {
		err = b.store.Purge(ctx, stream.Board, stream.BoardSubject(topic), seq)
	}
	if err != nil {
		return fmt.Errorf("forget old lines of the cluster's board: %w", err)
	}
	return nil
}

func (b *Board) read(ctx context.Context, from uint64) ([]stream.Message, error) {
	return b.store.Read(ctx, stream.Board, stream.BoardSubject(stream.Any), from, boardMessages)
}

// show passes posted lines to fn, and returns the place after them.
func (b *Board) show(some []stream.Message, next uint64, fn func(line []byte)) uint64 {
	for _, m := range some {
		if m.Subject != stream.BoardSubject(readerTopic) {
			fn(m.Data)
		}
		next = m.Seq + 1
	}
	return next
}

// insist retries until it succeeds or patience has passed.
func insist(ctx context.Context, patience time.Duration, try func(context.Context) error) error {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		once, done := context.WithTimeout(patient, boardTry)
		err := try(once)
		done()
		switch {
		case err == nil, errors.Is(err, stream.ErrClosed), errors.Is(err, stream.ErrTooLarge):
			return err
		case stream.Pause(patient) == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			return fmt.Errorf("no success within %v: %w", patience, err)
		}
	}
}
