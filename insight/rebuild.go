package insight

import (
	"context"
	"errors"
	"time"

	"headgate/consent"
	"headgate/event"
	"headgate/insight/answers"
	"headgate/insight/store"
	"headgate/queue"
)

// Progress is how far a rebuild has come.
type Progress struct {
	Read  uint64    `json:"read"` // groups of the log
	Total uint64    `json:"total"`
	Since time.Time `json:"since"` // from when on events are counted again
	Done  bool      `json:"done"`
}

// ErrBusy is returned while a rebuild is under way.
var ErrBusy = errors.New("insight is being rebuilt already")

// Rebuild counts everything since a time again: from the log as far as it goes back, and what is older from an archive, a destination
// that keeps events which can be read; without one, "", what is older stays as it is. progress is called now and then, and last with
// Done.
func (i *Insight) Rebuild(ctx context.Context, since time.Time, archive string, progress func(Progress)) error {
	in := i.serving.Load()
	if in == nil {
		return answers.ErrOff
	}
	oldest, err := i.o.Log.Oldest(ctx)
	if err != nil {
		return err
	}
	if oldest.IsZero() {
		oldest = i.now()
	}
	if archive == "" && oldest.After(since) {
		since = oldest
	}
	if !i.rebuilding.TryLock() {
		return ErrBusy
	}
	r, err := i.replace(ctx, in, since, oldest, archive, progress)
	i.rebuilding.Unlock()
	switch {
	case err != nil:
		return err
	case r == nil:
		progress(Progress{Since: since, Done: true})
		return nil
	}
	return i.awaitRefill(ctx, r, since, progress)
}

// replace loads what the archive has and puts it in the place of everything since a time, which is counted again from the log. It
// returns what the follower has to read for that, nil when that is nothing. The caller holds rebuilding.
func (i *Insight) replace(ctx context.Context, in *serving, since, oldest time.Time, archive string, progress func(Progress)) (r *refill, err error) {
	loading, changes := i.store.Load(), in.policy.Suppression.Changes()
	defer func() { err = errors.Join(err, loading.Discard()) }()
	if oldest.After(since) {
		all := reader{in: in, until: since.UnixMilli()}
		err := i.load(ctx, &all, archive, since, oldest, func(read, of int) {
			progress(Progress{Read: uint64(read), Total: uint64(of), Since: since})
		}, loading.Add)
		if err != nil {
			return nil, err
		}
	}
	from, err := i.o.Log.At(ctx, since)
	if err != nil {
		return nil, err
	}
	i.erasing.Lock()
	defer i.erasing.Unlock()
	_, end, err := i.o.Log.Bounds(ctx)
	if err != nil {
		return nil, err
	}
	r = &refill{since: since.UnixMilli(), from: from, end: min(end, i.store.Position()), done: make(chan struct{})}
	i.mu.Lock()
	busy := i.refill != nil
	if !busy {
		i.refill = r
	}
	i.mu.Unlock()
	if busy {
		return nil, ErrBusy
	}
	if err = loading.Replace(ctx, r.since, min(from, i.store.Position())); err == nil && in.policy.Suppression.Changes() != changes {
		clear(i.stopped) // who was stopped while it was read is looked for once more
		err = i.forget(ctx, in.policy)
	}
	if err != nil || from >= r.end {
		i.mu.Lock()
		i.refill = nil
		i.mu.Unlock()
		return nil, err
	}
	return r, nil
}

// load reads what an archive has that was received in a span.
func (i *Insight) load(ctx context.Context, r *reader, archive string, since, until time.Time, progress func(read, of int), add func(store.Record) error) error {
	var failed error
	err := i.o.Archived(ctx, archive, since, until, progress, func(e *event.Event) {
		if record, ok := r.archived(e); ok && failed == nil {
			failed = add(record)
		}
	})
	return errors.Join(err, failed)
}

// archived returns what is kept of an event of an archive, which says itself whether its visitor granted analytics.
func (r *reader) archived(e *event.Event) (store.Record, bool) {
	d := &event.Decision{Event: *e, Consent: event.Record{Country: e.Geo.Country, Region: e.Geo.Region}}
	state := event.State{Purpose: consent.Analytics, State: event.Denied, Basis: event.BySignal}
	if granted, _ := e.Consent.Get(consent.Analytics).Bool(); granted {
		state.State = event.Granted
	}
	d.Consent.States = []event.State{state}
	record, ok := r.decided(d)
	return record, ok && !e.IsAlert() && record.Time >= r.until
}

func (i *Insight) awaitRefill(ctx context.Context, r *refill, since time.Time, progress func(Progress)) error {
	t := time.NewTicker(gather)
	defer t.Stop()
	for {
		p := Progress{Total: r.end - r.from, Since: since}
		select {
		case <-r.done:
			p.Read, p.Done = p.Total, true
			progress(p)
			return nil
		case <-ctx.Done():
			return ctx.Err() // it goes on without anybody looking
		case <-i.ctx.Done():
			return queue.ErrClosed
		case <-t.C:
			p.Read = min(i.store.Position(), r.end) - min(r.from, i.store.Position())
			progress(p)
		}
	}
}
