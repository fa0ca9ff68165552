package proxy

import (
	"context"
	"errors"
	"sync"
	"time"

	"headgate/queue"
)

// holding is a group of the log until all its items have met their fate.
type holding struct {
	group *queue.Group
	mu    sync.Mutex
	open  int
	left  []queue.Left
}

// delivered is the fate of an item that Settle need not be told about.
const delivered queue.Fate = 255

// finish notes the fate of one item and settles the group with the last of them.
func (d *delivery) finish(ctx context.Context, h *holding, index int, fate queue.Fate, after time.Duration, why string) {
	h.mu.Lock()
	if fate != delivered {
		h.left = append(h.left, queue.Left{Item: index, Fate: fate, After: after, Why: why})
	}
	h.open--
	last := h.open == 0
	h.mu.Unlock()
	if last {
		d.settle(ctx, h)
	}
}

// settleFor bounds how long a group's end may take to write once the server is stopping.
const settleFor = 5 * time.Second

func (d *delivery) settle(ctx context.Context, h *holding) {
	if len(h.left) == len(h.group.Items) && untouched(h.left) {
		h.group.Release(0)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleFor)
	defer cancel()
	for {
		err := h.group.Settle(ctx, h.left...)
		if err == nil {
			return
		}
		d.trouble("the log cannot be written: " + err.Error())
		if ctx.Err() != nil || errors.Is(err, queue.ErrClosed) {
			h.group.Release(0)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// putBackWhy marks events that go back to the log because deliveries stop, and not because they failed.
const putBackWhy = "deliveries stopped"

// putBack returns one item to the log as it was.
func (h *holding) putBack(ctx context.Context, d *delivery, index int) {
	d.finish(ctx, h, index, queue.Retry, 0, putBackWhy)
}

// untouched reports whether all of a group goes back as it was.
func untouched(left []queue.Left) bool {
	for _, l := range left {
		if l.Fate != queue.Retry || l.Why != putBackWhy {
			return false
		}
	}
	return true
}

// abandon returns a batch to the log: deliveries stop.
func (d *delivery) abandon(batch []parcel) {
	for _, p := range batch {
		p.group.putBack(context.Background(), d, p.index)
	}
}
