package consent

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// cacheSize is how many conclusions are remembered. One takes about 2 KB.
const cacheSize = 4096

// cache remembers what a pure function concluded: a slot per hash value, overwritten by what comes later, so that it is
// bounded and needs no lock. What is found must be compared with what is asked for, since two may share a slot.
type cache[T any] struct {
	slots [cacheSize]atomic.Pointer[T]
	once  sync.Once
	hash  maphash.Seed
}

func (c *cache[T]) seed() maphash.Seed {
	c.once.Do(func() { c.hash = maphash.MakeSeed() })
	return c.hash
}

func (c *cache[T]) get(sum uint64) *T { return c.slots[sum%cacheSize].Load() }

func (c *cache[T]) put(sum uint64, v *T) { c.slots[sum%cacheSize].Store(v) }
