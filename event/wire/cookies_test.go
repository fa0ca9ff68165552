package wire

import (
	"strings"
	"testing"
)

func TestCookiesAreCutAsSent(t *testing.T) {
	var got []string
	for rest := `a=1;  b="x y\"; c;=d; e = f ;	g=h=i;;`; rest != ""; {
		var name, value string
		var ok bool
		if name, value, rest, ok = CutCookie(rest); ok {
			got = append(got, name+":"+value)
		}
	}
	if want := `a:1|b:"x y\"|:d|e : f|g:h=i`; strings.Join(got, "|") != want {
		t.Errorf("%q, want %q", strings.Join(got, "|"), want)
	}
}
