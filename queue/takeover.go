package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"headgate/queue/cluster"
	"headgate/queue/format"
	"headgate/queue/ledger"
	"headgate/queue/mark"
	"headgate/queue/stream"
)

// A process delivers its own ledger, and those of writers that are gone: without a cluster all that are found at the start, in a
// cluster those on which nobody holds a lease.

// takeOver opens the ledgers on which nobody has held a lease for a moment and that are not empty.
func (l *Log) takeOver(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, cluster.LeaseTerm)
	defer cancel()
	names, err := l.ledgers.Writers(ctx)
	if err != nil {
		return err
	}
	free, err := l.leases.Free(ctx, names)
	if err != nil {
		return err
	}
	maps.DeleteFunc(l.missing, func(name string, _ time.Time) bool { return !slices.Contains(free, name) })
	for _, name := range free {
		if l.missing[name].IsZero() {
			l.missing[name] = time.Now() // its holder may just be renewing it
			continue
		}
		if time.Since(l.missing[name]) < cluster.LeaseTry || l.ledgers.Keeps(name) {
			continue
		}
		if err := l.adopt(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) adopt(ctx context.Context, name string) error {
	if pending, err := l.ledgers.Pending(ctx, name); err != nil || !pending {
		return err
	}
	if err := l.leases.Acquire(ctx, name); err != nil {
		if errors.Is(err, stream.ErrConflict) {
			return nil
		}
		return err
	}
	led, err := l.ledgers.Open(ctx, name, format.Sums{})
	if err != nil {
		l.leases.Release(ctx, name)
		return err
	}
	l.logger.Info("taking over what another process left undelivered", "writer", name)
	l.ledgers.Start(led)
	return nil
}

// closeEmpty closes ledgers that were taken over and are empty now.
func (l *Log) closeEmpty() {
	for _, writer := range l.ledgers.CloseEmpty() {
		ctx, cancel := context.WithTimeout(l.tending, cluster.LeaseTry)
		l.leases.Release(ctx, writer)
		cancel()
	}
}

// loseLedger stops keeping a ledger that another process has now. When it was this process's own, it continues in a new one.
func (l *Log) loseLedger(writer string) {
	if old, own := l.ledgers.Lose(writer); own {
		l.startNewLedger(old)
	}
}

// startNewLedger makes this process write a new ledger instead of its own, which it has lost.
func (l *Log) startNewLedger(old *ledger.Ledger) {
	ctx, cancel := context.WithTimeout(l.tending, cluster.LeaseTerm)
	defer cancel()
	writer, err := l.chooseWriter(ctx)
	if err != nil {
		l.logger.Error("cannot go on writing the log; restart this process", "error", err)
		return
	}
	m, high, err := mark.Open(l.folder(), writer)
	if err == nil {
		var led *ledger.Ledger
		if led, err = l.ledgers.Open(ctx, writer, high); err == nil {
			l.ledgers.Start(led)
			l.appender.change(led, m)
			l.ledgers.Replace(old)
			return
		}
		m.Close()
	}
	l.logger.Error("cannot go on writing the log; restart this process", "error", err)
}

// keepLeases renews this process's leases, takes over ledgers without one, and closes those that are empty.
func (l *Log) keepLeases() {
	if !l.clustered {
		return
	}
	for _, writer := range l.leases.Renew(l.tending) {
		l.logger.Warn("another process has taken over a part of the log from this one, which was away too long", "writer", writer)
		l.loseLedger(writer)
	}
	l.closeEmpty()
	if err := l.takeOver(l.tending); err != nil {
		l.logger.Debug("look for ledgers without a holder", "error", err)
	}
}

// chooseWriter returns the name to write under. In a cluster that is this instance's, or that with a number while the lease on it
// is held because the process has just been gone for a moment.
func (l *Log) chooseWriter(ctx context.Context) (string, error) {
	if !l.clustered {
		return "headgate", nil
	}
	name := cmp.Or(l.o.Instance, l.o.Config.Instance)
	if name == "" {
		host, err := os.Hostname()
		if err != nil {
			return "", fmt.Errorf("find a name for this instance: %w; set queue.instance", err)
		}
		name = host
	}
	writer, err := l.leases.Choose(ctx, name)
	if err != nil {
		return "", fmt.Errorf("take the lease on %s: %w", writer, err)
	}
	return writer, nil
}
