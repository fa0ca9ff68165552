package insight

import (
	"context"
	"errors"
	"time"

	"headgate/insight/count"
	"headgate/insight/store"
)

// reach makes sure that days which are asked about are here, although they are older than `keep`: the destination that `store` names has
// them. The first question about a day waits until it is read; those that follow find it. Who asks may go: it is read all the same.
func (i *Insight) reach(ctx context.Context, in *serving, period count.Period) error {
	from, to := count.DayOf(period.Since), min(period.Until, store.Kept(i.now(), in.terms.Keep.Std()))
	if in.terms.Store.Value == "" || from >= to {
		return nil
	}
	done := make(chan error, 1)
	i.fetching.Go(func() { done <- i.fetch(i.ctx, in, from, to) })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fetch reads days from the store, as far as they were not read a moment ago.
func (i *Insight) fetch(ctx context.Context, in *serving, from, to int64) (err error) {
	i.rebuilding.Lock()
	defer i.rebuilding.Unlock()
	now := i.now()
	here := func(at int64) bool { return now.Sub(i.fetched[at]) < store.FetchedFor/2 }
	for from < to && here(from) {
		from += count.Day
	}
	for from < to && here(to-count.Day) {
		to -= count.Day
	}
	if from == to {
		return nil
	}
	loading, changes := i.store.Load(), in.policy.Suppression.Changes()
	defer func() { err = errors.Join(err, loading.Discard()) }()
	add := func(r store.Record) error {
		if r.Time >= to {
			return nil
		}
		return loading.Add(r)
	}
	// Received is when it arrived: a clock may have been ahead, and events may have come late.
	since, until := time.UnixMilli(from).Add(-time.Hour), time.UnixMilli(to).Add(store.SealAfter)
	if err := i.load(ctx, &reader{in: in, until: from}, in.terms.Store.Value, since, until, func(int, int) {}, add); err != nil {
		return err
	}
	i.erasing.Lock()
	defer i.erasing.Unlock()
	if err := loading.Fetched(from, to); err != nil {
		return err
	}
	for at := from; at < to; at += count.Day {
		i.fetched[at] = now
	}
	if in.policy.Suppression.Changes() != changes {
		clear(i.stopped) // who was stopped while it was read is looked for once more
		err = i.forget(ctx, in.policy)
	}
	return err
}
