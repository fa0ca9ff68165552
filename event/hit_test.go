package event

import "testing"

func TestTheFirstCookieOfANameCounts(t *testing.T) {
	h := Hit{Cookie: `b; a="1"; a=2; b=`}
	a, _ := h.CookieValue("a")
	b, there := h.CookieValue("b")
	if _, none := h.CookieValue("c"); a != `"1"` || b != "" || !there || none {
		t.Errorf("%q %q %v %v", a, b, there, none)
	}
}

func TestTheLastOfRepeatedParametersCounts(t *testing.T) {
	h := Hit{Query: "q=a&%71=red+shoes%21&r"}
	if q, r, s := h.QueryValue("q"), h.QueryValue("r"), h.QueryValue("s"); q != "red shoes!" || r != "" || s != "" {
		t.Errorf("%q %q %q", q, r, s)
	}
}
