package wire

import "testing"

func TestPercentDecodingLeavesPlusAlone(t *testing.T) {
	for in, want := range map[string]string{"": "", "a+b": "a+b", "a%2Bb+c": "a+b+c", "%": "%", "%4": "%4", "%zz%41": "%zzA", "%41%": "A%", "100%25": "100%", "%e4%BD%a0": "你"} {
		if got := UnescapePercent(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestUnescapingNeverFails(t *testing.T) {
	for in, want := range map[string]string{"": "", "a": "a", "a+b": "a b", "a%2Bb": "a+b", "%": "%", "%4": "%4", "%+41": "% 41", "%zz%41": "%zzA", "%%41": "%A", "%C3%a4": "ä"} {
		if got := Unescape(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
