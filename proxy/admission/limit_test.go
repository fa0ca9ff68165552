package admission

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"headgate/config"
	"headgate/document"
)

func TestOneAddressMaySendSoMuch(t *testing.T) {
	volume := document.Throughput(100 << 20)
	l := NewAddresses(&config.Limits{PerAddress: 10, VolumePerAddress: &volume})
	now := time.Unix(1, 0)
	ask := func(address string) (passed int) {
		for range 1000 {
			if l.Visitor(netip.MustParseAddr(address)).Ask(1, now) {
				passed++
			}
		}
		return passed
	}
	for _, c := range []struct {
		address string
		passed  int
	}{{"203.0.113.7", 20}, {"203.0.113.7", 0}, {"203.0.113.8", 20}, {"2001:db8:1::1", 20}, {"2001:db8:1::2", 0}, {"2001:db8:1:1::1", 20}} {
		if got := ask(c.address); got != c.passed {
			t.Errorf("%s: %d pass, want %d", c.address, got, c.passed)
		}
	}
	if !(Visitor{}).Ask(1<<30, now) {
		t.Error("without limits something was refused")
	}
	if v := l.Visitor(netip.MustParseAddr("203.0.113.9")); !v.Ask(150<<20, now) || v.Spend(100<<20, now) || !v.Spend(50<<20, now) {
		t.Error("two seconds' worth of bytes are not what passes")
	}
}

// Whoever has a /48 has 65,536 /64s.
func TestOneNetworkIsOneVisitorAmongMany(t *testing.T) {
	l := NewAddresses(&config.Limits{PerAddress: 10})
	now := time.Unix(1, 0)
	passed := 0
	for i := range 65536 {
		if l.Visitor(netip.MustParseAddr(fmt.Sprintf("2001:db8:7:%x::1", i))).Ask(1, now) {
			passed++
		}
	}
	if want := networkShare * 20; passed != want {
		t.Errorf("%d requests of one /48 pass, want %d", passed, want)
	}
	if n := l.networks.Len(); n != 1 {
		t.Errorf("it takes the place of %d visitors", n)
	}
	n, _ := l.networks.Get(netip.MustParsePrefix("2001:db8:7::/48"))
	if len(n.subnets) > rememberedSubnets {
		t.Errorf("%d of its /64s are remembered", len(n.subnets))
	}
}
