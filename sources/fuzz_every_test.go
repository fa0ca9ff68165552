package sources_test

import (
	"os"
	"path/filepath"
	"testing"

	"headgate/event"
	"headgate/sources"
)

// FuzzEveryProtocol sends everything to every protocol that is declared, each on by itself, with all cases for seeds.
func FuzzEveryProtocol(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		_, parts := sections(string(data))
		h := parseHit(f, parts["hit"])
		f.Add(h.Method, h.Path, h.Query, h.Headers.Get("content-type"), h.Body)
	}
	var every [][]sources.Source
	for _, d := range sources.Declared() {
		every = append(every, open(f, d.Name+":", fuzzed))
	}
	f.Fuzz(func(t *testing.T, method, path, query, contentType string, body []byte) {
		for _, one := range every {
			h := newHit(method, "", "")
			h.Path, h.Query, h.Body = path, query, body
			h.Headers = event.Headers{{Name: "content-type", Value: contentType}, {Name: "ce-id", Value: query}, {Name: "ce-type", Value: path},
				{Name: "ce-source", Value: "/"}, {Name: "ce-specversion", Value: "1.0"}}
			sound(t, one, h)
		}
	})
}
