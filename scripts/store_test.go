package scripts

import (
	"os"
	"strings"
	"sync"
	"testing"
)

func TestTheCacheIsBounded(t *testing.T) {
	v := &vendor{answer: script("tag()")}
	folder := t.TempDir()
	s := open(t, folder, "scripts: {v: {path: /v.js, from: 'https://cdn.vendor.example/v.js', query: [v], needs: none}}", v)
	s.fetch.SetLimit(1e9)
	s.fetch.SetBurst(1e9)
	for i := range mostCopies + 50 {
		if a := get(s, "/v.js?v="+strings.Repeat("x", i%60)+string(rune('a'+i%26))+strings.Repeat("y", i/60), now); a.Status != 200 {
			t.Fatalf("%d", a.Status)
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) > mostOnDisk || s.store.slots.Len() > mostCopies {
		t.Errorf("%d files, %d slots, %v", len(files), s.store.slots.Len(), err)
	}
	held := 0
	for _, one := range s.store.slots.Values() {
		held += one.copy.held()
	}
	if held != s.store.held {
		t.Errorf("%d bytes are counted, %d are held", s.store.held, held)
	}
	s.fetch.SetLimit(0)
	s.fetch.SetBurst(0)
	if a := get(s, "/v.js?v=new", now); a.Status != 503 || a.header("retry-after") == "" {
		t.Errorf("%d over the limit", a.Status)
	}
}

func TestManyAtOnceFetchOnce(t *testing.T) {
	v := &vendor{answer: script("tag()")}
	s := open(t, "", "scripts: {v: {path: /v.js, from: 'https://cdn.vendor.example/v.js', needs: none}}", v)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if a := get(s, "/v.js", now); string(a.Body) != "tag()" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	all.Wait()
	if len(v.asked) != 1 {
		t.Errorf("fetched %d times", len(v.asked))
	}
}
