package event

import (
	"encoding/json"
	"testing"
)

func FuzzNumbersAreJSONs(f *testing.F) {
	for _, s := range []string{"", "-", "0", "-0", "00", "01", "1.", ".1", "1.5", "1e3", "1E+3", "1e-", "1e", "-1.5e10", "0x10", "1 ", " 1", "+1", "NaN", "1.e3", "--1", "1e999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := len(s) <= 64 && s != "" && (s[0] == '-' || '0' <= s[0] && s[0] <= '9') && json.Valid([]byte(s)) && s[len(s)-1] > ' '
		if got := isNumber(s); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	})
}
