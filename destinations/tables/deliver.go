package tables

import (
	"context"

	"headgate/destinations"
	"headgate/destinations/rows"
)

// Result is what became of events that were written together.
type Result struct {
	Verdict destinations.Verdict // of all of them that are not in Wrong
	// Wrong are events, by index, that the store can never take. Nothing of the others was stored: they are written without these.
	Wrong map[int]destinations.Verdict
	// Split: all of them together were too much, and nothing was stored; a half may succeed.
	Split bool
}

// Deliver writes a batch and returns its verdicts. Of events that are rejected together the wrong ones are found by halving.
func Deliver(ctx context.Context, batch []destinations.Sending, write func(context.Context, []destinations.Sending) Result) []destinations.Verdict {
	d := &delivery{write: write, verdicts: make([]destinations.Verdict, len(batch))}
	at := make([]int, len(batch))
	for i := range at {
		at[i] = i
	}
	d.deliver(ctx, batch, at)
	return d.verdicts
}

type delivery struct {
	write    func(context.Context, []destinations.Sending) Result
	verdicts []destinations.Verdict
}

// deliver writes events; at says where the verdict of each belongs. It returns false when delivering others is pointless.
func (d *delivery) deliver(ctx context.Context, batch []destinations.Sending, at []int) bool {
	for len(batch) > 0 {
		got := d.write(ctx, batch)
		switch {
		case len(got.Wrong) > 0:
			batch, at = d.without(batch, at, got.Wrong)
			continue
		case len(batch) > 1 && (got.Split || got.Verdict.Kind == destinations.Reject):
			half := len(batch) / 2
			if d.deliver(ctx, batch[:half], at[:half]) {
				return d.deliver(ctx, batch[half:], at[half:])
			}
			got.Verdict, at = d.verdicts[at[half-1]], at[half:]
		}
		for _, i := range at {
			d.verdicts[i] = got.Verdict
		}
		return got.Verdict.Kind == destinations.Delivered || got.Verdict.Kind == destinations.Reject
	}
	return true
}

// without notes the verdicts of wrong events and returns the others. The lists themselves stay as they are.
func (d *delivery) without(batch []destinations.Sending, at []int, wrong map[int]destinations.Verdict) (rest []destinations.Sending, places []int) {
	for i := range batch {
		if v, is := wrong[i]; is {
			d.verdicts[at[i]] = v
			continue
		}
		rest, places = append(rest, batch[i]), append(places, at[i])
	}
	return rest, places
}

// Rows are the rows of a batch: its events, and what was decided about them where that is kept.
func Rows(batch []destinations.Sending, decisions bool) (events []*destinations.Sending, decided []*rows.Decision) {
	events = make([]*destinations.Sending, len(batch))
	for i := range batch {
		events[i] = &batch[i]
		if decisions {
			decided = append(decided, rows.DecisionsOf(&batch[i])...)
		}
	}
	return events, decided
}
