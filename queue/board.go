package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/queue/stream"
)

// Board is what all Headgates of a cluster must know, whichever of them was told: short lines that any of them posts and
// each of them reads, its own included, all in the same order. It does not know what they say. They stand in clear unless
// the cluster encrypts its disks, so nobody may be known by them.
//
// It is a stream of its own: the log's retention and limits would take lines away that must stay. All methods may be called
// from anywhere.
type Board struct{ store store }

const (
	boardMessages = 256 // read at once; a line is far smaller than a group

	boardTry      = 2 * time.Second  // for one attempt
	boardInsists  = 5 * time.Second  // for a line, while somebody waits for the answer
	boardPatience = 30 * time.Second // for a start: a cluster that comes up needs a moment
)

// ErrBoardLost says that the board ends before the place to go on from: it was made anew, or taken back to an older state.
var ErrBoardLost = errors.New("the board has lost lines: read it from the beginning")

// readerTopic is where a reader posts an empty line to learn how far it has to read.
const readerTopic = "reader"

// Board returns the cluster's board; nil when the log is this process's own, which has nobody to tell.
func (l *Log) Board() *Board {
	if !l.clustered() {
		return nil
	}
	return &Board{l.store}
}

// Post puts a line on the board under a topic, and returns nil once it is as durable as an event. It insists for five
// seconds. After an error the line may be there all the same, and may be posted again: a reader can meet a line twice.
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
// It returns the place to go on from. It fails when the cluster has not answered for half a minute.
func (b *Board) Read(ctx context.Context, fn func(line []byte)) (next uint64, err error) {
	// A node that was cut off could show an old end. What a majority has taken comes behind all that it took before.
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
	// The last one's empty line stays, and so the board ends with something that others can read up to.
	_ = b.store.Purge(ctx, stream.Board, stream.BoardSubject(readerTopic), end) // the next reader does it too
	return next, nil
}

var errLags = errors.New("the node that answers has not caught up")

// News calls fn with the lines from a place on that are there by now, and returns the place to go on from. It does not wait
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
			break // the node lags, or what was there has been forgotten
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
		return nil // a node that lags says so too: it must not cost the newest
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

// show passes on what people posted, and returns the place behind it.
func (b *Board) show(some []stream.Message, next uint64, fn func(line []byte)) uint64 {
	for _, m := range some {
		if m.Subject != stream.BoardSubject(readerTopic) {
			fn(m.Data)
		}
		next = m.Seq + 1
	}
	return next
}

// insist tries until it works or patience is at its end.
func insist(ctx context.Context, patience time.Duration, try func(context.Context) error) error {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		once, done := context.WithTimeout(patient, boardTry)
		err := try(once)
		done()
		switch {
		case err == nil, errors.Is(err, ErrClosed), errors.Is(err, ErrTooLarge):
			return err
		case wait(patient, tryAgain) == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			return fmt.Errorf("no success within %v: %w", patience, err)
		}
	}
}
