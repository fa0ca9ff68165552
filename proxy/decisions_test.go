package proxy

import (
	"strings"
	"testing"
)

func TestWhatWasDecidedIsToldToNobodyWithoutTheKey(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), `
rules: [{name: leave searches out, when: name == "search", drop: true}]
`)
	const hit = `{"v":1,%s"c":{"g":{"analytics":true,"ads":false}},"e":[{"n":"page_view","i":"one"},{"n":"search","i":"two"}]}`
	for key, told := range map[string]bool{``: false, `"d":"another-key-than-that",`: false, `"d":"",`: false, `"d":"a-key-to-debug-with",`: true} {
		status, said := r.post(t, "/e", strings.Replace(hit, "%s", key, 1))
		if status != 202 || strings.Contains(said, "decisions") != told {
			t.Errorf("%q: %d %s", key, status, said)
		}
		for _, want := range []string{`"id":"one","name":"page_view","consent":{`, `"ads":"denied"`, `"dropped_by":"leave searches out"`, `"action":"`, `"because":"`} {
			if told && !strings.Contains(said, want) {
				t.Errorf("no %s in %s", want, said)
			}
		}
	}
}
