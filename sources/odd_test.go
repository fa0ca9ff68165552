package sources_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/sources"
)

// odd are values of every kind, at places where clients send others.
var odd = []any{nil, "", "x", -1, 1e300, true, []any{}, []any{1, nil, "x", []any{}, map[string]any{}}, map[string]any{}, map[string]any{"a": map[string]any{"a": []any{}}}}

// Every value of every case's body, and every parameter of its query, is replaced by each of the odd ones in turn.
func TestOddValuesInTheCasesAreReadOrRefused(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	played := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, parts := sections(string(data))
		for _, d := range sources.Declared() {
			if !strings.HasPrefix(filepath.Base(file), d.Name+"_") {
				continue
			}
			all := open(t, d.Name+":", fuzzed)
			var body any
			if json.Unmarshal(parseHit(t, parts["hit"]).Body, &body) == nil {
				replaceEach(&body, func() {
					h := parseHit(t, parts["hit"])
					h.Body, _ = json.Marshal(body)
					sound(t, all, h)
					played++
				})
			}
			query, _ := url.ParseQuery(parseHit(t, parts["hit"]).Query)
			for name, values := range query {
				for _, v := range []string{"", "[", "[[]]", "[1,{}]", "{}", `{"a":[null]}`, "-1", "1e999", "%ff", "\x00"} {
					query.Set(name, v)
					h := parseHit(t, parts["hit"])
					h.Query = query.Encode()
					sound(t, all, h)
					played++
				}
				query[name] = values
			}
		}
	}
	if played < 1000 {
		t.Errorf("%d hits were played", played)
	}
}

// replaceEach replaces v, and each value in it, by each of the odd values, and calls then after each.
func replaceEach(v *any, then func()) {
	original := *v
	for _, *v = range odd {
		then()
	}
	*v = original
	switch inside := original.(type) {
	case []any:
		for i := range inside {
			replaceEach(&inside[i], then)
		}
	case map[string]any:
		for key, value := range inside {
			replaceEach(&value, func() { inside[key] = value; then() })
			inside[key] = value
		}
	}
}
