package insight

import (
	"context"
	"errors"
	"time"

	"headgate/queue"
)

// The follower's pace.
const (
	gather    = 100 * time.Millisecond // between two looks at the log: events are counted some at a time
	tendEvery = 10 * time.Second
	again     = time.Second // after an error
)

// run follows the log until Close.
func (i *Insight) run() {
	defer close(i.done)
	i.begin()
	var erased uint64
	var tended, forgot time.Time
	var took time.Duration
	for i.ctx.Err() == nil {
		in := i.serving.Load()
		if in == nil {
			i.pause(again)
			continue
		}
		i.step(in)
		now := i.now()
		if changes := in.policy.Suppression.Changes(); changes != erased && now.Sub(forgot) >= 10*took {
			if _, err := i.Forget(i.ctx, nil, now); i.report(err) {
				erased = changes
			}
			forgot, took = i.now(), i.now().Sub(now)
		}
		if now.Sub(tended) >= tendEvery || i.store.Full() {
			i.report(errors.Join(i.store.Tend(i.ctx, in.terms.Keep.Std()), i.SumUp(i.ctx)))
			tended = i.now()
		}
	}
}

// begin finds out whether the log is the one that the rows came from, and still has what was not read.
func (i *Insight) begin() {
	first, last, err := i.o.Log.Bounds(i.ctx)
	if !i.report(err) {
		return
	}
	position := i.store.Position()
	switch {
	case position > last:
		i.logger.Warn("the log is not the one that insight has counted; what it holds is counted beside what was counted before")
		i.store.Add(nil, 0)
	case position > 0 && first > position+1:
		i.mu.Lock()
		i.missed = first - position - 1
		i.mu.Unlock()
		i.logger.Warn("the log has dropped groups that insight had not counted; run headgate insight rebuild if an archive has them", "groups", first-position-1)
	}
}

// step counts the next groups, and waits a moment once it has come to where the log ended at the last wait: what comes meanwhile is
// counted together.
func (i *Insight) step(in *serving) {
	err := i.count(in)
	switch {
	case err == nil && i.store.Position() >= i.due:
		i.pause(gather)
		_, i.due, err = i.o.Log.Bounds(i.ctx)
		i.report(err)
	case err != nil && !errors.Is(err, context.DeadlineExceeded) && i.ctx.Err() == nil:
		i.report(err)
		i.pause(again)
	}
}

// reader returns a reader of the log for the next groups.
func (i *Insight) reader(in *serving) reader {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refill == nil {
		return reader{in: in}
	}
	return reader{in: in, until: i.refill.since, end: i.refill.end}
}

// refilled ends the rebuild under way once the follower has counted up to its end. The caller holds erasing: replace holds it, too,
// until the position is that of the rebuild's beginning, and before that the old position would pass for the end.
func (i *Insight) refilled(position uint64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refill != nil && position >= i.refill.end {
		close(i.refill.done)
		i.refill = nil
	}
}

// count counts the next groups of the log, once there are any.
func (i *Insight) count(in *serving) error {
	position := i.store.Position()
	ctx, cancel := context.WithTimeout(i.ctx, again)
	defer cancel()
	records := i.records[:0]
	var newest time.Time
	r, changes := i.reader(in), in.policy.Suppression.Changes()
	next, err := i.o.Log.Next(ctx, position, func(place uint64, s queue.Stored) {
		newest = s.Time
		if record, ok := r.read(place, &s); ok {
			records = append(records, record)
		}
	})
	if err == nil {
		i.erasing.Lock() // whoever was stopped meanwhile must not be added: then the same is read again
		if i.store.Position() == position && in.policy.Suppression.Changes() == changes {
			i.store.Add(records, next)
			i.refilled(next)
		}
		i.erasing.Unlock()
	}
	clear(records) // what they say is of the log's memory
	i.records = records
	i.see(newest)
	return err
}

func (i *Insight) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-i.ctx.Done():
	}
}

// see notes where the log ends, and when what was counted last was accepted.
func (i *Insight) see(newest time.Time) {
	_, last, err := i.o.Log.Bounds(i.ctx)
	i.mu.Lock()
	defer i.mu.Unlock()
	if err == nil {
		i.last = last
	}
	if !newest.IsZero() {
		i.counted = newest
	}
}

// report notes and logs what went wrong, once; it returns whether nothing did.
func (i *Insight) report(err error) bool {
	said := ""
	if err != nil && i.ctx.Err() == nil {
		said = err.Error()
	}
	i.mu.Lock()
	news := said != "" && said != i.trouble
	i.trouble = said
	i.mu.Unlock()
	if news {
		i.logger.Error("insight cannot go on: free disk space if there is none; what is counted later is in the log", "error", said)
	}
	return err == nil
}
