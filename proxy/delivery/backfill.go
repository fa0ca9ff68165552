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

// Backfill loads events that are stored into a destination's store. Consent may only have become stricter since they were: what is on
// the suppression list or was withdrawn stays out. The batches are those in which the destination was given the same events before,
// as far as their parts are still there, so that a store that recognizes a batch has each event once. progress is called after each
// batch. When ctx ends, or the configuration changes, what was done is in the result.
func (ds *Deliveries) Backfill(ctx context.Context, b Backfill, progress func(Filled)) (Filled, error) {
	d, err := ds.Find(b.To)
	if err != nil {
		return Filled{}, err
	}
	ctx, done, err := d.beginFill(ctx)
	if err != nil {
		return Filled{}, err
	}
	defer done()
	select {
	case <-d.done: // it was taken out of the configuration meanwhile
		return Filled{}, ErrReplaced
	case <-ds.ctx.Done():
		return Filled{}, errStops
	default:
	}
	f := &filling{Backfill: b, ds: ds, d: d, target: d.target.Load(), progress: progress}
	if f.target.destination.Spec().Driver == "" {
		return Filled{}, cannot("%s has no table or files that could be filled; headgate replay --to %s sends events again", b.To, b.To)
	}
	if err := f.resume(); err != nil {
		return Filled{}, err
	}
	m := f.target.parts.Language.Machine()
	defer m.Release()
	f.machine = m
	d.logger.Info("a backfill begins", "from", b.From, "since", f.Since, "until", f.Until, "goes_on", f.filled.At != "", "dry_run", b.DryRun)
	if err = f.run(ctx); err == nil && !b.DryRun {
		err = ds.forgetFill(b.To)
	}
	if errors.Is(err, ErrReplaced) && ds.ctx.Err() != nil {
		err = errStops
	}
	d.logger.Info("a backfill ends", "delivered", f.filled.Delivered, "withheld", f.filled.Withheld, "rejected", f.filled.Rejected, "complete", err == nil)
	return f.filled, err
}

// resume takes up what an earlier backfill of the same has left.
func (f *filling) resume() error {
	if f.DryRun || f.Again {
		return nil
	}
	s, err := f.ds.readFill(f.To, f.Asked)
	if s != nil {
		f.Since, f.Until, f.filled = s.Since, s.Until, s.Filled
		f.filled.Read = 0 // what is done is passed over, and counts again
	}
	return err
}

func (f *filling) run(ctx context.Context) (err error) {
	if f.From == FromLog {
		err = f.fromLog(ctx, f.ds.log)
	} else {
		err = f.fromArchive(ctx, f.ds)
	}
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		err = context.Cause(ctx) // which says why
	}
	return err
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
