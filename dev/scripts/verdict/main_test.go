package main

import (
	"strings"
	"testing"
)

func TestTheVerdictIsRedForFailuresSkipsAndSilence(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		ok             bool
	}{
		{"green", `{"Action":"run","Package":"p","Test":"A"}
{"Action":"output","Package":"p","Test":"A","Output":"noise\n"}
{"Action":"pass","Package":"p","Test":"A"}
{"Action":"pass","Package":"p","Elapsed":1.5}`, "ok    p                                   1.5s\n1 passed, 0 failed, 0 skipped\n", true},
		{"a failure comes with what it said", `{"Action":"output","Package":"p","Test":"A","Output":"want 2\n"}
{"Action":"fail","Package":"p","Test":"A"}
{"Action":"pass","Package":"p","Test":"B"}
{"Action":"fail","Package":"p"}`, "FAIL  p A\nwant 2\nFAIL  p \n1 passed, 1 failed, 0 skipped\n", false},
		{"what failed says why again at the end", `{"Action":"output","Package":"p","Test":"A","Output":"    a_test.go:7: want 2\n"}
{"Action":"output","Package":"p","Test":"A","Output":"    trial.go:61: said: much\n"}
{"Action":"fail","Package":"p","Test":"A"}
{"Action":"pass","Package":"p","Test":"B"}
{"Action":"fail","Package":"p"}`, "FAIL  p A\n    a_test.go:7: want 2\n    trial.go:61: said: much\nFAIL  p \nA: a_test.go:7: want 2\n1 passed, 1 failed, 0 skipped\n", false},
		{"a skip is red", `{"Action":"output","Package":"p","Test":"A","Output":"no database\n"}
{"Action":"skip","Package":"p","Test":"A"}
{"Action":"pass","Package":"p","Test":"B"}`, "SKIP  p A\nno database\n1 passed, 0 failed, 1 skipped\n", false},
		{"an allowed skip is not", `{"Action":"output","Package":"p","Test":"A","Output":"shared vectors are not there\n"}
{"Action":"skip","Package":"p","Test":"A"}
{"Action":"pass","Package":"p","Test":"B"}`, "1 passed, 0 failed, 0 skipped\n", true},
		{"a package without tests is no skip", `{"Action":"skip","Package":"q"}
{"Action":"pass","Package":"p","Test":"B"}`, "1 passed, 0 failed, 0 skipped\n", true},
		{"what does not build is red", `{"ImportPath":"p","Action":"build-output","Output":"undefined: x\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"pass","Package":"q","Test":"B"}`, "FAIL  p \nundefined: x\n1 passed, 1 failed, 0 skipped\n", false},
		{"no test at all is red", "starting\n", "starting\n0 passed, 0 failed, 0 skipped\n", false},
	} {
		var out strings.Builder
		ok, err := judge(strings.NewReader(c.in), &out, []string{"shared vectors"})
		if err != nil || ok != c.ok || out.String() != c.want {
			t.Errorf("%s: %v %v\n%s\nwant\n%s", c.name, ok, err, out.String(), c.want)
		}
	}
}
