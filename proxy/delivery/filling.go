package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/destinations"
	"headgate/event"
	"headgate/queue"
	"headgate/rules"
)

// Backfill says what is loaded once more into a destination's store.
type Backfill struct {
	From   string // FromLog, or a destination that keeps files which can be read
	To     string
	Since  time.Time // accepted then or later
	Until  time.Time // and before then
	Where  *rules.Formula
	DryRun bool   // count, send nothing
	Asked  string // all of that in the person's words: asked for the same again, it goes on where it ended
	Again  bool   // it begins anew
}

// FromLog is the log as the place that events are taken from.
const FromLog = "log"

// Filled is how far a backfill has come.
type Filled struct {
	Read      int64  `json:"read"` // events of the log, or files, that were looked at
	Of        int64  `json:"of"`   // that there are to look at
	Delivered int64  `json:"delivered"`
	Withheld  int64  `json:"withheld"`      // consent does not allow them now, or the destination's own rules leave them out
	Rejected  int64  `json:"rejected"`      // the destination does not take them
	Why       string `json:"why,omitempty"` // it does not take the first of those; without what it quotes of visitors
	At        string `json:"at,omitempty"`  // everything up to there is done
}

// ErrBackfill are reasons why a backfill cannot begin or go on that a person can do something about.
var ErrBackfill = errors.New("backfill")

func cannot(form string, args ...any) error {
	return fmt.Errorf("%w: "+form, append([]any{ErrBackfill}, args...)...)
}

// filling is a backfill under way.
type filling struct {
	Backfill
	ds       *Deliveries
	d        *Delivery
	target   *Target
	machine  *rules.Machine
	progress func(Filled)
	filled   Filled
}

// prepare makes what is sent of a stored decision; nil when it is withheld. due reports whether the destination was to have it.
func (f *filling) prepare(stored *event.Decision) (sent *event.Event, due bool) {
	if f.Where != nil {
		if picked, err := f.Where.Truth(f.machine, &rules.Env{Event: &stored.Event}); err != nil || !picked {
			return nil, false
		}
	}
	was := f.decided(stored)
	if !was.Action.Due() {
		if was.Action == event.Deny {
			f.filled.Withheld++
		}
		return nil, false
	}
	sent, outcome := f.target.Prepare(stored)
	if outcome != queue.Retry {
		f.filled.Withheld++
		return nil, true
	}
	return sent, true
}

// decided is what was decided for the destination, or, where the event came before it did, what would have been.
func (f *filling) decided(stored *event.Decision) *event.Outcome {
	if was := stored.Outcome(f.d.name); was != nil {
		return was
	}
	late := f.target.Late(stored, f.machine)
	stored.Outcomes = append(stored.Outcomes[:len(stored.Outcomes):len(stored.Outcomes)], late)
	return &late
}

// anew is prepare for an event that is read again: it counts nothing.
func (f *filling) anew(stored *event.Decision) *event.Event {
	f.decided(stored)
	sent, outcome := f.target.Prepare(stored)
	if outcome != queue.Retry {
		return nil
	}
	return sent
}

// The waits for a store that does not take a batch.
const (
	shortestRefill = time.Second
	longestRefill  = time.Minute
)

// send delivers a batch, as often as the store is failing. read reads a loose one.
func (f *filling) send(ctx context.Context, batch []item, read destinations.Events) error {
	for wait := shortestRefill; len(batch) > 0; wait = min(2*wait, longestRefill) {
		if state, why := f.d.Condition(); state != Running {
			return cannot("%s is %s %s; resume it first", f.d.name, state, why)
		}
		if batch = f.stillAllowed(batch); f.DryRun {
			f.filled.Delivered += int64(len(batch))
			return nil
		}
		if len(batch) == 0 {
			return nil
		}
		verdicts := f.deliver(ctx, batch, read)
		left, after, err := f.judge(batch, verdicts)
		if err != nil || len(left) == 0 {
			return err
		}
		f.d.trouble(impersonal(verdicts[0].Why, batch))
		batch = left
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(max(wait, after)):
		}
	}
	return nil
}

func (f *filling) deliver(ctx context.Context, batch []item, read destinations.Events) []destinations.Verdict {
	if isLoose(batch) {
		v := f.target.destination.DeliverEvents(ctx, read)
		verdicts := make([]destinations.Verdict, len(batch))
		for i := range verdicts {
			verdicts[i] = v
		}
		return verdicts
	}
	sendings := make([]destinations.Sending, len(batch))
	for i := range batch {
		sendings[i] = batch[i].sending
	}
	return f.target.destination.Deliver(ctx, sendings)
}

// stillAllowed leaves out what the suppression list has come to forbid since it was looked at.
func (f *filling) stillAllowed(batch []item) (allowed []item) {
	policy := f.target.parts.Policy
	changes := policy.Suppression.Changes()
	for _, it := range batch {
		if it.checked != changes && it.stored != nil && policy.Still(it.stored, &f.target.configured.Need).Action == event.Deny {
			f.filled.Withheld++
			continue
		}
		it.checked = changes
		allowed = append(allowed, it)
	}
	return allowed
}

// judge counts what became of a batch and returns what is to be tried again.
func (f *filling) judge(batch []item, verdicts []destinations.Verdict) (left []item, after time.Duration, err error) {
	for i, v := range verdicts {
		switch v.Kind {
		case destinations.Delivered:
			f.filled.Delivered++
		case destinations.Reject:
			if f.filled.Rejected++; f.filled.Why == "" {
				f.filled.Why = impersonal(v.Why, batch)
			}
		case destinations.Halt:
			return nil, 0, cannot("%s refuses our settings: %s", f.d.name, impersonal(v.Why, batch))
		default:
			left, after = append(left, batch[i]), max(after, v.After)
		}
	}
	return left, after, nil
}

// done notes that everything up to a place is done.
func (f *filling) done(at string) error {
	f.filled.At = at
	f.progress(f.filled)
	if f.DryRun {
		return nil
	}
	return f.ds.writeFill(f.To, &fillState{Asked: f.Asked, Since: f.Since, Until: f.Until, Filled: f.filled})
}
