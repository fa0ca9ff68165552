package iab

import (
	"strconv"
	"strings"
)

// AC is Google's additional consent string: `2~` consented provider ids `~dv.` disclosed ids, or `1~` ids.
// https://support.google.com/admanager/answer/9681920
type AC struct {
	consented string // ids with dots between them
	disclosed string
	Count     int
}

// ParseAC reads an additional consent string; ok is false for anything else, and for one that was cut off.
func ParseAC(s string) (ac AC, ok bool) {
	version, rest, found := strings.Cut(s, "~")
	if !found || version != "1" && version != "2" || len(s) > MaxLength {
		return ac, false
	}
	ac.consented, rest, _ = strings.Cut(rest, "~")
	if version == "2" { // without the second list it was cut off, perhaps in the middle of an id
		if ac.disclosed, found = strings.CutPrefix(rest, "dv"); !found {
			return AC{}, false
		}
		ac.disclosed = strings.TrimPrefix(ac.disclosed, ".")
	}
	for _, list := range []string{ac.consented, ac.disclosed} {
		for i := range len(list) {
			if (list[i] < '0' || list[i] > '9') && list[i] != '.' {
				return AC{}, false
			}
		}
	}
	if ac.consented != "" {
		ac.Count = strings.Count(ac.consented, ".") + 1
	}
	return ac, true
}

// Has reports whether a provider was consented to.
func (a *AC) Has(id int) bool {
	want := strconv.Itoa(id)
	for rest := a.consented; rest != ""; {
		var one string
		one, rest, _ = strings.Cut(rest, ".")
		if one == want {
			return true
		}
	}
	return false
}
