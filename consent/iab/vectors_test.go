package iab_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"headgate/consent/iab"
)

// vectors reads one file of the shared test vectors, which are not part of the project.
func vectors(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "vectors", "consent", name))
	if os.IsNotExist(err) {
		t.Skip("the shared vectors are not here: " + name)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

type tcfVector struct {
	TC       string `json:"tc_string"`
	Why      string
	Expected struct {
		Created, LastUpdated       time.Time
		CmpID                      int
		PolicyVersion              int
		IsServiceSpecific          bool
		SpecialFeatureOptIns       []int
		PurposeConsents, PurposeLI []int
		PurposeOneTreatment        bool
		PublisherCC                string
		VendorConsents, VendorLI   []string
		VendorConsentCount         int
		VendorLICount              int
		DisclosedVendors           []string
		PubPurposeConsents         []int
		PubPurposeLI               []int
		NumCustomPurposes          int
		CustomPurposeConsents      []int
		Segments                   []string
		PublisherRestrictions      []struct {
			Purpose, Type int
			Vendors       []string
		}
	}
}

func TestTCStringVectors(t *testing.T) {
	var all struct{ Valid, Invalid []tcfVector }
	vectors(t, "tcf.json", &all)
	for _, v := range all.Valid {
		tc, why := iab.ParseTC(v.TC)
		if why != "" {
			t.Errorf("%.40s: refused: %s", v.TC, why)
			continue
		}
		x := v.Expected
		if !tc.Created.Equal(x.Created) || !tc.Updated.Equal(x.LastUpdated) || tc.CMP != x.CmpID || tc.Policy != x.PolicyVersion ||
			tc.ServiceSpecific != x.IsServiceSpecific || tc.PurposeOneFree != x.PurposeOneTreatment || string(tc.PublisherCC[:]) != x.PublisherCC {
			t.Errorf("%.40s: core differs: %+v, want %+v", v.TC, tc, x)
		}
		if tc.Consents != iab.Purposes(x.PurposeConsents...) || tc.LI != iab.Purposes(x.PurposeLI...) ||
			tc.SpecialFeatures != iab.Purposes(x.SpecialFeatureOptIns...) {
			t.Errorf("%.40s: purposes %b %b, want %v %v", v.TC, tc.Consents, tc.LI, x.PurposeConsents, x.PurposeLI)
		}
		sameVendors(t, v.TC, &tc.Vendors, x.VendorConsents, x.VendorConsentCount)
		sameVendors(t, v.TC, &tc.VendorsLI, x.VendorLI, x.VendorLICount)
		if len(x.DisclosedVendors) > 0 {
			sameVendors(t, v.TC, &tc.Disclosed, x.DisclosedVendors, -1)
		}
		if p := tc.Publisher; p.Consents != iab.Purposes(x.PubPurposeConsents...) || p.LI != iab.Purposes(x.PubPurposeLI...) ||
			p.Custom != x.NumCustomPurposes {
			t.Errorf("%.40s: publisher's part %+v, want %v", v.TC, p, x.PubPurposeConsents)
		}
		for _, r := range x.PublisherRestrictions {
			for _, id := range expand(t, r.Vendors) {
				// Where several restrictions name a vendor, the strictest counts.
				if on := tc.Restrictions.On(r.Purpose, id); r.Type < 3 && (on < 0 || on > r.Type) {
					t.Fatalf("%.40s: restriction of purpose %d for vendor %d is %d", v.TC, r.Purpose, id, tc.Restrictions.On(r.Purpose, id))
				}
			}
		}
	}
	for _, v := range all.Invalid {
		_, why := iab.ParseTC(v.TC)
		if lenient := strings.HasSuffix(v.TC, "="); lenient != (why == "") {
			t.Errorf("%q (%s): %q", v.TC, v.Why, why)
		}
	}
}

func expand(t *testing.T, list []string) (ids []int) {
	t.Helper()
	for _, one := range list {
		from, to, ok := strings.Cut(one, "-")
		if !ok {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil {
			t.Fatalf("vendors %q", one)
		}
		for ; first <= last; first++ {
			ids = append(ids, first)
		}
	}
	return ids
}

func sameVendors(t *testing.T, name string, list *iab.Vendors, want []string, count int) {
	t.Helper()
	in := map[int]bool{}
	for _, id := range expand(t, want) {
		in[id] = true
	}
	if count >= 0 && len(in) != count {
		return // the vector lists only some
	}
	for id := 0; id <= 2000; id++ {
		if list.Has(id) != in[id] {
			t.Errorf("%.40s: vendor %d: %v", name, id, list.Has(id))
			return
		}
	}
}

func TestGPPVectors(t *testing.T) {
	type vector struct {
		GPP      string
		Why      string
		Expected struct {
			SectionIDs []int
			Sections   map[string]json.RawMessage
		}
		Derived struct {
			Sale     *bool `json:"sale_opt_out"`
			Sharing  *bool `json:"sharing_opt_out"`
			Targeted *bool `json:"targeted_ads_opt_out"`
			GPC      *bool
		}
	}
	var all struct{ Valid, Invalid []vector }
	vectors(t, "gpp.json", &all)
	for _, v := range all.Valid {
		ids, sections, why := iab.ParseGPP(v.GPP)
		if why != "" {
			t.Errorf("%.40s: refused: %s", v.GPP, why)
			continue
		}
		if len(ids) != len(v.Expected.SectionIDs) {
			t.Errorf("%.40s: sections %v, want %v", v.GPP, ids, v.Expected.SectionIDs)
			continue
		}
		for i, id := range ids {
			if id != v.Expected.SectionIDs[i] {
				t.Errorf("%.40s: sections %v, want %v", v.GPP, ids, v.Expected.SectionIDs)
			}
			u, known, ok := iab.ParseUS(id, sections[i])
			if !known {
				continue
			}
			if !ok {
				t.Errorf("%.40s: section %d unreadable", v.GPP, id)
				continue
			}
			var want struct {
				SaleOptOut, SharingOptOut, TargetedAdvertisingOptOut int
				KnownChildSensitiveDataConsents                      any
				Gpc                                                  bool
			}
			if err := json.Unmarshal(v.Expected.Sections[iab.SectionName(id)], &want); err != nil {
				t.Errorf("%.40s %s: %v", v.GPP, iab.SectionName(id), err)
				continue
			}
			child := false
			switch c := want.KnownChildSensitiveDataConsents.(type) {
			case float64:
				child = c == 1
			case []any:
				for _, one := range c {
					child = child || one == 1.0
				}
			}
			if u.Sale != want.SaleOptOut || u.Sharing != want.SharingOptOut || u.Targeted != want.TargetedAdvertisingOptOut ||
				u.GPC != want.Gpc || u.Child != child {
				t.Errorf("%.40s %s: %+v, want %+v", v.GPP, iab.SectionName(id), u, want)
			}
		}
	}
	for _, v := range all.Invalid {
		if _, _, why := iab.ParseGPP(v.GPP); (why == "") != strings.HasPrefix(v.GPP, "DBABYA~") {
			t.Errorf("%s (%s): %q", v.GPP, v.Why, why)
		}
	}
}
