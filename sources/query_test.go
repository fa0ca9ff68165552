package sources

import (
	"strings"
	"testing"

	"headgate/event"
)

func FuzzUnescapingIntoTheArenaIsUnescaping(f *testing.F) {
	for _, s := range []string{"", "plain", "a+b", "%C3%A4", "%", "%2", "%zz%41", "a%2", "%%41", "+", "a%00b"} {
		f.Add(s, "b%20c")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		a := arena{size: len(first) / 2} // too small: it has to grow without harm to what is in it
		x, y := a.unescape(first), a.unescape(second)
		if x != event.Unescape(first) || y != event.Unescape(second) {
			t.Errorf("%q %q became %q %q", first, second, x, y)
		}
	})
}

func TestPairsAreFoundAsSent(t *testing.T) {
	t.Parallel()
	var got []string
	all := pairs{"&a=1&&b&=c&d=e=f&"}
	for name, value, ok := all.next(); ok; name, value, ok = all.next() {
		got = append(got, name+":"+value)
	}
	if want := "a:1 b: :c d:e=f"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", strings.Join(got, " "), want)
	}
}

func TestHashesBecomeHexadecimal(t *testing.T) {
	t.Parallel()
	const hash = "fuHajdqfF-U1dsvhrjKZeo3dF7FgZCnHSjjuQU4gUf4"
	const want = "7ee1da8dda9f17e53576cbe1ae32997a8ddd17b1606429c74a38ee414e2051fe"
	if got := hexHash(hash); got != want {
		t.Errorf("%s", got)
	}
	for _, other := range []string{want, "jane", "", "AAAA"} {
		if got := hexHash(other); got != other {
			t.Errorf("%s became %s", other, got)
		}
	}
}
