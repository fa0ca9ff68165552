package queue

import (
	"context"

	"headgate/queue/stream"
)

// mostlyFull is the percent of the log's space that undelivered events take when it is nearly full.
const mostlyFull = 80

// NearlyFull reports whether undelivered events take most of the log's space, so that what is accepted should be chosen. It is
// a second old.
func (l *Log) NearlyFull() bool { return l.nearlyFull.Load() }

// measure finds out how much of the log's space undelivered events take: all but the finished beginning, in proportion.
func (l *Log) measure(ctx context.Context) error {
	info, err := l.store.Info(ctx, stream.Log, "")
	if err != nil {
		return err
	}
	finished, err := l.finishedBelow(ctx)
	if err != nil {
		return err
	}
	full := false
	if info.Bytes > l.room()/100*mostlyFull { // else it does not matter what is finished
		waiting := float64(less(info.Last+1, max(finished, info.First))) / float64(info.Last+1-info.First)
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
