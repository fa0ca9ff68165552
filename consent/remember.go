package consent

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"headgate/consent/signals"
	"headgate/event"
)

// resolution is what was concluded from some inputs, and when that holds.
type resolution struct {
	list            []signals.Input
	country, region string
	crowded         bool
	foreign         bool

	record  event.Record
	consent event.Map
	raw     event.Map // to be passed on
	age     span
}

func (r *resolution) of(in *signals.Inputs) bool {
	return r.country == in.Country && r.region == in.Region && r.crowded == in.Crowded && r.foreign == in.Foreign && slices.Equal(r.list, in.All())
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

// span is the time in which a conclusion holds: after since and up to until, either open when zero.
type span struct{ since, until time.Time }

func (s *span) holds(now time.Time) bool {
	return now.After(s.since) && (s.until.IsZero() || !now.After(s.until))
}

// endBefore makes the span end before t.
func (s *span) endBefore(t time.Time) {
	if last := t.Add(-1); s.until.IsZero() || last.Before(s.until) {
		s.until = last
	}
}
