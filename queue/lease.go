package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"headgate/queue/stream"
)

// In a cluster every process delivers what it wrote itself, and holds a lease on its book to say so. A lease is a message
// that the stream drops by age unless it is renewed. When a process is gone, its lease ends and another process takes the
// book over until it is empty; one that comes back before that writes a book of another name. Whoever believes to hold a
// book that is not its own any more is stopped by its next checkpoint, which must follow its last.
const (
	leaseTerm  = 10 * time.Second
	leaseRenew = 3 * time.Second
	leaseTry   = 2 * time.Second
)

// lease is this process's hold on a book.
type lease struct {
	writer  string
	seq     uint64
	renewed time.Time
}

// leases are those this process holds; only the goroutine that opens and tends the log uses them.
type leases struct {
	holder  string
	held    map[string]*lease
	missing map[string]time.Time // since when a book was seen without one
}

func newLeases() leases {
	return leases{holder: rand.Text(), held: map[string]*lease{}, missing: map[string]time.Time{}}
}

func (l *Log) clustered() bool { return l.o.Config.URL != "" }

// chooseWriter returns the name to write under: this instance's, or that with a number when its lease is held because the
// process has just been gone for a moment.
func (l *Log) chooseWriter(ctx context.Context) (string, error) {
	if !l.clustered() {
		return "headgate", nil
	}
	name := l.o.Instance
	if name == "" {
		name = l.o.Config.Instance
	}
	if name == "" {
		host, err := os.Hostname()
		if err != nil {
			return "", fmt.Errorf("find a name for this instance: %w; set queue.instance", err)
		}
		name = host
	}
	for n := 1; ; n++ {
		writer := name
		if n > 1 {
			writer += "~" + strconv.Itoa(n)
		}
		err := l.acquire(ctx, writer)
		if err == nil {
			return writer, nil
		}
		if !errors.Is(err, stream.ErrConflict) {
			return "", fmt.Errorf("take the lease on %s: %w", writer, err)
		}
	}
}

// acquire takes a free lease, or fails with stream.ErrConflict.
func (l *Log) acquire(ctx context.Context, writer string) error {
	for {
		once, cancel := context.WithTimeout(ctx, leaseTry)
		seq, err := l.store.Publish(once, stream.LeaseSubject(writer), []byte(l.leases.holder), stream.After(0))
		cancel()
		if errors.Is(err, stream.ErrConflict) {
			// An earlier try may have come through without its answer.
			m, lastErr := l.store.Last(ctx, stream.Leases, stream.LeaseSubject(writer))
			if lastErr == nil && string(m.Data) == l.leases.holder {
				seq, err = m.Seq, nil
			}
		}
		switch {
		case err == nil:
			l.leases.held[writer] = &lease{writer, seq, time.Now()}
			return nil
		case errors.Is(err, stream.ErrConflict):
			return err
		}
		if wait(ctx, tryAgain) != nil {
			return err
		}
	}
}

// renew lengthens a lease. stream.ErrConflict means that somebody else may have the book by now.
func (l *Log) renew(ctx context.Context, x *lease) error {
	ctx, cancel := context.WithTimeout(ctx, leaseTry)
	defer cancel()
	seq, err := l.store.Publish(ctx, stream.LeaseSubject(x.writer), []byte(l.leases.holder), stream.After(x.seq))
	if errors.Is(err, stream.ErrConflict) {
		m, lastErr := l.store.Last(ctx, stream.Leases, stream.LeaseSubject(x.writer))
		switch {
		case errors.Is(lastErr, stream.ErrNone):
			return l.acquire(ctx, x.writer) // it ended while the cluster was away, and nobody took it
		case lastErr != nil:
			return lastErr
		case string(m.Data) == l.leases.holder:
			seq, err = m.Seq, nil
		}
	}
	if err != nil {
		return err
	}
	x.seq, x.renewed = seq, time.Now()
	return nil
}

// keepLeases renews this process's leases, takes over books without one, and lets go of those that are empty.
func (l *Log) keepLeases() {
	if !l.clustered() {
		return
	}
	for _, x := range l.leases.held {
		if time.Since(x.renewed) < leaseRenew {
			continue
		}
		if err := l.renew(l.tending, x); errors.Is(err, stream.ErrConflict) {
			l.logger.Warn("another process has taken over a part of the log from this one, which was away too long", "writer", x.writer)
			delete(l.leases.held, x.writer)
			l.lose(x.writer)
		}
	}
	l.letGo()
	if err := l.takeOver(l.tending); err != nil {
		l.logger.Debug("look for books without a holder", "error", err)
	}
}

// release gives a lease back.
func (l *Log) release(ctx context.Context, writer string) {
	x := l.leases.held[writer]
	if x == nil {
		return
	}
	delete(l.leases.held, writer)
	if err := l.store.Remove(ctx, stream.Leases, x.seq); err != nil {
		l.logger.Debug("give a lease back", "writer", writer, "error", err) // it ends by itself
	}
}

// leave gives all leases back, so that others need not wait for them to end.
func (l *Log) leave() {
	ctx, cancel := context.WithTimeout(l.working, leaseTry)
	defer cancel()
	for writer := range l.leases.held {
		l.release(ctx, writer)
	}
}
