package google_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"headgate/consent/google"
)

func TestAGCDWithDelegationAndContainerDefaults(t *testing.T) {
	for gcd, want := range map[string]string{
		"13t3tPt2t5l1": "++++", // ad_user_data delegated, with a default of its own
		"13r3rMl3r5l1": "++++", // ad_user_data delegated to ad_storage, which was accepted
		"13l3lMl3l5l1": "....", // delegated to what nobody set
		"13q3rNl3r5l1": "-+-+", // ad_user_data delegated to ad_storage, which was refused
		"13l3l3l2l1l1": "...-", // ad_personalization denied implicitly
		"13l3l3l3l5G5": "---.", // the container's defaults deny
		"1":            "!",
		"2":            "!",
		"13l3l3l3":     "!",
		"13l3l3l3!1":   "!",
	} {
		g, ok := google.ParseGCD(gcd)
		got := "!"
		if ok {
			got = ""
			for _, s := range g.States() {
				switch {
				case !s.Known:
					got += "."
				case s.Granted:
					got += "+"
				default:
					got += "-"
				}
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s (%+v)", gcd, got, want, g)
		}
	}
}

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
	word := func(s google.State) string {
		switch {
		case !s.Known:
			return "unset"
		case s.Granted:
			return "granted"
		}
		return "denied"
	}
	for _, v := range all.GCS {
		states, ok := google.ParseGCS(v.GCS)
		if !ok || word(states[0]) != v.Ads || word(states[1]) != v.Analytics {
			t.Errorf("%.40s: %v %v", v.GCS, ok, states)
		}
	}
	for _, v := range all.GCD {
		g, ok := google.ParseGCD(v.GCD)
		if !ok {
			t.Errorf("%.40s: refused", v.GCD)
			continue
		}
		for i, s := range g.States() {
			if word(s) != v.Expected[i] {
				t.Errorf("%.40s: %s is %s, want %s", v.GCD, google.Names[i], word(s), v.Expected[i])
			}
		}
	}
}
