package event

import (
	"net/netip"
	"testing"

	"headgate/event/wire"
)

func FuzzUnescapingIntoTheArenaIsUnescaping(f *testing.F) {
	for _, s := range []string{"", "plain", "a+b", "%C3%A4", "%", "%2", "%zz%41", "a%2", "%%41", "+", "a%00b"} {
		f.Add(s, "b%20c")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		a := Arena{Size: len(first) / 2} // too small: it has to grow without harm to what is in it
		x, y := a.Unescape(first), a.Unescape(second)
		buffer := []byte(second)
		z := a.Text(buffer)
		for i := range buffer {
			buffer[i] = '!' // it will not last
		}
		a.Unescape(first)
		if x != wire.Unescape(first) || y != wire.Unescape(second) || z != second {
			t.Errorf("%q %q became %q %q %q", first, second, x, y, z)
		}
	})
}

func TestAddressesInTheArenaAreThoseElsewhere(t *testing.T) {
	for _, text := range []string{"", "203.0.113.7", "2001:db8:1:2::7", "::ffff:203.0.113.7", "fe80::1%eth0", "203.0.113", "x"} {
		a := Arena{Size: 8}
		before := a.Text([]byte("before"))
		if got := a.TruncatedAddress(text); got != TruncatedAddress(text) {
			t.Errorf("%q is truncated to %q, want %q", text, got, TruncatedAddress(text))
		}
		if one, err := netip.ParseAddr(text); err == nil && a.Address(one) != one.String() {
			t.Errorf("%s is written otherwise", text)
		}
		if before != "before" {
			t.Errorf("it became %q", before)
		}
	}
}
