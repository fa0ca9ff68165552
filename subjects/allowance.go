package subjects

import (
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// allowance limits how many new choices are recorded, by address and for all addresses together. With a receipt
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

// The reasons why a choice is not recorded.
const (
	droppedByAddress = "address" // one address sent too many
	droppedByAll     = "all"     // all of them together did
	droppedByDisk    = "disk"    // the disk is full, or too slow
)

// take takes one choice of an address into account; dropped says why it may not be recorded, "" when it may. The zero
// address is that of the site's own servers, which only the limit for all addresses applies to.
func (a *allowance) take(address netip.Addr, now time.Time) (dropped string) {
	switch {
	case address.IsValid() && !a.of(address).AllowN(now, 1):
		return droppedByAddress
	case !a.all.AllowN(now, 1):
		return droppedByAll
	}
	return ""
}

func (a *allowance) of(address netip.Addr) *rate.Limiter {
	bits := 32
	if address.Is6() {
		bits = 48 // what one customer of a provider may own
	}
	network, err := address.Prefix(bits)
	if err != nil {
		panic("BUG: " + err.Error()) // the bits fit
	}
	if one, ok := a.each.Get(network); ok {
		return one
	}
	one := rate.NewLimiter(choicesPerSecond, choicesAtOnce)
	if before, known, _ := a.each.PeekOrAdd(network, one); known {
		return before
	}
	return one
}
