package proxy

import (
	"fmt"
	"strings"
	"testing"

	"headgate/proxy/live"
)

func TestAllWhoWatchShareOneEncoding(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), "")
	const watchers = 300
	all := make([]<-chan live.Sighting, watchers)
	for i := range all {
		where := ""
		if i%2 == 1 {
			where = `name == "purchase"`
		}
		var err error
		if all[i], err = r.Live(t.Context(), where, false); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"page_view", "purchase"} {
		if status, said := r.post(t, "/e", fmt.Sprintf(`{"name":%q,"consent":{"analytics":true}}`, name)); status != 202 {
			t.Fatal(status, said)
		}
	}
	var first []byte
	for i, watcher := range all {
		s := <-watcher
		if i%2 == 0 {
			if s.Trace.Event.Name != "page_view" {
				t.Fatalf("watcher %d is shown %s first", i, s.Trace.Event.Name)
			}
			s = <-watcher
		}
		text, err := s.JSON()
		if err != nil || !strings.Contains(string(text), `"purchase"`) {
			t.Fatalf("watcher %d is shown %s, %v", i, text, err)
		}
		if first == nil {
			first = text
		}
		if &text[0] != &first[0] {
			t.Fatal("a trace is encoded more than once")
		}
	}
}

func TestWhoWatchesIsToldWhatIsTooLargeToShow(t *testing.T) {
	const tooLarge = 256 << 10
	r := start(t, t.TempDir(), newSink(t), "")
	seen, err := r.Live(t.Context(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, title := range []string{strings.Repeat("x", tooLarge), "short"} {
		if status, said := r.post(t, "/e", fmt.Sprintf(`{"name":"a","page":{"title":%q}}`, title)); status != 202 {
			t.Fatal(status, said)
		}
	}
	if s := <-seen; s.Lost != 1 || s.Trace.Event.Page.Title != "short" {
		t.Errorf("%d lost before %q", s.Lost, s.Trace.Event.Page.Title)
	}
}
