package consent

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/consent/cmp"
	"headgate/consent/iab"
	"headgate/consent/signals"
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
	p := policy(t, "")
	for _, v := range all.Vectors {
		if strings.HasPrefix(v.USP, "{") { // as iubenda writes it
			in := &signals.Inputs{}
			in.Add(signals.Parameter("us_privacy"), "us_privacy", v.USP)
			if r := p.signals.Read(in); !r[0].IsFaulty() != v.Valid {
				t.Errorf("%q: read as %+v", v.USP, r[0])
			}
			continue
		}
		u, ok := iab.ParseUSP(v.USP)
		if ok != v.Valid && !strings.HasPrefix(v.Policy, "accept") {
			t.Errorf("%q: valid %v", v.USP, ok)
		}
		if !v.Valid {
			continue
		}
		yes := func(b *bool) bool { return b != nil && *b }
		if u.Applies != v.Expected.Applies || u.Notice != yes(v.Expected.Notice) || u.OptOut != yes(v.Expected.OptOut) || u.LSPA != yes(v.Expected.LSPA) {
			t.Errorf("%q: %+v", v.USP, u)
		}
	}
}

// categoryPurpose is what the vectors' categories are here.
var categoryPurpose = map[string]int{"necessary": signals.AtNecessary, "functional": signals.AtFunctional, "analytics": signals.AtAnalytics,
	"marketing": signals.AtAds, "sale": signals.AtSharing, "sharing": signals.AtSharing, "targeted_ads": signals.AtPersonalizedAds}

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
			i, known = signals.AtFunctional, true
			for k := range cmp.Tools {
				c.CMP = append(c.CMP, entry(cmp.Tools[k].Name, id, Functional))
			}
		}
		if !known || i == signals.AtNecessary || i == signals.AtAds && expected["sale"] == denied {
			continue // whoever refuses the sale of data refuses ads, whatever the tool makes of it
		}
		p, ms := New(c)
		if ms.Err() != nil {
			t.Fatal(ms)
		}
		in := &signals.Inputs{}
		p.signals.CollectCookies(in, cookie+"="+raw)
		if len(in.All()) == 0 {
			t.Errorf("%s %s: not read at all", file, cookie)
		}
		readings := p.signals.Read(in)
		got := "unknown"
		for k := range readings {
			switch r := &readings[k]; {
			case r.IsAside():
			case r.Denied.Has(i):
				got = denied
			case r.Granted.Has(i) && got != denied:
				got = granted
			}
			r := &readings[k]
			if a, ok := expected["answered"].(bool); ok && !a && i != signals.AtSharing && (r.Granted | r.Denied).Has(i) && !r.Presets.Has(i) {
				t.Errorf("%s %s=%.60s: counts as an answer", file, cookie, raw)
			}
		}
		if got != want {
			t.Errorf("%s %s=%.60s: %s is %s, want %s (%+v)", file, cookie, raw, key, got, want, readings)
		}
	}
}
