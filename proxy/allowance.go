package proxy

import (
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// allowance bounds how many new choices are written down: one visitor's address, and all of them together. With a receipt
// of about a kilobyte, one visitor makes the data folder grow by about 100 KB in 15 seconds and 2 KB in each further one.
type allowance struct {
	all  *rate.Limiter
	each *lru.Cache[netip.Prefix, *rate.Limiter]
}

const (
	choicesAtOnce    = 60 // of one address
	choicesPerSecond = 2
	allChoicesAtOnce = 5000 // of all
	allChoicesPerSec = 100

	allowedAddresses = 16384 // are remembered: about 3 MB
)

func newAllowance() *allowance {
	each, err := lru.New[netip.Prefix, *rate.Limiter](allowedAddresses)
	if err != nil {
		panic("BUG: " + err.Error()) // the size is a positive constant
	}
	return &allowance{all: rate.NewLimiter(allChoicesPerSec, allChoicesAtOnce), each: each}
}

// The reasons why a choice is not written down.
const (
	droppedByAddress = "address" // one address told too many
	droppedByAll     = "all"     // all of them together did
	droppedByDisk    = "disk"    // the disk is full, or too slow
)

// take takes one choice of an address into account; dropped says why it may not be written down, "" when it may.
func (a *allowance) take(address netip.Addr, now time.Time) (dropped string) {
	bits := 48 // of IPv6: what one customer of a provider may own
	if address.Is4() || !address.IsValid() {
		bits = 32
	}
	network := netip.PrefixFrom(address, bits).Masked()
	one, ok := a.each.Get(network)
	if !ok {
		one = rate.NewLimiter(choicesPerSecond, choicesAtOnce)
		if before, known, _ := a.each.PeekOrAdd(network, one); known {
			one = before
		}
	}
	switch {
	case !one.AllowN(now, 1):
		return droppedByAddress
	case !a.all.AllowN(now, 1):
		return droppedByAll
	}
	return ""
}
