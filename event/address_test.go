package event

import "testing"

func TestAddressesAreTruncated(t *testing.T) {
	for address, want := range map[string]string{
		"198.51.100.77": "198.51.100.0", "::ffff:198.51.100.77": "198.51.100.0", "2001:db8:1:2:3::4": "2001:db8:1::", "fe80::1%eth0": "fe80::",
		"no address": "", "": "",
	} {
		if got := TruncatedAddress(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
