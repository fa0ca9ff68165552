package delivery

import (
	"context"

	"headgate/destinations"
	"headgate/event/layout"
	"headgate/queue"
)

// A batch that is too large for memory is loose: it has the places of its events only. They are read from the log as often as the driver
// needs them, and each time it is looked at anew whether they are allowed; nothing of them lies anywhere else meanwhile.

// looseBytes is about how many bytes of memory an event of such a batch takes.
const looseBytes = 432

// loosen drops what is sent.
func (it *item) loosen() {
	if it.stored == nil {
		return
	}
	it.stored, it.held = nil, looseBytes
	it.sending = destinations.Sending{Attempt: it.sending.Attempt, Place: it.sending.Place}
	if it.group != nil {
		it.group.group.Forget()
	}
}

func isLoose(batch []item) bool { return len(batch) > 0 && batch[0].stored == nil }

// deliverLoose is deliver for such a batch.
func (d *Delivery) deliverLoose(ctx context.Context, batch []item) {
	for try := 1; len(batch) > 0; try++ {
		t := d.target.Load()
		if d.gate.Pass(ctx) != nil || !t.destination.Streams() {
			d.abandon(batch)
			return
		}
		r := &rereading{ctx: ctx, target: t, batch: batch, left: map[int]queue.Outcome{}}
		patient, cancel := t.patience(ctx)
		began := d.now()
		v := t.destination.DeliverEvents(patient, r.events)
		took := d.now().Sub(began)
		cancel()
		if ctx.Err() != nil && v.Kind != destinations.Delivered {
			d.gate.Succeeded() // nothing was learnt: the next one may try
			d.abandon(batch)
			return
		}
		if batch = r.finishLeft(d); len(batch) == 0 {
			d.gate.Succeeded()
			return
		}
		verdicts := make([]destinations.Verdict, len(batch))
		for i := range verdicts {
			verdicts[i] = v
		}
		d.answered(batch, verdicts, took)
		batch = d.judge(ctx, batch, verdicts, t.destination.Delivery().RetryFor, try)
	}
}

// rereading reads the events of a loose batch from the log.
type rereading struct {
	ctx    context.Context
	target *Target
	batch  []item
	left   map[int]queue.Outcome // of those that are not sent, by their places in the batch
}

func (r *rereading) events(yield func(i int, s *destinations.Sending) bool) error {
	var group *openGroup
	var stored [][]byte
	for i := range r.batch {
		it := &r.batch[i]
		if it.group != group {
			var err error
			if stored, err = it.group.group.Load(r.ctx); err != nil {
				return err
			}
			group = it.group
		}
		decision, err := layout.Decode(string(stored[it.index]))
		if err != nil {
			return err
		}
		sent, outcome := r.target.Prepare(decision)
		if outcome != queue.Retry {
			r.left[i] = outcome
			continue
		}
		s := it.sending
		s.Event, s.Consent, s.Outcomes = sent, &decision.Consent, decision.Outcomes
		if !yield(i, &s) {
			break
		}
	}
	return nil
}

// finishLeft finishes the events that were not sent and returns the others.
func (r *rereading) finishLeft(d *Delivery) (rest []item) {
	if len(r.left) == 0 {
		return r.batch
	}
	for i, it := range r.batch {
		if outcome, withheld := r.left[i]; withheld {
			d.finish(r.ctx, it.group, it.index, outcome, 0, "")
			continue
		}
		rest = append(rest, it)
	}
	return rest
}
