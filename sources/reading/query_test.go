package reading

import (
	"strings"
	"testing"
)

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
