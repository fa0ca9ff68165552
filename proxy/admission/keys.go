package admission

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"headgate/config"
)

// Keys bounds the requests under each of the keys that the sources list, from however many addresses they come. It knows a key
// by its place in the configuration: it holds none of them, and a key that nobody configured takes no memory.
type Keys struct {
	requests rate.Limit

	mu      sync.Mutex
	buckets map[place]*rate.Limiter
}

// place is where a key stands: in the list of a source, from 1.
type place struct {
	source string
	key    int
}

// NewKeys returns a limit in requests a second; 0 is no limit.
func NewKeys(limits *config.Limits) *Keys {
	return &Keys{requests: rate.Limit(limits.PerKey), buckets: map[place]*rate.Limiter{}}
}

// Ask takes one request under a source's key into account and reports whether it may pass. A bucket holds two seconds' worth.
// The key 0 is none, and always passes.
func (k *Keys) Ask(source string, key int, now time.Time) bool {
	if key == 0 || k.requests <= 0 {
		return true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	bucket := k.buckets[place{source, key}]
	if bucket == nil {
		bucket = rate.NewLimiter(k.requests, max(1, int(2*k.requests)))
		k.buckets[place{source, key}] = bucket
	}
	return bucket.AllowN(now, 1)
}
