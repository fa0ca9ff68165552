package sources_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"headgate/sources"
)

// many repeats a form with a number in it.
func many(n int, form string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, form, i)
	}
	return b.String()
}

// Each of these once took time in proportion to the square of its size, or memory far beyond it. One that does so again
// shows by its memory, or by a test that does not end.
func TestARequestMadeToBeExpensiveIsNot(t *testing.T) {
	keys := many(480, `,"k%d":1`)
	object := `{"name":"a"` + keys + `}`
	for _, c := range []struct{ name, target, body string }{
		{"wide objects", "/e", "[" + strings.Repeat(object+",", 150) + object + "]"},
		{"much shared by many events", "/e", `{"events":[` + strings.Repeat(`{"name":"a"},`, 490) + `{"name":"a"}]` + keys + `}`},
		{"much shared by many mp events", "/mp/collect", `{"events":[` + strings.Repeat(`{"name":"a"},`, 490) + `{"name":"a"}]` + keys + `}`},
		{"a large context of many calls", "/v1/b", `{"batch":[` + strings.Repeat(`{"type":"page"},`, 490) + `{"type":"page"}],"context":{"x":1` + keys + `,"traits":` + object + `}}`},
		{"much shared by many lines", "/g/collect?v=2&tid=G-EXAMPLE001&" + many(490, "k%d=%%41&"), strings.Repeat("en=a\n", 490)},
		{"much shared by many container events", "/data?" + many(490, "k%d=%%41&"), "[" + strings.Repeat("{},", 490) + "{}]"},
		{"many wide hits", "/matomo.php", `{"requests":[` + strings.Repeat(`{"idsite":1,"rec":1`+keys+`},`, 99) + `{}]}`},
		{"many wide queries", "/matomo.php", `{"requests":[` + strings.Repeat(`"?idsite=1&rec=1&`+many(490, "k%d=%%41&")+`",`, 100) + `""]}`},
		{"a query of many brackets", "/walkeros", `{"name":"a","data":` + strings.Repeat("[", 100000) + `}`},
		{"a wide container", "/data", `{"data_tag_custom_data":[` + many(16000, `{"name":"k%d","value":1},`) + `{}]}`},
		{"a path of many parts", "/e", `{"name":"a","params` + strings.Repeat(".a", 400000) + `":1}`},
		{"a name of many parts", "/e", `{"name":"a","x` + strings.Repeat(".a", 400000) + `":1}`},
		{"an item of many keys", "/g/collect?v=2&tid=G-EXAMPLE001&en=a", "pr1=" + many(100000, "%02x~")},
		{"contact data of many parts", "/g/collect?v=2&tid=G-EXAMPLE001&en=a", "em=" + many(100000, "x%d.1~")},
		{"nothing but escapes", "/g/collect?v=2&tid=G-EXAMPLE001&en=a", "ep.x=" + strings.Repeat("%41", 300000)},
		{"many small values", "/e", "[" + strings.Repeat("[],", 99000) + "1]"},
		{"too many values", "/e", "[" + strings.Repeat("1,", 500000) + "1]"},
		{"deep nesting", "/e", strings.Repeat("[", 1000000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHit("POST", c.target, c.body)
			s := claimant(t, open(t, "", sources.Limits{}), h)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _ = s.Read(h)
			runtime.ReadMemStats(&after)
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 64 {
				t.Errorf("%d MiB for a request of %d KiB", used, (len(c.target)+len(c.body))>>10)
			} else {
				t.Logf("%d MiB", used)
			}
		})
	}
}
