package event

import "net/netip"

// AddressRule says how much of the visitor's network address anyone may have.
type AddressRule uint8

// The rules.
const (
	KeepAddress AddressRule = iota
	TruncateAddress
	DropAddress
)

// TruncatedAddress returns an address as regulators accept it: IPv4 keeps 24 bits, IPv6 48. What is no address becomes "".
func TruncatedAddress(s string) string {
	a, ok := truncated(s)
	if !ok {
		return ""
	}
	return a.String()
}

// TruncatedAddress is the function of that name into the arena.
func (a *Arena) TruncatedAddress(s string) string {
	t, ok := truncated(s)
	if !ok {
		return ""
	}
	return a.Address(t)
}

func truncated(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return a, false
	}
	a = a.Unmap().WithZone("")
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return p.Addr(), true
}
