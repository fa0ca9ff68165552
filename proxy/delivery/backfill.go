package delivery

import (
	"context"
	"errors"
)

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
