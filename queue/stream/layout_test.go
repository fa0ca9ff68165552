package stream

import (
	"strings"
	"testing"
)

func TestEachSubjectIsKeptByItsStream(t *testing.T) {
	for subject, want := range map[string]string{
		LogSubject("w.x"): Log, RetrySubject("w", "c"): Retries, DeadSubject("w", "c"): DeadLetters, GoneSubject("w", "c"): DeadLetters,
		StateSubject("w"): Checkpoints, LeaseSubject("w"): Leases, BoardSubject("t"): Board, "headgate.other.w": "",
	} {
		if got := Of(subject); got != want {
			t.Errorf("%s is kept by %q, want %q", subject, got, want)
		}
	}
}

func TestNamesOfAnySpellingFitInASubject(t *testing.T) {
	for _, name := range []string{"plain", "with.dot", "with space", "*", ">", "=2E", "ü", "~2"} {
		s := DeadSubject(name, "c."+name)
		if strings.ContainsAny(s, "*> ") || strings.Count(s, ".") != 3 {
			t.Errorf("%q becomes %s", name, s)
		}
		if got := Names(s); len(got) != 2 || got[0] != name || got[1] != "c."+name || LastName(s) != "c."+name {
			t.Errorf("%s is read as %q", s, got)
		}
	}
}
