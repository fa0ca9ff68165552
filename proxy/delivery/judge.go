package delivery

import (
	"context"
	"slices"
	"strings"
	"time"

	"headgate/consent"
	"headgate/destinations"
	"headgate/event"
	"headgate/proxy/delivery/pieces"
	"headgate/queue"
)

const (
	shortestRetry = 5 * time.Second
	longestRetry  = 30 * time.Minute
	// stubborn is how often a batch may be answered with server errors before its events are retried one by one.
	stubborn = 8
)

// judge finishes the events of a batch as their verdicts say, and returns those to try again at once when the gate opens: all
// that failed, when none succeeded, since then it is the destination that is failing.
func (d *Delivery) judge(ctx context.Context, batch []item, verdicts []destinations.Verdict, retryFor time.Duration, try int) (again []item) {
	failing, after := isFailing(verdicts)
	switch {
	case anyOf(verdicts, destinations.Halt):
		d.halt(batch, verdicts)
	case failing:
		d.gate.Failed(after)
		d.trouble(impersonal(verdicts[0].Why, batch))
	default:
		d.gate.Succeeded()
	}
	now := d.now()
	d.arrived(ctx, batch, verdicts)
	for i, it := range batch {
		switch v := verdicts[i]; v.Kind {
		case destinations.Delivered:
		case destinations.Reject:
			it.group.told[it.index].why = statusOf(v)
			d.finish(ctx, it.group, it.index, queue.Reject, 0, v.Why)
		case destinations.Halt:
			it.group.putBack(ctx, d, it.index)
		default:
			switch {
			case now.Sub(it.since) > retryFor:
				it.group.told[it.index].why = "given_up"
				d.finish(ctx, it.group, it.index, queue.Reject, 0, givenUp+retryFor.String()+": "+v.Why)
			case failing && (!pieces.IsServerError(v) || try < stubborn):
				again = append(again, it)
			default:
				d.finish(ctx, it.group, it.index, queue.Retry, max(v.After, retryDelay(it.sending.Attempt)), v.Why)
			}
		}
	}
	return again
}

// arrived finishes what was delivered. Groups that were delivered as a whole are settled together, so that after a crash the
// log hands out all of the batch again or nothing.
func (d *Delivery) arrived(ctx context.Context, batch []item, verdicts []destinations.Verdict) {
	var whole []*openGroup
	for i, it := range batch {
		if verdicts[i].Kind != destinations.Delivered {
			continue
		}
		switch {
		case !it.group.close(it.index, delivered, 0, ""):
		case len(it.group.left) == 0:
			whole = append(whole, it.group)
		default:
			d.settle(ctx, it.group)
		}
	}
	d.settleTogether(whole)
}

// givenUp begins the words of a dead letter that the destination did not reject: it has failed for too long.
const givenUp = "given up after "

// isFailing reports whether a batch failed for a reason that is the destination's and not an event's: every event that was
// not rejected is to be retried. after is the longest wait it asked for.
func isFailing(verdicts []destinations.Verdict) (failing bool, after time.Duration) {
	for _, v := range verdicts {
		switch v.Kind {
		case destinations.Delivered, destinations.Halt:
			return false, 0
		case destinations.Retry:
			failing = true
			after = max(after, v.After)
		}
	}
	return failing, after
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

// halt stops deliveries until a person resumes them: the destination refuses our settings.
func (d *Delivery) halt(batch []item, verdicts []destinations.Verdict) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != Running {
		return
	}
	refused := slices.IndexFunc(verdicts, func(v destinations.Verdict) bool { return v.Kind == destinations.Halt })
	d.words = impersonal(verdicts[refused].Why, batch)
	d.state, d.resumed = Halted, make(chan struct{})
	d.interrupt()
	d.logger.Error("destination halted: it refuses our settings; fix them and resume it", "why", d.words)
}

// impersonal returns what a destination said of a batch without what it quotes of the visitors: dead letters and explain show
// its own words, logs and the status do not.
func impersonal(why string, batch []item) string {
	about := make([]*event.Event, 0, len(batch))
	for i := range batch {
		if e := batch[i].sending.Event; e != nil {
			about = append(about, e)
		}
	}
	return consent.Impersonal(why, about)
}

// MayHaveArrived reports whether an event was given up after failures and its destination does not recognise duplicates.
func (d *Delivery) MayHaveArrived(l *queue.DeadLetter) bool {
	return strings.HasPrefix(l.Why, givenUp) && d.target.Load().CountsTwice()
}
