package proxy

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// addressLimit bounds how many requests one visitor's address may send: a bucket that holds two seconds' worth. It
// remembers the addresses seen last.
type addressLimit struct {
	mu      sync.Mutex
	buckets *lru.Cache[netip.Addr, *rate.Limiter]
	rate    rate.Limit
}

// rememberedAddresses bounds the memory of the limit: about 10 MB.
const rememberedAddresses = 65536

// newAddressLimit returns a limit of that many requests a second; nil, which lets everything through, for 0.
func newAddressLimit(perSecond float64) *addressLimit {
	if perSecond <= 0 {
		return nil
	}
	buckets, err := lru.New[netip.Addr, *rate.Limiter](rememberedAddresses)
	if err != nil {
		panic("BUG: " + err.Error()) // the size is a positive constant
	}
	return &addressLimit{buckets: buckets, rate: rate.Limit(perSecond)}
}

// allow takes one request of an address into account and reports whether it may pass.
func (l *addressLimit) allow(address netip.Addr, now time.Time) bool {
	if l == nil {
		return true
	}
	l.mu.Lock()
	bucket, ok := l.buckets.Get(address)
	if !ok {
		bucket = rate.NewLimiter(l.rate, max(1, int(2*l.rate)))
		l.buckets.Add(address, bucket)
	}
	l.mu.Unlock()
	return bucket.AllowN(now, 1)
}
