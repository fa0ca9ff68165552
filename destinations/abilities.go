package destinations

import (
	"context"
	"fmt"
	"time"

	"headgate/event"
	"headgate/event/trace"
)

// Shower is a Driver that makes requests of events and can show them.
type Shower interface {
	// Show encodes a batch with the settings of the type secret masked, and sends nothing. An event that cannot be sent at all
	// has its verdict; the zero Verdict stands for the others.
	Show(batch []Sending) ([]trace.Request, []Verdict)
}

// Pacer is a Driver whose own settings say how its batches are cut; what the entry's delivery: says goes before.
type Pacer interface {
	Pace(Delivery) Delivery
}

// pace lets the driver choose what the entry leaves open.
func (d *Destination) pace(c Config) {
	pacer, is := d.driver.(Pacer)
	if !is {
		return
	}
	p := pacer.Pace(d.delivery)
	if c.Delivery.Batch == 0 {
		d.delivery.Events = p.Events
	}
	if c.Delivery.Wait == 0 {
		d.delivery.Wait = p.Wait
	}
	if c.Delivery.AtOnce == 0 {
		d.delivery.AtOnce = p.AtOnce
	}
}

// Definer is a Driver whose tables are made by statements in its store's own language.
type Definer interface {
	// DDL is what makes the tables, a statement each.
	DDL() []string
}

// DDL is what makes the destination's tables; nil when it has none of its own.
func (d *Destination) DDL() []string {
	if definer, is := d.driver.(Definer); is {
		return definer.DDL()
	}
	return nil
}

// Loader is a Driver of files that other stores load.
type Loader interface {
	// Loading is what makes a store load the files, a statement each. The error says why it cannot, or which stores there are.
	Loading(store string) ([]string, error)
}

// Loader is the destination as one whose files other stores load; false when it has none.
func (d *Destination) Loader() (Loader, bool) {
	loader, is := d.driver.(Loader)
	return loader, is
}

// Modeller is a Driver over whose table of events there are views for analysts.
type Modeller interface {
	// Models is what makes the views, a statement each, in an order in which they can be made.
	Models() []string
}

// Models is what makes views over the destination's table; nil when it has none.
func (d *Destination) Models() []string {
	if modeller, is := d.driver.(Modeller); is {
		return modeller.Models()
	}
	return nil
}

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

// Archive is a Driver that keeps events where they can be read again.
type Archive interface {
	// List names the pieces in which events are kept that were received in a span, oldest first. It may name others beside them.
	List(ctx context.Context, since, until time.Time) ([]string, error)
	// Read calls fn with the rows of a piece in their order, objects by column with what is JSON nested, until fn returns false.
	Read(ctx context.Context, name string, fn func(row event.Map) bool) error
}

// Archive is what the destination keeps; nil when none of it can be read again.
func (d *Destination) Archive() Archive {
	archive, _ := d.driver.(Archive)
	return archive
}

// EventOf is the event that a row of an archive was made of, as far as it says. Columns of a person's own are passed over: they are
// computed again where they are wanted.
func EventOf(row event.Map) (*event.Event, error) {
	e := &event.Event{}
	for i := range event.Fields {
		f := &event.Fields[i]
		if v := row.Get(f.Column()); !v.IsNull() {
			if err := e.SetPath(f.Path, v); err != nil {
				return nil, fmt.Errorf("column %s: %w", f.Column(), err)
			}
		}
	}
	return e, nil
}

// Person identifies someone by a field of events.
type Person struct {
	Field   string   // user.client_id, user.user_id or user.email
	Values  []string // the texts to look for: an e-mail address may be stored as its hash
	AnyCase bool     // Values are in lower case; the stored text may be in any
}

// Erased is the outcome of erasing a person at a destination.
type Erased struct {
	Removed int64    // rows that were removed
	Remains []string // where data remains: a person has to act
	Advice  string   // what that person can do
}

// Eraser is a Driver that can remove what it has written about someone, or at least say where it is.
type Eraser interface {
	Erase(ctx context.Context, p Person) (Erased, error)
}

// Erase removes what can be removed of what was sent about someone. Vendors reached over HTTP have no
// deletion by event, so the advice is to ask them.
func (d *Destination) Erase(ctx context.Context, p Person) (Erased, error) {
	if eraser, can := d.driver.(Eraser); can {
		return eraser.Erase(ctx, p)
	}
	return Erased{Advice: "what was delivered before is the vendor's: " + d.spec.Title + " has no deletion by event; ask them to delete the person"}, nil
}
