package queue

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"headgate/queue/format"
	"headgate/queue/stream"
)

const (
	sweepEvery   = 30 * time.Second
	healEvery    = time.Second
	sweepTimeout = 30 * time.Second
	crowded      = 90 // percent of the log's space, above which finished groups are dropped early
	roomy        = 80 // percent, to which they are dropped then
)

// tend keeps the log in order: it drops what is old and finished, opens files again that could not be written, and in
// a cluster looks after the ledgers of processes that are gone.
func (l *Log) tend() {
	defer close(l.tended)
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	heal := time.NewTicker(healEvery)
	defer heal.Stop()
	for {
		select {
		case <-l.tending.Done():
			return
		case <-sweep.C:
			if err := l.Sweep(l.tending); err != nil {
				l.logger.Debug("sweep the log", "error", err)
			}
		case <-heal.C:
			l.heal()
			l.keepLeases()
			if err := l.measure(l.tending); err != nil {
				l.logger.Debug("measure the log", "error", err)
			}
		}
	}
}

// heal finds out whether a log that refused events has room again, and opens files again that could not be written.
func (l *Log) heal() {
	if l.Healthy() == nil && !l.store.Broken() {
		return
	}
	ctx, cancel := context.WithTimeout(l.tending, sweepTimeout)
	defer cancel()
	if err := l.tryRoom(ctx); err != nil {
		l.logger.Debug("look for room in the log", "error", err)
		return
	}
	l.ledgers.Recovered()
	l.logger.Info("events are taken again")
}

// tryRoom returns nil when the store works and has room for a group.
func (l *Log) tryRoom(ctx context.Context) error {
	if l.store.Broken() {
		if err := l.tryDisk(); err != nil {
			return err
		}
		if err := l.store.Restart(ctx); err != nil {
			return err
		}
	}
	info, err := l.store.Info(ctx, stream.Log, "")
	if err != nil {
		return err
	}
	if info.Bytes+groupBytes > l.room() {
		if err := l.Sweep(ctx); err != nil {
			return err
		}
		if info, err = l.store.Info(ctx, stream.Log, ""); err != nil {
			return err
		}
		if info.Bytes+groupBytes > l.room() {
			return ErrFull
		}
	}
	return nil
}

// tryDisk writes as much as a large group to the disk, and removes it again.
func (l *Log) tryDisk() error {
	path := filepath.Join(l.folder(), "room")
	err := os.WriteFile(path, make([]byte, 2*groupBytes), 0o600)
	return errors.Join(err, os.Remove(path))
}

// room is how many bytes the groups may take.
func (l *Log) room() uint64 { return uint64(l.o.Config.MaxBytes) / 4 * 3 }

// Sweep drops the groups that every cursor has finished and that are older than the configuration keeps, or more of them
// when space is short. It runs by itself now and then.
func (l *Log) Sweep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sweepTimeout)
	defer cancel()
	if err := l.sweepStates(ctx); err != nil {
		return err
	}
	info, err := l.store.Info(ctx, stream.Log, "")
	if err != nil || info.Messages == 0 {
		return err
	}
	finished, err := l.ledgers.FinishedBelow(ctx)
	if err != nil {
		return err
	}
	old := l.now().Add(-l.o.Config.Keep.Std())
	below := info.First
	if info.Oldest.Before(old) {
		seq, err := l.store.FirstSince(ctx, stream.Log, old)
		switch {
		case err == nil:
			below = min(seq, finished)
		case errors.Is(err, stream.ErrNone):
			below = finished
		default:
			return err
		}
	}
	if room := l.room(); info.Bytes > room/100*crowded {
		span := info.Last - info.First + 1
		spare := info.Bytes - room/100*roomy
		below = max(below, min(finished, info.First+uint64(float64(span)*float64(spare)/float64(info.Bytes))+1))
	}
	if below <= info.First {
		return nil
	}
	if err := l.store.Purge(ctx, stream.Log, "", below); err != nil {
		return err
	}
	return l.sweepNotes(ctx)
}

// sweepStates writes checkpoints, and drops all but a few of the old ones.
func (l *Log) sweepStates(ctx context.Context) error {
	below, err := l.ledgers.Checkpoint(ctx)
	if err != nil || l.clustered || below <= 1 { // in a cluster there are those of other writers among them; the stream has a limit
		return err
	}
	return l.store.Purge(ctx, stream.Checkpoints, "", below)
}

// sweepNotes drops what a replay needs to know about groups that are no longer there.
func (l *Log) sweepNotes(ctx context.Context) error {
	info, err := l.store.Info(ctx, stream.Log, "")
	if err != nil || info.Messages == 0 {
		return err
	}
	seq, err := l.store.FirstSince(ctx, stream.DeadLetters, info.Oldest)
	if errors.Is(err, stream.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	return l.store.Purge(ctx, stream.DeadLetters, stream.GoneSubject(stream.Any, stream.Any), seq)
}

// makeRoom makes room now, and reports whether there is any.
func (l *Log) makeRoom(ctx context.Context) bool {
	before, err := l.store.Info(ctx, stream.Log, "")
	if err != nil {
		return false
	}
	if err := l.Sweep(ctx); err != nil {
		return false
	}
	after, err := l.store.Info(ctx, stream.Log, "")
	return err == nil && after.Bytes < before.Bytes
}

// mostlyFull is the percent of the log's space that undelivered events take when it is nearly full.
const mostlyFull = 80

// NearlyFull reports whether undelivered events take most of the log's space, so that what is accepted should be chosen. The
// answer is up to a second old.
func (l *Log) NearlyFull() bool { return l.nearlyFull.Load() }

// measure finds out how much of the log's space undelivered events take: all but the finished beginning, in proportion.
func (l *Log) measure(ctx context.Context) error {
	info, err := l.store.Info(ctx, stream.Log, "")
	if err != nil {
		return err
	}
	finished, err := l.ledgers.FinishedBelow(ctx)
	if err != nil {
		return err
	}
	full := false
	if info.Bytes > l.room()/100*mostlyFull { // otherwise it does not matter what is finished
		waiting := float64(format.Difference(info.Last+1, max(finished, info.First))) / float64(info.Last+1-info.First)
		full = waiting*float64(info.Bytes) > float64(l.room()/100*mostlyFull)
	}
	if l.nearlyFull.Swap(full) != full {
		if full {
			l.logger.Warn("the log is nearly full of undelivered events: known visitors come first; raise queue.max_bytes, or look why a destination lags", "percent", mostlyFull)
		} else {
			l.logger.Info("the log has room again")
		}
	}
	return nil
}
