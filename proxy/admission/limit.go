package admission

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"headgate/config"
	"headgate/queue"
)

// Addresses bounds what one visitor's address may send: requests, and bytes. It remembers the addresses seen last. An IPv6
// visitor owns a /64, and often a /48 with 65,536 of them: all of a /48 may send what networkShare addresses may, and take the
// place of one in memory.
type Addresses struct {
	requests, bytes rate.Limit

	mu       sync.Mutex
	networks *lru.Cache[netip.Prefix, *network]
}

const (
	rememberedNetworks = 65536 // IPv4 addresses and IPv6 /48s; about 20 MB
	rememberedSubnets  = 64    // of a /48
	networkShare       = 16
)

// network is an IPv4 address, or an IPv6 /48 and some of its /64s.
type network struct {
	quota
	subnets map[netip.Prefix]*quota
}

// quota is what may still be sent: buckets that hold two seconds' worth. A nil bucket lets everything through.
type quota struct{ requests, bytes *rate.Limiter }

// Visitor is whoever sends from an address: the quotas that what it sends is taken from. The zero Visitor may send anything.
type Visitor struct {
	own, network *quota
	weight       int // how often each byte counts; 0 is once
}

// weightWhenFull is how often each byte counts while the log is nearly full, so that no address takes much of what is left.
const weightWhenFull = 8

// NewAddresses returns a limit in requests and in bytes a second; 0 is no limit.
func NewAddresses(limits *config.Limits) *Addresses {
	networks, err := lru.New[netip.Prefix, *network](rememberedNetworks)
	if err != nil {
		panic("BUG: " + err.Error()) // the size is a positive constant
	}
	return &Addresses{requests: rate.Limit(limits.PerAddress), bytes: rate.Limit(limits.Volume()), networks: networks}
}

// Visitor finds whoever sends from an address.
func (l *Addresses) Visitor(address netip.Addr) Visitor {
	if l.requests <= 0 && l.bytes <= 0 {
		return Visitor{}
	}
	if !address.Is6() {
		l.mu.Lock()
		defer l.mu.Unlock()
		return Visitor{own: &l.network(netip.PrefixFrom(address, 32), 1).quota}
	}
	subnet, site := masked(address, 64), masked(address, 48)
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.network(site, networkShare)
	own := n.subnets[subnet]
	if own == nil {
		for other := range n.subnets { // any of them: what they have left together is the network's
			if len(n.subnets) >= rememberedSubnets {
				delete(n.subnets, other)
			}
			break
		}
		if n.subnets == nil {
			n.subnets = map[netip.Prefix]*quota{}
		}
		fresh := l.quota(1)
		own = &fresh
		n.subnets[subnet] = own
	}
	return Visitor{own: own, network: &n.quota}
}

func (l *Addresses) network(key netip.Prefix, share float64) *network {
	n, known := l.networks.Get(key)
	if !known {
		n = &network{quota: l.quota(share)}
		l.networks.Add(key, n)
	}
	return n
}

func (l *Addresses) quota(share float64) quota {
	bucket := func(each rate.Limit, least int) *rate.Limiter {
		if each <= 0 {
			return nil
		}
		each *= rate.Limit(share)
		return rate.NewLimiter(each, max(least, int(2*each)))
	}
	return quota{requests: bucket(l.requests, 1), bytes: bucket(l.bytes, queue.MaxAppend)} // the largest request fits
}

// masked is the network of the given prefix length that an address is in.
func masked(address netip.Addr, bits int) netip.Prefix {
	p, err := address.Prefix(bits)
	if err != nil {
		panic("BUG: " + err.Error()) // the bits are a constant that fits
	}
	return p
}

// WhenFull is the visitor while the log is nearly full.
func (v Visitor) WhenFull() Visitor {
	v.weight = weightWhenFull
	return v
}

// Ask takes one request of that many bytes into account and reports whether it may pass.
func (v Visitor) Ask(bytes int, now time.Time) bool {
	for _, a := range [...]*quota{v.own, v.network} {
		if a != nil && a.requests != nil && !a.requests.AllowN(now, 1) {
			return false
		}
	}
	return v.Spend(bytes, now)
}

// Spend takes bytes into account and reports whether they may pass. More than a bucket holds counts as a full one.
func (v Visitor) Spend(bytes int, now time.Time) bool {
	for _, a := range [...]*quota{v.own, v.network} {
		if a != nil && a.bytes != nil && !a.bytes.AllowN(now, min(bytes*max(1, v.weight), a.bytes.Burst())) {
			return false
		}
	}
	return true
}
