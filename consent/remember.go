package consent

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"headgate/event"
)

// resolution is what was concluded from some inputs, and when that holds.
type resolution struct {
	list            []input
	country, region string
	crowded         bool
	foreign         bool

	record  event.Record
	consent event.Map
	raw     event.Map // to be passed on
	age     span
}

func (r *resolution) of(in *inputs) bool {
	return r.country == in.country && r.region == in.region && r.crowded == in.crowded && r.foreign == in.foreign && slices.Equal(r.list, in.all())
}

// desk is where a conclusion is worked out. Desks are reused: of what one holds, a conclusion keeps only the list of inputs.
type desk struct {
	in       inputs
	readings []reading
}

var desks = sync.Pool{New: func() any { return new(desk) }}

// resolve concludes from inputs, of which it keeps a copy.
func (p *Policy) resolve(from *inputs, now time.Time) *resolution {
	d := desks.Get().(*desk)
	defer d.clear()
	d.in = from.clone()
	in := &d.in
	d.readings = p.readInto(d.readings[:0], in)
	record, age := p.conclude(d.readings, in.country, in.region, now)
	r := &resolution{list: in.all(), country: in.country, region: in.region, crowded: in.crowded, foreign: in.foreign,
		record: record, consent: consentOf(record.States), age: age}
	if p.PassOn {
		r.raw = in.raw()
	}
	return r
}

func (d *desk) clear() {
	clear(d.readings)
	d.in = inputs{}
	desks.Put(d)
}

// cacheSize is how many conclusions are remembered. One takes about 2 KB.
const cacheSize = 4096

// cache remembers what was concluded: a slot per hash value, overwritten by later conclusions, so that it is
// bounded and needs no lock. An entry must be compared with the inputs, since two may share a slot.
type cache struct {
	slots [cacheSize]atomic.Pointer[resolution]
	once  sync.Once
	hash  maphash.Seed
}

func (c *cache) seed() maphash.Seed {
	c.once.Do(func() { c.hash = maphash.MakeSeed() })
	return c.hash
}

func (c *cache) get(sum uint64) *resolution { return c.slots[sum%cacheSize].Load() }

func (c *cache) put(sum uint64, r *resolution) { c.slots[sum%cacheSize].Store(r) }
