package delivery

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"headgate/destinations"
	"headgate/event"
	"headgate/event/layout"
	"headgate/proxy/delivery/dedup"
	"headgate/queue"
)

// logReader puts the events of the log into the batches in which they were delivered, or would have been.
type logReader struct {
	*filling
	log    *queue.Log
	cutter *cutter
	at     map[string]uint64 // by writer: the last group that is done
	seen   recent
	group  stretched
	items  []item
	err    error
}

// fromLog delivers what the log has. It begins and ends between two stretches of time, so that batches are whole.
func (f *filling) fromLog(ctx context.Context, log *queue.Log) error {
	settings := f.target.destination.Delivery()
	r := &logReader{filling: f, log: log, cutter: newCutter(f.target, f.d.cursor), at: map[string]uint64{}, seen: recent{window: settings.Dedup.Window}}
	if f.filled.At != "" {
		if err := json.Unmarshal([]byte(f.filled.At), &r.at); err != nil {
			return cannot("where it ended is not understood: %w", err)
		}
	}
	since, until := f.Since, r.cutter.stretch(f.Until.Add(-1))
	if !since.IsZero() {
		since = r.cutter.stretch(since).Add(-max(settings.Wait, time.Millisecond))
	}
	of, err := log.Count(ctx, since)
	if err != nil {
		return err
	}
	f.filled.Of = int64(of)
	f.progress(f.filled)
	err = log.Scan(ctx, since, func(s queue.Stored) bool {
		f.filled.Read++
		if s.Time.Before(until) && s.Group > r.at[s.Writer] {
			r.take(ctx, &s)
		}
		return r.err == nil && ctx.Err() == nil
	})
	if err == nil {
		err = r.err
	}
	if err != nil || ctx.Err() != nil {
		return err
	}
	r.close(ctx)
	for _, batch := range r.cutter.expired(f.d.now()) { // what is not complete yet is delivered as it arrives
		r.deliver(ctx, batch)
	}
	return r.err
}

// take reads one event.
func (r *logReader) take(ctx context.Context, s *queue.Stored) {
	if s.Writer != r.group.writer || s.Group != r.group.number {
		r.close(ctx)
		r.group = stretched{writer: s.Writer, number: s.Group, time: s.Time}
	}
	if at := slices.Index(s.Names, r.d.name); at >= 0 && !s.States[at].Due() {
		return
	}
	stored, err := layout.Decode(string(s.Bytes))
	if err != nil {
		return // the log's own check reports damage
	}
	sent, due := r.prepare(stored)
	if due {
		r.group.due++
	}
	if sent == nil || r.seen.before(dedup.KeyOf(stored.Event.ID, stored.Event.Name), s.Time) {
		return
	}
	r.items = append(r.items, item{stored: stored, checked: r.target.parts.Policy.Suppression.Changes(), held: stored.Held(), since: s.Time,
		sending: destinations.Sending{Event: sent, Consent: &stored.Consent, Attempt: 1, Outcomes: stored.Outcomes,
			Place: destinations.Place{Writer: s.Writer, Group: s.Group, Index: s.Index}}})
}

// close hands the group that was read to the cutter, and delivers what is ready.
func (r *logReader) close(ctx context.Context) {
	if r.group.due == 0 || r.err != nil {
		return
	}
	ready := r.cutter.addWhole(r.group, r.items)
	r.items, r.group = nil, stretched{}
	for _, batch := range ready {
		r.deliver(ctx, batch)
	}
}

func (r *logReader) deliver(ctx context.Context, batch []item) {
	if r.err != nil {
		return
	}
	last := batch[len(batch)-1].sending.Place
	if r.err = r.send(ctx, batch, r.again(ctx, batch)); r.err != nil {
		return
	}
	r.at[last.Writer] = last.Group
	at, err := json.Marshal(r.at)
	if err != nil {
		panic("BUG: numbers by names cannot be written: " + err.Error())
	}
	r.err = r.done(string(at))
}

// again reads the events of a batch once more, which are of one writer and in the log's order.
func (r *logReader) again(ctx context.Context, batch []item) destinations.Events {
	return func(yield func(i int, s *destinations.Sending) bool) error {
		at, ended := 0, false
		var failed error
		err := r.log.Scan(ctx, batch[0].since, func(s queue.Stored) bool {
			it := &batch[at]
			if p := it.sending.Place; s.Writer != p.Writer || s.Group != p.Group || s.Index != p.Index {
				return ctx.Err() == nil
			}
			var stored *event.Decision
			if stored, failed = layout.Decode(string(s.Bytes)); failed != nil {
				return false
			}
			if sent := r.anew(stored); sent != nil {
				one := it.sending
				one.Event, one.Consent, one.Outcomes = sent, &stored.Consent, stored.Outcomes
				if ended = !yield(at, &one); ended {
					return false
				}
			}
			at++
			return at < len(batch)
		})
		switch {
		case failed != nil:
			return failed
		case err != nil:
			return err
		case ctx.Err() == nil && !ended && at < len(batch):
			return cannot("%d events that were in the log a moment ago are not there any more", len(batch)-at)
		}
		return ctx.Err()
	}
}

// recent remembers events for at least a window, as what is delivered once does.
type recent struct {
	window     time.Duration // 0: nothing is remembered
	began      time.Time
	now, older map[dedup.Key]struct{}
}

// before reports whether an event was there within the window before.
func (r *recent) before(k dedup.Key, at time.Time) bool {
	if r.window == 0 {
		return false
	}
	if r.now == nil || at.Sub(r.began) > r.window {
		r.now, r.older, r.began = map[dedup.Key]struct{}{}, r.now, at
	}
	_, now := r.now[k]
	_, older := r.older[k]
	r.now[k] = struct{}{}
	return now || older
}
