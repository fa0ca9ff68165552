package consent

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// vectors reads one file of the shared test vectors, which are not part of the project.
func vectors(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "shared", "vectors", "consent", name))
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
		tc, why := parseTC(v.TC)
		if why != "" {
			t.Errorf("%.40s: refused: %s", v.TC, why)
			continue
		}
		x := v.Expected
		if !tc.created.Equal(x.Created) || !tc.updated.Equal(x.LastUpdated) || tc.cmp != x.CmpID || tc.policy != x.PolicyVersion ||
			tc.serviceSpecific != x.IsServiceSpecific || tc.purposeOneFree != x.PurposeOneTreatment || string(tc.publisherCC[:]) != x.PublisherCC {
			t.Errorf("%.40s: core differs: %+v, want %+v", v.TC, tc, x)
		}
		if tc.consents != tcfPurposes(x.PurposeConsents...) || tc.li != tcfPurposes(x.PurposeLI...) ||
			tc.specialFeatures != tcfPurposes(x.SpecialFeatureOptIns...) {
			t.Errorf("%.40s: purposes %b %b, want %v %v", v.TC, tc.consents, tc.li, x.PurposeConsents, x.PurposeLI)
		}
		sameVendors(t, v.TC, &tc.vendors, x.VendorConsents, x.VendorConsentCount)
		sameVendors(t, v.TC, &tc.vendorsLI, x.VendorLI, x.VendorLICount)
		if len(x.DisclosedVendors) > 0 {
			sameVendors(t, v.TC, &tc.disclosed, x.DisclosedVendors, -1)
		}
		if p := tc.publisher; p.consents != tcfPurposes(x.PubPurposeConsents...) || p.li != tcfPurposes(x.PubPurposeLI...) ||
			p.custom != x.NumCustomPurposes {
			t.Errorf("%.40s: publisher's part %+v, want %v", v.TC, p, x.PubPurposeConsents)
		}
		for _, r := range x.PublisherRestrictions {
			for _, id := range expand(t, r.Vendors) {
				// Where several restrictions name a vendor, the strictest counts.
				if on := tc.restrictions.on(r.Purpose, id); r.Type < 3 && (on < 0 || on > r.Type) {
					t.Fatalf("%.40s: restriction of purpose %d for vendor %d is %d", v.TC, r.Purpose, id, tc.restrictions.on(r.Purpose, id))
				}
			}
		}
	}
	for _, v := range all.Invalid {
		_, why := parseTC(v.TC)
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

func sameVendors(t *testing.T, name string, list *vendorList, want []string, count int) {
	t.Helper()
	in := map[int]bool{}
	for _, id := range expand(t, want) {
		in[id] = true
	}
	if count >= 0 && len(in) != count {
		return // the vector lists only some
	}
	for id := 0; id <= 2000; id++ {
		if list.has(id) != in[id] {
			t.Errorf("%.40s: vendor %d: %v", name, id, list.has(id))
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
		ids, sections, why := parseGPP(v.GPP)
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
			layout := gppLayouts[id]
			if layout == nil {
				continue
			}
			u, ok := layout.parse(id, sections[i])
			if !ok {
				t.Errorf("%.40s: section %d unreadable", v.GPP, id)
				continue
			}
			var want struct {
				SaleOptOut, SharingOptOut, TargetedAdvertisingOptOut int
				KnownChildSensitiveDataConsents                      any
				Gpc                                                  bool
			}
			if err := json.Unmarshal(v.Expected.Sections[layout.name], &want); err != nil {
				t.Errorf("%.40s %s: %v", v.GPP, layout.name, err)
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
			if u.sale != want.SaleOptOut || u.sharing != want.SharingOptOut || u.targeted != want.TargetedAdvertisingOptOut ||
				u.gpc != want.Gpc || u.child != child {
				t.Errorf("%.40s %s: %+v, want %+v", v.GPP, layout.name, u, want)
			}
		}
	}
	for _, v := range all.Invalid {
		if _, _, why := parseGPP(v.GPP); (why == "") != strings.HasPrefix(v.GPP, "DBABYA~") {
			t.Errorf("%s (%s): %q", v.GPP, v.Why, why)
		}
	}
}

func TestUSPrivacyVectors(t *testing.T) {
	var all struct {
		Vectors []struct {
			USP      string `json:"us_privacy"`
			Valid    bool
			Policy   string
			Expected struct {
				Notice, LSPA *bool
				OptOut       *bool `json:"opt_out_sale"`
				Applies      bool
			}
		}
	}
	vectors(t, "usp.json", &all)
	for _, v := range all.Vectors {
		u, ok := parseUSP(uspText(v.USP))
		if ok != v.Valid && !strings.HasPrefix(v.Policy, "accept") {
			t.Errorf("%q: valid %v", v.USP, ok)
		}
		if !v.Valid || strings.HasPrefix(v.USP, "{") {
			continue
		}
		yes := func(b *bool) bool { return b != nil && *b }
		if u.applies != v.Expected.Applies || u.notice != yes(v.Expected.Notice) || u.optOut != yes(v.Expected.OptOut) || u.lspa != yes(v.Expected.LSPA) {
			t.Errorf("%q: %+v", v.USP, u)
		}
	}
}

func TestGoogleConsentModeVectors(t *testing.T) {
	var all struct {
		GCS []struct {
			GCS       string
			Ads       string `json:"ad_storage"`
			Analytics string `json:"analytics_storage"`
		}
		GCD []struct {
			GCD      string
			Expected []string
		}
	}
	vectors(t, "google-consent-mode.json", &all)
	word := func(s googleState) string {
		switch {
		case !s.known:
			return "unset"
		case s.granted:
			return granted
		}
		return denied
	}
	for _, v := range all.GCS {
		states, ok := parseGCS(v.GCS)
		if !ok || word(states[0]) != v.Ads || word(states[1]) != v.Analytics {
			t.Errorf("%.40s: %v %v", v.GCS, ok, states)
		}
	}
	for _, v := range all.GCD {
		g, ok := parseGCD(v.GCD)
		if !ok {
			t.Errorf("%.40s: refused", v.GCD)
			continue
		}
		for i, s := range g.states() {
			if word(s) != v.Expected[i] {
				t.Errorf("%.40s: %s is %s, want %s", v.GCD, googleTypeNames[i], word(s), v.Expected[i])
			}
		}
	}
}

// categoryPurpose is what the vectors' categories are here.
var categoryPurpose = map[string]int{"necessary": necessary, "functional": functional, "analytics": analytics,
	"marketing": ads, "sale": sharing, "sharing": sharing, "targeted_ads": personalizedAds}

func TestConsentToolVectors(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "vectors", "consent", "cmp-*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("the shared vectors are not here")
	}
	for _, file := range files {
		var all []struct {
			Cookie   string `json:"cookie_name"`
			Raw      string
			Expected map[string]any `json:"expected_categories"`
		}
		vectors(t, filepath.Base(file), &all)
		for _, v := range all {
			if strings.HasPrefix(v.Cookie, "(") {
				continue
			}
			toolVector(t, filepath.Base(file), v.Cookie, v.Raw, v.Expected)
		}
	}
}

func toolVector(t *testing.T, file, cookie, raw string, expected map[string]any) {
	t.Helper()
	for key, value := range expected {
		want, isText := value.(string)
		if !isText {
			continue
		}
		if want == "allowed" {
			want = granted
		}
		c := Defaults()
		i, known := categoryPurpose[key]
		if _, id, ok := strings.Cut(key, ":"); ok {
			// An id that only the site knows is mapped to one purpose, to see that it is read.
			i, known = functional, true
			for k := range tools {
				c.CMP = append(c.CMP, entry(tools[k].name, id, Functional))
			}
		}
		if !known || i == necessary || i == ads && expected["sale"] == denied {
			continue // whoever refuses the sale of data refuses ads, whatever the tool makes of it
		}
		p, ms := New(c)
		if ms.Err() != nil {
			t.Fatal(ms)
		}
		in := &inputs{}
		p.collectCookies(in, cookie+"="+raw)
		if len(in.all()) == 0 {
			t.Errorf("%s %s: not read at all", file, cookie)
		}
		readings := p.read(in)
		got := "unknown"
		for k := range readings {
			switch r := &readings[k]; {
			case r.aside != "":
			case r.denied.has(i):
				got = denied
			case r.granted.has(i) && got != denied:
				got = granted
			}
			r := &readings[k]
			if a, ok := expected["answered"].(bool); ok && !a && i != sharing && (r.granted | r.denied).has(i) && !r.presets.has(i) {
				t.Errorf("%s %s=%.60s: counts as an answer", file, cookie, raw)
			}
		}
		if got != want {
			t.Errorf("%s %s=%.60s: %s is %s, want %s (%+v)", file, cookie, raw, key, got, want, readings)
		}
	}
}
