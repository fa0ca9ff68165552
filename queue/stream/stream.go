// Package stream stores messages durably in streams of NATS JetStream: in a server inside this process by default, in a
// cluster when a URL is given. It is all of Headgate that knows NATS.
//
// It knows sequences, subjects and bytes, never groups, cursors or events. It promises that Publish returns once a message is as
// durable as the options say, and that damage in the server's files does not keep it from starting. It never opens a port.
package stream

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Message is one message of a stream.
type Message struct {
	Seq     uint64
	Subject string
	Time    time.Time // when it was stored
	Data    []byte
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

// Options are what Open needs.
type Options struct {
	Dir        string // the folder of the embedded server's files; of a cluster's client only the lock is there
	URL        string // of a NATS cluster; "" embeds a server
	Replicas   int    // with URL: on how many nodes each message is kept
	Name       string // with URL: how this connection is called in the cluster's reports
	MaxBytes   int64  // of the log, the retries and the dead letters together
	MaxMessage int    // bytes
	NoSync     bool   // the operating system decides when to write to disk
	Key        string // encrypts the embedded server's files; "" does not
	LeaseTerm  time.Duration
	CheckAll   bool // look for damage in all files, not only in those the server reads at the start
	Logger     *slog.Logger
	Damaged    func(what string) // called during Open for each damaged record that was repaired
}

// Store reads and writes the streams, on whichever server the link leads to.
type Store struct {
	*link
	lock *folderLock
}

// Open locks the folder, starts or reaches the server, and creates the streams.
func Open(ctx context.Context, o Options) (*Store, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the log's folder: %w", err)
	}
	lock, err := lockFolder(o.Dir)
	if err != nil {
		return nil, err
	}
	s := &Store{lock: lock}
	if err := s.open(ctx, o); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, o Options) (err error) {
	all := o.CheckAll
	if !all {
		starts, _ := countStart(o.Dir) // on a full disk it is not counted
		all = starts > hastyStarts
	}
	if o.URL == "" && o.Key == "" {
		repaired, err := RepairBlocks(o.Dir, all)
		for _, what := range repaired {
			o.Damaged(what)
		}
		if err != nil {
			return err
		}
	}
	if s.link, err = openLink(ctx, o); err != nil {
		return err
	}
	return s.makeStreams(ctx)
}

// Restart starts an embedded server again that has stopped working. It does nothing while there is a working one.
func (s *Store) Restart(ctx context.Context) error {
	if err := s.restart(); err != nil {
		return err
	}
	return s.makeStreams(ctx)
}

// Close ends the connection and an embedded server, and unlocks the folder.
func (s *Store) Close() {
	if s.link != nil {
		s.link.close()
	}
	s.lock.release()
}

// StartedWell notes that the last start did not lead to a crash: that all files are checked at the start is for starts that
// end badly one after the other.
func (s *Store) StartedWell() error { return forgetStarts(s.o.Dir) }

const (
	hastyStarts = 3 // none of which lasted a minute
	startsFile  = "starts"
)

// countStart notes that a start is under way and returns how many there have been since one went well.
func countStart(dir string) (int, error) {
	path := filepath.Join(dir, startsFile)
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	n, _ := strconv.Atoi(string(b)) // anything but a number counts as none
	n++
	return n, os.WriteFile(path, []byte(strconv.Itoa(n)), 0o600)
}

func forgetStarts(dir string) error {
	if err := os.Remove(filepath.Join(dir, startsFile)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

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
