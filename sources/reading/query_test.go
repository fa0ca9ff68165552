package reading

import (
	"strings"
	"testing"

	"headgate/event/wire"
)

func FuzzUnescapingIntoTheArenaIsUnescaping(f *testing.F) {
	for _, s := range []string{"", "plain", "a+b", "%C3%A4", "%", "%2", "%zz%41", "a%2", "%%41", "+", "a%00b"} {
		f.Add(s, "b%20c")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		a := Arena{Size: len(first) / 2} // too small: it has to grow without harm to what is in it
		x, y := a.Unescape(first), a.Unescape(second)
		if x != wire.Unescape(first) || y != wire.Unescape(second) {
			t.Errorf("%q %q became %q %q", first, second, x, y)
		}
	})
}

func TestPairsAreFoundAsSent(t *testing.T) {
	t.Parallel()
	var got []string
	all := Pairs("&a=1&&b&=c&d=e=f&")
	for name, value, ok := all.Next(); ok; name, value, ok = all.Next() {
		got = append(got, name+":"+value)
	}
	if want := "a:1 b: :c d:e=f"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", strings.Join(got, " "), want)
	}
}
