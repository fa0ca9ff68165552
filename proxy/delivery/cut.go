package delivery

import (
	"time"

	"headgate/destinations"
	"headgate/queue"
)

// cutter puts groups together into batches. One for requests cuts a batch as soon as it is full, and the last when its first event
// has waited long enough.
//
// One for a driver cuts at stable places, so that a batch that is sent again after a crash is the same: only between groups, when
// the batch is full, or when the next group was accepted in another stretch of time, whose length is the wait. It knows
// from the log, not from its own clock, that such a stretch is complete. A batch is of one writer. A group of retries is a batch.
//
// Where the driver can take a batch that is not in memory, the events of one that grows too large for it are dropped from memory, and
// only their places are kept.
type cutter struct {
	settings destinations.Delivery
	most     int  // bytes of memory that a batch may hold
	stable   bool // for a driver
	streams  bool // for a driver that takes batches which are not in memory
	complete func(writer string, after uint64, before time.Time) bool
	open     map[string]*openBatch // by writer; "" when not stable
}

// openBatch is a batch that grows.
type openBatch struct {
	items []item
	due   int // events that were due, also those left out since
	held  int // bytes of memory
	loose bool
	last  uint64
	ends  time.Time // when it is to be sent at the latest
}

// again is how long a stretch of time that has passed is waited for when groups of it may still come.
const again = 5 * time.Millisecond

func newCutter(t *Target, c *queue.Cursor) *cutter {
	settings := t.destination.Delivery()
	return &cutter{settings: settings, most: t.room / settings.AtOnce, stable: t.destination.Spec().Driver != "", streams: t.destination.Streams(),
		complete: c.Complete, open: map[string]*openBatch{}}
}

// add takes a group of which items are to be sent, and returns the batches that are ready.
func (c *cutter) add(g *queue.Group, items []item, now time.Time) (ready [][]item) {
	if c.stable {
		if !g.Fresh() {
			return c.retries(items)
		}
		return c.addWhole(stretched{g.Writer(), g.Number(), g.Time, len(g.Items)}, items)
	}
	b := c.batch("")
	for _, it := range items {
		if it.sending.Attempt > aloneAfter {
			ready = append(ready, []item{it})
			continue
		}
		if len(b.items) == 0 {
			b.ends = now.Add(c.settings.Wait)
		}
		b.items = append(b.items, it)
		if b.held += it.held; len(b.items) >= c.settings.Events || b.held >= c.most {
			ready = append(ready, b.cut()...)
		}
	}
	return ready
}

// stretched is what the log says of a group by which batches for drivers are cut.
type stretched struct {
	writer string
	number uint64
	time   time.Time // when it was accepted
	due    int       // events that were due
}

func (c *cutter) addWhole(g stretched, items []item) (ready [][]item) {
	b := c.batch(g.writer)
	if ends := c.stretch(g.time); !ends.Equal(b.ends) || g.number <= b.last {
		ready = b.cut()
		b.ends = ends
	}
	b.last = g.number
	b.items = append(b.items, items...)
	b.due += g.due
	for i := range items {
		b.held += items[i].held
	}
	if c.streams && b.held >= c.most {
		b.loosen()
	}
	if b.due >= c.settings.Events || b.held >= c.most {
		ready = append(ready, b.cut()...)
	}
	return ready
}

// retries returns a group of retries as a batch, without those that are tried alone.
func (c *cutter) retries(items []item) (ready [][]item) {
	var batch []item
	for _, it := range items {
		if it.sending.Attempt > aloneAfter {
			ready = append(ready, []item{it})
			continue
		}
		batch = append(batch, it)
	}
	if len(batch) > 0 {
		ready = append(ready, batch)
	}
	return ready
}

// stretch is the end of the stretch of time that t is in. Stretches begin at multiples of the wait.
func (c *cutter) stretch(t time.Time) time.Time {
	wait := max(c.settings.Wait, time.Millisecond)
	return time.Unix(0, (t.UnixNano()/int64(wait)+1)*int64(wait))
}

func (c *cutter) batch(writer string) *openBatch {
	b := c.open[writer]
	if b == nil {
		b = &openBatch{}
		c.open[writer] = b
	}
	return b
}

// cut returns what is in the batch, as a list, and begins the next.
func (b *openBatch) cut() (ready [][]item) {
	if b.loose {
		b.loosen()
	}
	if len(b.items) > 0 {
		ready = [][]item{b.items}
	}
	b.items, b.due, b.held, b.loose = nil, 0, 0, false
	return ready
}

// loosen drops the events of the batch from memory; they are read from the log again when the batch is delivered.
func (b *openBatch) loosen() {
	for i := range b.items {
		b.items[i].loosen()
	}
	b.held, b.loose = len(b.items)*looseBytes, true
}

// expired returns the batches that have waited long enough.
func (c *cutter) expired(now time.Time) (ready [][]item) {
	for writer, b := range c.open {
		if len(b.items) == 0 || now.Before(b.ends) {
			continue
		}
		if !c.stable || c.complete(writer, b.last, b.ends) {
			ready = append(ready, b.cut()...)
		}
	}
	return ready
}

// next is how long until expired is to be asked again; false when there is nothing to ask about.
func (c *cutter) next(now time.Time) (wait time.Duration, waits bool) {
	for _, b := range c.open {
		if len(b.items) == 0 {
			continue
		}
		left := b.ends.Sub(now)
		if c.stable {
			left = max(left, again)
		}
		if !waits || left < wait {
			wait, waits = left, true
		}
	}
	return wait, waits
}

// rest returns what is in no batch yet.
func (c *cutter) rest() (items []item) {
	for _, b := range c.open {
		items = append(items, b.items...)
	}
	return items
}
