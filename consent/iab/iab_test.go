package iab_test

import (
	"strings"
	"testing"

	"headgate/consent/iab"
	"headgate/consent/iab/iabtest"
)

// freshTC consents to every purpose and to 800 vendors.
var freshTC = iabtest.MakeTC(iabtest.TC{Consents: iab.AllPurposes, Vendors: 800})

func TestDamagedGPPStringsSayNothing(t *testing.T) {
	good := iabtest.GPP(iabtest.Section(7, iabtest.National(2, 2, 2, 2)), iabtest.Section(8, iabtest.California(1, 1)))
	head, _, _ := strings.Cut(good, "~")
	for _, text := range []string{"", "D", "DBAB", "X" + good[1:], head + "~x", good + "~x", head, strings.Repeat("D", 20000), "DBAAA~"} {
		if _, _, why := iab.ParseGPP(text); why == "" {
			t.Errorf("%.40q is read", text)
		}
	}
}

func TestAnACStringThatWasCutOffNamesNobody(t *testing.T) {
	for text, want := range map[string]bool{"2~1.35.41~dv.9": true, "2~~dv": true, "2~1.35~dv": true, "1~1.35": true, "2~1.35.4": false, "2~1.35.41~": false, "2~1.35.41~d": false} {
		if _, ok := iab.ParseAC(text); ok != want {
			t.Errorf("%s: %v", text, ok)
		}
	}
}

func BenchmarkTCString(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		tc, why := iab.ParseTC(freshTC)
		if why != "" || !tc.Vendors.Has(755) {
			b.Fatal(why)
		}
	}
}

// FuzzTCString: whatever comes, nothing panics, and what is accepted can be asked about.
func FuzzTCString(f *testing.F) {
	for _, s := range []string{"", "C", "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA", freshTC, "COzSDo9OzSDo9B9AAAENAiCAALAAAAAAAAAACOQAQCOAAAAA",
		iabtest.MakeTC(iabtest.TC{VendorList: []int{1, 755, 65535}, Publisher: true, Restrictions: []iabtest.Restriction{{1, 0, 1, 2}, {2, 3, 4, 65535}}}),
		"CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA.YAAA.IAAA.QAAA", "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tc, why := iab.ParseTC(s)
		if why != "" {
			return
		}
		for _, v := range []int{0, 1, 755, 65535} {
			tc.Vendors.Has(v)
			tc.VendorsLI.Has(v)
			tc.Disclosed.Has(v)
			tc.Restrictions.On(1, v)
		}
	})
}
