package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// link is the connection to the server, embedded or external. restart replaces an embedded server that failed to write.
type link struct {
	o        Options
	mostRead int // at once

	mu     sync.RWMutex
	nc     *nats.Conn          // nil while there is no server
	js     jetstream.JetStream // of nc
	inside *embedded
	closed bool
}

func openLink(ctx context.Context, o Options) (*link, error) {
	l := &link{o: o, mostRead: ReadAtOnce}
	if o.URL != "" {
		nc, err := nats.Connect(o.URL, connectOptions(ctx, o)...)
		if err != nil {
			return nil, fmt.Errorf("connect to the NATS cluster: %w", err)
		}
		l.mostRead = maxRead
		return l, l.useLocked(nc)
	}
	return l, l.startLocked() // nobody else has it yet
}

func connectOptions(ctx context.Context, o Options) []nats.Option {
	opts := []nats.Option{
		nats.Name("headgate " + o.Name),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(200 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.IgnoreAuthErrorAbort(),
		nats.PingInterval(5 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.SyncQueueLen(2 * maxRead), // more is never under way
		nats.ReconnectBufSize(-1),      // what cannot be sent now fails now; callers decide about retries
	}
	if until, ok := ctx.Deadline(); ok {
		opts = append(opts, nats.Timeout(time.Until(until)))
	}
	return opts
}

// startLocked starts an embedded server and connects to it.
func (l *link) startLocked() error {
	e, err := startEmbedded(l.o)
	if err != nil {
		return err
	}
	nc, err := nats.Connect("", nats.InProcessServer(e.server), nats.Name("headgate"), nats.NoReconnect(),
		nats.PingInterval(time.Hour), nats.FlusherTimeout(0), nats.SyncQueueLen(2*ReadAtOnce))
	if err != nil {
		e.stop()
		return fmt.Errorf("connect to the log: %w", err)
	}
	l.inside = e
	return l.useLocked(nc)
}

// useLocked makes a connection the one to use.
func (l *link) useLocked(nc *nats.Conn) (err error) {
	l.nc = nc
	l.js, err = jetstream.New(nc)
	return err
}

// jetstream returns the streams. It fails at once while an embedded server is down.
func (l *link) jetstream() (jetstream.JetStream, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.js, l.usableLocked()
}

// conn returns the connection. It fails at once while an embedded server is down.
func (l *link) conn() (*nats.Conn, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.nc, l.usableLocked()
}

func (l *link) usableLocked() error {
	switch {
	case l.closed:
		return ErrClosed
	case l.nc == nil || l.inside != nil && l.inside.log.broken.Err() != nil:
		return ErrDown
	}
	return nil
}

// Broken reports whether an embedded server has stopped working.
func (l *link) Broken() bool {
	_, err := l.conn()
	return errors.Is(err, ErrDown)
}

// Alive is cancelled when an embedded server stops working: its answer will not come.
func (l *link) Alive() context.Context {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.inside == nil {
		return context.Background()
	}
	return l.inside.log.broken
}

// restart starts an embedded server again when it has stopped working, and fails unless there is a working one.
func (l *link) restart() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	if l.o.URL != "" || l.nc != nil && l.inside.log.broken.Err() == nil {
		return nil
	}
	l.stopLocked()
	return l.startLocked()
}

func (l *link) stopLocked() {
	if l.nc != nil {
		l.nc.Close()
	}
	if l.inside != nil {
		l.inside.stop()
	}
	l.nc, l.inside = nil, nil
}

func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.stopLocked()
}
