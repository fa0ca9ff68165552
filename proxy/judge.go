package proxy

import (
	"context"
	"time"

	"headgate/destinations"
	"headgate/queue"
)

// judge lets the events of a batch meet the fate their verdicts say, and returns those to try again at once when the gate
// opens: all that failed, when none succeeded, since then it is the destination that is ill.
func (d *delivery) judge(ctx context.Context, batch []parcel, verdicts []destinations.Verdict, retryFor time.Duration, try int) (again []parcel) {
	ill, after := sick(verdicts)
	switch {
	case anyOf(verdicts, destinations.Halt):
		d.halt(verdicts)
	case ill:
		d.gate.failed(after)
		d.trouble(verdicts[0].Why)
	default:
		d.gate.succeeded()
	}
	now := d.now()
	for i, p := range batch {
		switch v := verdicts[i]; v.Kind {
		case destinations.Delivered:
			d.remember(p.key, now)
			d.finish(ctx, p.group, p.index, delivered, 0, "")
		case destinations.Reject:
			d.finish(ctx, p.group, p.index, queue.Bury, 0, v.Why)
		case destinations.Halt:
			p.group.putBack(ctx, d, p.index)
		default:
			switch {
			case now.Sub(p.since) > retryFor:
				d.finish(ctx, p.group, p.index, queue.Bury, 0, "given up after "+retryFor.String()+": "+v.Why)
			case ill && (v.Status < 500 || v.Status == 503 || try < stubborn):
				again = append(again, p)
			default:
				d.finish(ctx, p.group, p.index, queue.Retry, max(v.After, retryDelay(p.sending.Attempt)), v.Why)
			}
		}
	}
	return again
}

// sick reports whether a batch failed for a reason that is the destination's and not an event's: every event that was
// not rejected is to be retried. after is the longest wait it asked for.
func sick(verdicts []destinations.Verdict) (ill bool, after time.Duration) {
	for _, v := range verdicts {
		switch v.Kind {
		case destinations.Delivered, destinations.Halt:
			return false, 0
		case destinations.Retry:
			ill = true
			after = max(after, v.After)
		}
	}
	return ill, after
}

func anyOf(verdicts []destinations.Verdict, kind destinations.Kind) bool {
	for _, v := range verdicts {
		if v.Kind == kind {
			return true
		}
	}
	return false
}

// retryDelay is how long an event that failed alone waits before its next attempt: 5 s doubling to 30 min.
func retryDelay(attempt int) time.Duration {
	if attempt > 20 {
		return longestRetry
	}
	return min(longestRetry, shortestRetry<<max(attempt-1, 0))
}
