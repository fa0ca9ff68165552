package egress

import (
	"net/netip"
	"testing"
)

func TestPublicAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "1.1.1.1": true, "64:ff9b::808:808": true,
		"127.0.0.1": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "240.0.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "fd12::1": false, "ff02::1": false, "::7f00:1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a00:1": false, "2002:7f00:1::": false, "2001:db8::1": false,
	} {
		if got := public(netip.MustParseAddr(text).Unmap()); got != want {
			t.Errorf("%s public: %v, want %v", text, got, want)
		}
	}
}

func TestAnotherHostIsNotDialled(t *testing.T) {
	d := NewDialer([]string{"api.vendor.example"}, nil)
	if _, err := d.Dial(t.Context(), "tcp", "evil.example:443"); err == nil || err.Error() != "evil.example is not a host of this destination" {
		t.Fatal(err)
	}
}
