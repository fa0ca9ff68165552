// Package stream is what those who store messages and those who keep them say to each other: messages, the names of the streams and
// their subjects, conditions and errors. It stores nothing, and imports nothing but the standard library.
//
// Package disk keeps the streams in files of this process's own, package nats in a cluster; package conform is the test of both. It
// knows sequences, subjects and bytes, never groups, cursors or events.
package stream

import (
	"context"
	"errors"
	"time"
)

// Message is one message of a stream.
type Message struct {
	Seq     uint64
	Subject string
	Time    time.Time // when it was stored
	Data    []byte
}

// State is what is known about a stream.
type State struct {
	Messages uint64
	Bytes    uint64
	First    uint64 // sequences
	Last     uint64
	Oldest   time.Time
	Subjects map[string]uint64 // how many messages each subject has, of those that match a pattern
}

// What callers test for. Any other error of Publish leaves open whether the message was stored.
var (
	ErrConflict = errors.New("another message was written first") // the expectation does not hold
	ErrNone     = errors.New("no such message")
	ErrFull     = errors.New("the log is full")
	ErrTooLarge = errors.New("too large a group")
	ErrClosed   = errors.New("the log is closed")
	ErrDown     = errors.New("the log cannot write: out of space or a failing disk") // until Restart
)

// Expectation is a condition for a Publish; the zero value is none.
type Expectation struct {
	Set bool
	All bool // about the stream's last message, not the subject's
	Seq uint64
}

// After expects that the subject's last message has that sequence; 0 that it has none.
func After(seq uint64) Expectation { return Expectation{Set: true, Seq: seq} }

// AfterAll expects that the stream's last message had that sequence. That is cheaper to check.
func AfterAll(seq uint64) Expectation { return Expectation{Set: true, All: true, Seq: seq} }

// ReadAtOnce is how many large messages are worth reading at once.
const ReadAtOnce = 32

// Pause waits a moment before something that failed is tried again, unless ctx ends first.
func Pause(ctx context.Context) error {
	t := time.NewTimer(50 * time.Millisecond)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
