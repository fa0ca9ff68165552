package subjects

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestAnAddressTellsOnlySoManyChoices(t *testing.T) {
	a := newAllowance()
	now := time.Unix(1_800_000_000, 0)
	take := func(address string) string { return a.take(netip.MustParseAddr(address), now) }
	for i := range choicesAtOnce {
		if why := take("203.0.113.7"); why != "" {
			t.Fatalf("after %d: %s", i, why)
		}
	}
	if take("203.0.113.7") != droppedByAddress || take("203.0.113.8") != "" {
		t.Error("an address is not bounded, or another one with it")
	}
	for i := range choicesAtOnce {
		if why := take(fmt.Sprintf("2001:db8:1:%x::1", i)); why != "" {
			t.Fatalf("after %d: %s", i, why)
		}
	}
	if take("2001:db8:1:ffff::1") != droppedByAddress || take("2001:db8:2::1") != "" {
		t.Error("a network is not bounded, or another one with it")
	}
	some := 0
	for i := range 2 * allChoicesAtOnce {
		if take(fmt.Sprintf("10.%d.%d.1", i/256, i%256)) == "" {
			some++
		}
	}
	if some > allChoicesAtOnce {
		t.Errorf("%d of all", some)
	}
	if a := newAllowance(); a.take(netip.Addr{}, now) != "" || a.each.Len() != 0 {
		t.Error("the site's own server is bounded by its address")
	}
	if now = now.Add(time.Second); take("203.0.113.7") != "" {
		t.Error("it never gets another one")
	}
}
