package delivery

import (
	"context"
	"errors"
	"sync"
	"time"

	"headgate/destinations"
	"headgate/event"
	"headgate/event/layout"
	"headgate/event/wording"
	"headgate/proxy/delivery/dedup"
	"headgate/proxy/delivery/pieces"
	"headgate/queue"
)

// The waits at a destination that is failing, and between the tries of an event that failed alone.
const (
	shortestProbe = time.Second
	longestProbe  = 10 * time.Second
	// aloneAfter is how often an event is tried together with others. One that failed so often may be what makes the server
	// fail, and it would hold the others up.
	aloneAfter = 3
)

// run delivers until ctx ends. It returns when nothing is in flight.
func (d *Delivery) run(ctx context.Context) {
	defer close(d.done)
	for d.mayRun(ctx) {
		round, interrupt := context.WithCancel(ctx)
		ended := make(chan struct{})
		d.mu.Lock()
		d.interrupt, d.roundDone = interrupt, ended
		running := d.state == Running
		d.mu.Unlock()
		if running {
			d.round(round)
		}
		interrupt()
		close(ended)
	}
}

// mayRun waits while the delivery is paused or halted; it returns false when ctx ends.
func (d *Delivery) mayRun(ctx context.Context) bool {
	for {
		d.mu.Lock()
		running, resumed := d.state == Running, d.resumed
		d.mu.Unlock()
		if running {
			return ctx.Err() == nil
		}
		select {
		case <-ctx.Done():
			return false
		case <-resumed:
		}
	}
}

// round delivers with one target until ctx ends.
func (d *Delivery) round(ctx context.Context) {
	settings := d.target.Load().destination.Delivery()
	batches := make(chan []item)
	var workers sync.WaitGroup
	for range settings.AtOnce {
		workers.Go(func() {
			for batch := range batches {
				d.deliver(ctx, batch)
			}
		})
	}
	d.collect(ctx, batches)
	close(batches)
	workers.Wait()
}

// collect takes groups from the cursor and hands them on in batches. A group is decoded when the one before it is in batches.
func (d *Delivery) collect(ctx context.Context, batches chan<- []item) {
	groups := make(chan *queue.Group)
	go func() {
		defer close(groups)
		d.fetch(ctx, groups)
	}()
	cutter := newCutter(d.target.Load(), d.cursor)
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	for {
		var ready [][]item
		select {
		case group, ok := <-groups:
			if !ok {
				d.abandon(cutter.rest())
				return
			}
			ready = cutter.add(group, d.open(ctx, group), d.now())
		case <-timer.C:
			ready = cutter.expired(d.now())
		}
		for _, batch := range ready {
			select {
			case batches <- batch:
			case <-ctx.Done():
				d.abandon(batch)
			}
		}
		if wait, waits := cutter.next(d.now()); waits {
			timer.Reset(wait)
		} else {
			timer.Stop()
		}
	}
}

func (d *Delivery) fetch(ctx context.Context, groups chan<- *queue.Group) {
	for {
		group, err := d.cursor.Next(ctx)
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, queue.ErrClosed) {
				return
			}
			d.trouble("the log cannot be read: " + err.Error())
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
			}
			continue
		}
		select {
		case groups <- group:
		case <-ctx.Done():
			group.Release(0)
			return
		}
	}
}

// open decodes a group and selects what is still to be sent of it. What is not is finished here.
func (d *Delivery) open(ctx context.Context, group *queue.Group) []item {
	t := d.target.Load()
	g := newOpenGroup(group)
	items := make([]item, 0, len(group.Items))
	now := d.now()
	changes := t.parts.Policy.Suppression.Changes()
	for i := range group.Items {
		one := &group.Items[i]
		decision, err := layout.Decoded(one.Live, one.Bytes)
		if err != nil {
			g.told[i] = told{flow: d.record.Book.Flow("", d.name), why: "unreadable"}
			d.finish(ctx, g, i, queue.Reject, 0, err.Error())
			continue
		}
		g.told[i] = d.record.tell(d.name, decision)
		sent, outcome := t.Prepare(decision)
		if outcome == queue.Retry && !d.claim(g, i, &decision.Event, now) {
			outcome = queue.Duplicate
		}
		if outcome != queue.Retry {
			d.finish(ctx, g, i, outcome, 0, "")
			continue
		}
		it := item{group: g, index: i, stored: decision, checked: changes, since: group.Time, held: decision.Held()}
		if !one.Since.IsZero() {
			it.since = one.Since
		}
		it.sending = destinations.Sending{Event: sent, Consent: &decision.Consent, Attempt: one.Attempt + 1, Outcomes: decision.Outcomes,
			Place: destinations.Place{Writer: group.Writer(), Group: one.Group(), Index: one.Index(), Again: group.Again()}}
		items = append(items, it)
	}
	d.record.filled(d.name, items)
	return items
}

// claim reports whether an event is to be sent: a fresh one unless it is a duplicate, all others always.
func (d *Delivery) claim(g *openGroup, index int, e *event.Event, now time.Time) bool {
	k := dedup.KeyOf(e.ID, e.Name)
	if !g.group.Fresh() {
		d.dedup.Hold(k)
	} else if !d.dedup.Claim(k, now) {
		return false
	}
	g.keys[index] = k
	return true
}

// deliver sends one batch, as often as the destination is failing, until each of its events is finished.
func (d *Delivery) deliver(ctx context.Context, batch []item) {
	if isLoose(batch) {
		d.deliverLoose(ctx, batch)
		return
	}
	refused := 0 // how often in a row the whole batch was refused with a server error
	for try := 1; len(batch) > 0; try++ {
		if d.gate.Pass(ctx) != nil {
			d.abandon(batch)
			return
		}
		t := d.target.Load()
		if batch = d.stillAllowed(ctx, t, batch); len(batch) == 0 {
			d.gate.Succeeded() // nothing was learnt: the next one may try
			return
		}
		patient, cancel := t.patience(ctx)
		verdicts := pieces.Send(batch, refused, func(some []item) []destinations.Verdict {
			sendings := make([]destinations.Sending, len(some))
			for i := range some {
				sendings[i] = some[i].sending
			}
			began := d.now()
			verdicts := t.destination.Deliver(patient, sendings)
			if ctx.Err() == nil || anyOf(verdicts, destinations.Delivered) {
				d.answered(some, verdicts, d.now().Sub(began))
			}
			return verdicts
		})
		cancel()
		if refused++; !pieces.AllServerErrors(verdicts) {
			refused = 0
		}
		if ctx.Err() != nil && !anyOf(verdicts, destinations.Delivered) {
			d.gate.Succeeded() // nothing was learnt: the next one may try
			d.abandon(batch)
			return
		}
		batch = d.judge(ctx, batch, verdicts, t.destination.Delivery().RetryFor, try)
	}
}

// stillAllowed lets those events of a batch go that were stopped since they were last looked at: they may have waited long for
// their destination, and a withdrawal stops what is still pending.
func (d *Delivery) stillAllowed(ctx context.Context, t *Target, batch []item) []item {
	policy := t.parts.Policy
	changes := policy.Suppression.Changes()
	allowed := batch[:0]
	for _, it := range batch {
		if it.checked != changes {
			now := policy.Still(it.stored, &t.configured.Need)
			if now.Action == event.Deny {
				d.finish(ctx, it.group, it.index, queue.Deny, 0, wording.Sentence(&now, &it.stored.Consent))
				continue
			}
			it.checked = changes
		}
		allowed = append(allowed, it)
	}
	return allowed
}
