package iab_test

import (
	"headgate/consent/iab"
	"headgate/consent/iab/iabtest"

	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prebid/go-gdpr/consentconstants"
	"github.com/prebid/go-gdpr/vendorconsent"
	tcf2 "github.com/prebid/go-gdpr/vendorconsent/tcf2"
	gpp "github.com/prebid/go-gpp"
	"github.com/prebid/go-gpp/sections"
	"github.com/prebid/go-gpp/sections/uspca"
	"github.com/prebid/go-gpp/sections/uspco"
	"github.com/prebid/go-gpp/sections/uspct"
	"github.com/prebid/go-gpp/sections/uspnat"
	"github.com/prebid/go-gpp/sections/usput"
	"github.com/prebid/go-gpp/sections/uspva"
	"pgregory.net/rapid"
)

func drawTC(t *rapid.T) iabtest.TC {
	m := iabtest.TC{
		Updated:   time.Unix(int64(rapid.IntRange(1600000000, 1800000000).Draw(t, "updated")), 0).UTC(),
		Policy:    rapid.IntRange(2, 5).Draw(t, "policy"),
		Global:    rapid.Bool().Draw(t, "global"),
		Consents:  uint32(rapid.IntRange(0, 1<<24-1).Draw(t, "consents")),
		LI:        uint32(rapid.IntRange(0, 1<<24-1).Draw(t, "li")),
		OneFree:   rapid.Bool().Draw(t, "one"),
		Vendors:   rapid.IntRange(1, 300).Draw(t, "vendors"),
		VendorsLI: rapid.IntRange(1, 300).Draw(t, "vendors li"),
		Publisher: rapid.Bool().Draw(t, "publisher"),
	}
	if rapid.Bool().Draw(t, "ranges") {
		m.VendorList = rapid.SliceOfNDistinct(rapid.IntRange(1, 900), 1, 40, rapid.ID[int]).Draw(t, "list")
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "restrictions") {
		from := rapid.IntRange(1, 400).Draw(t, fmt.Sprint("from", i))
		m.Restrictions = append(m.Restrictions, iabtest.Restriction{i + 1, rapid.IntRange(0, 2).Draw(t, fmt.Sprint("kind", i)), from,
			from + rapid.IntRange(1, 100).Draw(t, fmt.Sprint("width", i))})
	}
	return m
}

// The decoder of Prebid, read here as an oracle, must see the same in random strings.
func TestTCStringsAreReadAsPrebidReadsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawTC(t)
		text := iabtest.MakeTC(m)
		tc, why := iab.ParseTC(text)
		if why != "" {
			t.Fatalf("refused: %s", why)
		}
		parsed, err := vendorconsent.ParseString(text)
		if err != nil {
			t.Fatalf("the oracle refuses %s: %v", text, err)
		}
		want, ok := parsed.(tcf2.ConsentMetadata)
		if !ok {
			t.Fatalf("the oracle returns a %T", parsed)
		}
		if !tc.Updated.Equal(want.LastUpdated()) || !tc.Created.Equal(want.Created()) || tc.CMP != int(want.CmpID()) ||
			tc.Policy != int(want.TCFPolicyVersion()) || tc.PurposeOneFree != want.PurposeOneTreatment() {
			t.Fatalf("the core differs: %+v", tc)
		}
		for n := 1; n <= 24; n++ {
			if bit := iab.Purposes(n); (tc.Consents&bit != 0) != want.PurposeAllowed(consentconstants.Purpose(n)) ||
				(tc.LI&bit != 0) != want.PurposeLITransparency(consentconstants.Purpose(n)) {
				t.Fatalf("purpose %d differs", n)
			}
		}
		for v := 1; v <= 910; v++ {
			if tc.Vendors.Has(v) != want.VendorConsent(uint16(v)) || tc.VendorsLI.Has(v) != want.VendorLegitInterest(uint16(v)) {
				t.Fatalf("vendor %d differs", v)
			}
			for purpose := 1; purpose <= 4; purpose++ {
				for kind := range 3 {
					if (tc.Restrictions.On(purpose, v) == kind) != want.CheckPubRestriction(uint8(purpose), uint8(kind), uint16(v)) {
						t.Fatalf("restriction %d of purpose %d for vendor %d differs", kind, purpose, v)
					}
				}
			}
		}
	})
}

func drawGPP(t *rapid.T) string {
	ids := rapid.SliceOfNDistinct(rapid.IntRange(7, 12), 1, 6, rapid.ID[int]).Draw(t, "sections")
	var present [13]bool
	for _, id := range ids {
		present[id] = true
	}
	var head iabtest.Bits
	head.Uint(3, 6)
	head.Uint(1, 6)
	head.Uint(uint64(len(ids)), 12)
	var texts []string
	last := 0
	for id, here := range present {
		if !here {
			continue
		}
		head.Bool(false)
		head.Fibonacci(id - last)
		last = id
		var core iabtest.Bits
		core.Uint(1, 6)
		for i := range 33 {
			core.Uint(uint64(rapid.IntRange(0, 2).Draw(t, fmt.Sprint("field ", id, i))), 2)
		}
		text := core.String()
		if id != 9 && id != 11 && rapid.Bool().Draw(t, fmt.Sprint("gpc ", id)) {
			text += "." + rapid.SampledFrom([]string{"YA", "QA"}).Draw(t, fmt.Sprint("gpc is ", id))
		}
		texts = append(texts, text)
	}
	return head.String() + "~" + strings.Join(texts, "~")
}

func TestGPPStringsAreReadAsPrebidReadsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawGPP(t)
		ids, texts, why := iab.ParseGPP(text)
		want, errs := gpp.Parse(text)
		if why != "" || len(errs) > 0 || len(ids) != len(want.SectionTypes) {
			t.Fatalf("%s: %q, the oracle: %v", text, why, errs)
		}
		for i, id := range ids {
			got, _, ok := iab.ParseUS(id, texts[i])
			if !ok || id != int(want.SectionTypes[i]) {
				t.Fatalf("section %d: %v", id, ok)
			}
			var sale, sharing, targeted byte
			var gpc bool
			common := func(c sections.CommonUSCoreSegment) { sale, targeted = c.SaleOptOut, c.TargetedAdvertisingOptOut }
			switch s := want.Sections[i].(type) {
			case uspnat.USPNAT:
				sale, sharing, targeted, gpc = s.CoreSegment.SaleOptOut, s.CoreSegment.SharingOptOut, s.CoreSegment.TargetedAdvertisingOptOut, s.GPCSegment.Gpc
			case uspca.USPCA:
				sale, sharing, gpc = s.CoreSegment.SaleOptOut, s.CoreSegment.SharingOptOut, s.GPCSegment.Gpc
			case uspva.USPVA:
				common(s.CoreSegment)
			case uspco.USPCO:
				common(s.CoreSegment)
				gpc = s.GPCSegment.Gpc
			case usput.USPUT:
				sale, targeted = s.CoreSegment.SaleOptOut, s.CoreSegment.TargetedAdvertisingOptOut
			case uspct.USPCT:
				common(s.CoreSegment)
				gpc = s.GPCSegment.Gpc
			default:
				t.Fatalf("the oracle returns a %T", s)
			}
			if got.Sale != int(sale) || got.Sharing != int(sharing) || got.Targeted != int(targeted) || got.GPC != gpc {
				t.Fatalf("%s: section %d: %+v, the oracle %d %d %d %v", texts[i], id, got, sale, sharing, targeted, gpc)
			}
		}
	})
}
