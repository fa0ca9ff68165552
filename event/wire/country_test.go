package wire

import "testing"

func TestACountryHasOneCode(t *testing.T) {
	for code, want := range map[string]string{
		"DE": "DE", "de": "DE", "uS": "US", "GB": "GB",
		"UK": "GB", "uk": "GB", "EL": "GR", "el": "GR", "FX": "FR", "fx": "FR",
		"": "", "XX": "", "zz": "", "T1": "", "A1": "", "EU": "", "AP": "", "DEU": "", "D": "", "D-": "", "ÄÖ": "",
	} {
		if got := Country(code); got != want {
			t.Errorf("%q is %q, want %q", code, got, want)
		}
	}
}
