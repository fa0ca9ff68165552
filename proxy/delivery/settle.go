package delivery

import (
	"context"
	"errors"
	"sync"
	"time"

	"headgate/destinations"
	"headgate/event"
	"headgate/proxy/delivery/dedup"
	"headgate/queue"
)

// item is one event to be sent: its place in a group of the log, and what is sent.
type item struct {
	group   *openGroup
	index   int
	sending destinations.Sending
	stored  *event.Decision
	checked uint64    // how often the suppression list had changed when this was last found to be allowed
	since   time.Time // when it was accepted
	held    int       // about how many bytes of memory it takes
}

// openGroup is a group of the log until each of its items is finished.
type openGroup struct {
	group *queue.Group
	keys  []dedup.Key // of the items that are sent: they hold their keys until the group is settled
	told  []told      // of the items, for the counts

	mu   sync.Mutex
	open int // items that are not finished
	left []queue.Left
}

func newOpenGroup(group *queue.Group) *openGroup {
	return &openGroup{group: group, open: len(group.Items), keys: make([]dedup.Key, len(group.Items)), told: make([]told, len(group.Items))}
}

// delivered is the outcome of an item that Settle need not be told about.
const delivered queue.Outcome = 255

// finish notes what happened to one item and settles the group with the last of them.
func (d *Delivery) finish(ctx context.Context, g *openGroup, index int, outcome queue.Outcome, after time.Duration, why string) {
	if g.close(index, outcome, after, why) {
		d.settle(ctx, g)
	}
}

// close notes what became of one item and reports whether it was the group's last.
func (g *openGroup) close(index int, outcome queue.Outcome, after time.Duration, why string) (last bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if outcome != delivered {
		g.left = append(g.left, queue.Left{Item: index, Outcome: outcome, After: after, Why: why})
	}
	g.open--
	return g.open == 0
}

// settleTogether settles groups of which every item was delivered.
func (d *Delivery) settleTogether(whole []*openGroup) {
	groups := make([]*queue.Group, len(whole))
	for i, g := range whole {
		groups[i] = g.group
	}
	queue.SettleTogether(groups)
	for _, g := range whole {
		d.known(g)
		d.count(g)
	}
}

// settleFor bounds how long a group's end may take to write once the server is stopping.
const settleFor = 5 * time.Second

func (d *Delivery) settle(ctx context.Context, g *openGroup) {
	if len(g.left) == len(g.group.Items) && untouched(g.left) {
		d.release(g)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleFor)
	defer cancel()
	for {
		err := g.group.Settle(ctx, g.left...)
		if err == nil {
			d.known(g)
			d.count(g)
			return
		}
		d.trouble("the log cannot be written: " + err.Error())
		if ctx.Err() != nil || errors.Is(err, queue.ErrClosed) {
			d.release(g)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// known notes that the events of a settled group were sent.
func (d *Delivery) known(g *openGroup) {
	now := d.now()
	for _, k := range g.keys {
		if k != 0 {
			d.dedup.Done(k, now)
		}
	}
}

// release has the log hand a group out again. Those of its events that were delivered anyway are duplicates then.
func (d *Delivery) release(g *openGroup) {
	for _, l := range g.left {
		if k := &g.keys[l.Item]; *k != 0 {
			d.dedup.Release(*k) // before the group can come again
			*k = 0
		}
	}
	d.known(g)
	g.group.Release(0)
}

// stoppedWhy marks events that go back to the log because deliveries stop, and not because they failed.
const stoppedWhy = "deliveries stopped"

// putBack returns one item to the log as it was.
func (g *openGroup) putBack(ctx context.Context, d *Delivery, index int) {
	d.finish(ctx, g, index, queue.Retry, 0, stoppedWhy)
}

// untouched reports whether all of a group goes back as it was.
func untouched(left []queue.Left) bool {
	for _, l := range left {
		if l.Outcome != queue.Retry || l.Why != stoppedWhy {
			return false
		}
	}
	return true
}

// abandon returns a batch to the log: deliveries stop.
func (d *Delivery) abandon(batch []item) {
	for _, it := range batch {
		it.group.putBack(context.Background(), d, it.index)
	}
}
