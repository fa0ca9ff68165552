package wire

import (
	"strings"
	"testing"
)

func TestPairsOfAQueryAreCutAsSent(t *testing.T) {
	var got []string
	for rest := "&a=1&&b&=c&d=e=f&g=%20&"; rest != ""; {
		var pair, name, value string
		pair, name, value, rest = CutPair(rest)
		got = append(got, pair+" "+name+":"+value)
	}
	if want := " :|a=1 a:1| :|b b:|=c :c|d=e=f d:e=f|g=%20 g:%20"; strings.Join(got, "|") != want {
		t.Errorf("%q, want %q", strings.Join(got, "|"), want)
	}
}

func TestAFilteredQueryKeepsItsPairsAsTheyAre(t *testing.T) {
	for in, want := range map[string]string{"": "", "a=1&b=2": "a=1", "b=2": "", "b=2&a=%20": "a=%20", "a&b&a=": "a&a=", "b&&a=1&": "&a=1&", "a=b=c": "a=b=c"} {
		got, some := FilterQuery(in, func(name string) bool { return name != "b" })
		if got != want || some != (in != "b=2") {
			t.Errorf("%q becomes %q (%v), want %q", in, got, some, want)
		}
	}
}
