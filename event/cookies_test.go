package event

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

func TestTheFirstCookieOfANameCounts(t *testing.T) {
	h := Hit{Cookie: `b; a="1"; a=2; b=`}
	a, _ := h.CookieValue("a")
	b, there := h.CookieValue("b")
	if _, none := h.CookieValue("c"); a != `"1"` || b != "" || !there || none {
		t.Errorf("%q %q %v %v", a, b, there, none)
	}
}
