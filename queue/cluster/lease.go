package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"headgate/queue/stream"
)

// In a cluster every process delivers what it wrote itself, and holds a lease on its ledger to say so. A lease is a message
// that the stream drops by age unless it is renewed. When a process is gone, its lease ends and another process takes the
// ledger over until it is empty; a process that comes back before that writes a ledger of another name. A process that still
// believes it holds a ledger is stopped by its next checkpoint, which must follow its last.
const (
	LeaseTerm  = 10 * time.Second // after which a lease ends that is not renewed
	LeaseTry   = 2 * time.Second  // for one request about a lease
	leaseRenew = 3 * time.Second
)

// Leases are those that this process holds. One goroutine at a time may use them.
type Leases struct {
	store  store
	logger *slog.Logger
	holder string // this process
	held   map[string]*lease
}

// lease is the hold on one writer's ledger.
type lease struct {
	seq     uint64
	renewed time.Time
}

// NewLeases returns the leases of this process, none yet.
func NewLeases(s store, logger *slog.Logger) *Leases {
	return &Leases{store: s, logger: logger, holder: rand.Text(), held: map[string]*lease{}}
}

// Choose takes the lease on a name, or on that name with a number while the former one is held: this process has just been
// gone for a moment, and another has taken it over. It returns the name it got.
func (l *Leases) Choose(ctx context.Context, name string) (string, error) {
	for n := 1; ; n++ {
		writer := name
		if n > 1 {
			writer += "~" + strconv.Itoa(n)
		}
		if err := l.Acquire(ctx, writer); !errors.Is(err, stream.ErrConflict) {
			return writer, err
		}
	}
}

// Acquire takes a lease that nobody holds, or fails with stream.ErrConflict.
func (l *Leases) Acquire(ctx context.Context, writer string) error {
	for {
		once, cancel := context.WithTimeout(ctx, LeaseTry)
		seq, err := l.store.Publish(once, stream.LeaseSubject(writer), []byte(l.holder), stream.After(0))
		cancel()
		if errors.Is(err, stream.ErrConflict) {
			// An earlier attempt may have succeeded although its answer was lost.
			m, lastErr := l.store.Last(ctx, stream.Leases, stream.LeaseSubject(writer))
			if lastErr == nil && string(m.Data) == l.holder {
				seq, err = m.Seq, nil
			}
		}
		switch {
		case err == nil:
			l.held[writer] = &lease{seq, time.Now()}
			return nil
		case errors.Is(err, stream.ErrConflict):
			return err
		}
		if stream.Pause(ctx) != nil {
			return err
		}
	}
}

// Renew extends the leases that need it, and returns the writers whose leases were lost: another process may have their ledgers.
func (l *Leases) Renew(ctx context.Context) (lost []string) {
	for writer, x := range l.held {
		if time.Since(x.renewed) < leaseRenew {
			continue
		}
		if err := l.renew(ctx, writer, x); errors.Is(err, stream.ErrConflict) {
			delete(l.held, writer)
			lost = append(lost, writer)
		}
	}
	return lost
}

func (l *Leases) renew(ctx context.Context, writer string, x *lease) error {
	ctx, cancel := context.WithTimeout(ctx, LeaseTry)
	defer cancel()
	seq, err := l.store.Publish(ctx, stream.LeaseSubject(writer), []byte(l.holder), stream.After(x.seq))
	if errors.Is(err, stream.ErrConflict) {
		m, lastErr := l.store.Last(ctx, stream.Leases, stream.LeaseSubject(writer))
		switch {
		case errors.Is(lastErr, stream.ErrNone):
			return l.Acquire(ctx, writer) // it ended while the cluster was away, and nobody took it
		case lastErr != nil:
			return lastErr
		case string(m.Data) == l.holder:
			seq, err = m.Seq, nil
		}
	}
	if err != nil {
		return err
	}
	x.seq, x.renewed = seq, time.Now()
	return nil
}

// Free returns which of the writers' leases nobody holds.
func (l *Leases) Free(ctx context.Context, writers []string) (free []string, err error) {
	info, err := l.store.Info(ctx, stream.Leases, stream.LeaseSubject(stream.Any))
	if err != nil {
		return nil, err
	}
	for _, writer := range writers {
		if info.Subjects[stream.LeaseSubject(writer)] == 0 {
			free = append(free, writer)
		}
	}
	return free, nil
}

// Release gives a lease back.
func (l *Leases) Release(ctx context.Context, writer string) {
	x := l.held[writer]
	if x == nil {
		return
	}
	delete(l.held, writer)
	if err := l.store.Remove(ctx, stream.Leases, x.seq); err != nil {
		l.logger.Debug("give a lease back", "writer", writer, "error", err) // it ends by itself
	}
}

// ReleaseAll gives all leases back, so that others need not wait for them to end.
func (l *Leases) ReleaseAll(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, LeaseTry)
	defer cancel()
	for writer := range l.held {
		l.Release(ctx, writer)
	}
}
