package destinations

import "context"

// Events are the events of a batch in their order, to be read as often as they are needed. i is an event's place in the batch: the same
// each time, while an event that was withheld meanwhile is left out. yield may keep what it is given; reading ends when it returns
// false. An error means that not all were read.
type Events func(yield func(i int, s *Sending) bool) error

// Streamer is a Driver that can deliver a batch which does not fit into memory.
type Streamer interface {
	// DeliverEvents is Deliver with one verdict for all of the events: they are written together or not at all.
	DeliverEvents(ctx context.Context, events Events) Verdict
}

// Streams reports whether DeliverEvents can be called.
func (d *Destination) Streams() bool {
	_, can := d.driver.(Streamer)
	return can
}

// DeliverEvents is Deliver for a batch that does not fit into memory; see Streamer.
func (d *Destination) DeliverEvents(ctx context.Context, events Events) Verdict {
	v := d.driver.(Streamer).DeliverEvents(ctx, func(yield func(int, *Sending) bool) error {
		return events(func(i int, s *Sending) bool {
			one := []Sending{*s}
			d.evaluate(one)
			return yield(i, &one[0])
		})
	})
	if v.Why != "" {
		v.Why = d.hide(v.Why)
	}
	return v
}

// All are the events of a batch in memory.
func All(batch []Sending) Events {
	return func(yield func(int, *Sending) bool) error {
		for i := range batch {
			if !yield(i, &batch[i]) {
				break
			}
		}
		return nil
	}
}
